/** U21: sigurg once for each. */
import { run } from '../support/child';

test('SIGURG comes once for each urgent byte, after F_SETOWN', () => {
  const { stdout } = run(`function main() {
    let count = 0;
    const server = new ServerSocket('127.0.0.1:0');
    const client = new StreamSocket(server.address());
    const accepted = server.acceptConnection();
    process.on('SIGURG', () => {
      console.log(++count);
      if (count === 2) process.exit();
      client.sendUrgent(2);
    });
    setTimeout(() => process.exit(1), 10000);
    raw.fcntl(accepted.sockfd(), constants.F_SETOWN, process.pid);
    setImmediate(() => client.sendUrgent(1));
  }`);
  expect(stdout).toBe('1\n2\n');
});
