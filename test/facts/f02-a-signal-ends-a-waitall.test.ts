/** F2: a signal ends a waitall. */
import { run } from '../support/child';

test('a signal ends a MSG_WAITALL that has something, though SA_RESTART is set', () => {
  const { stdout } = run(`function main() {
    const server = new ServerSocket('127.0.0.1:0');
    const client = new StreamSocket(server.address());
    const accepted = server.acceptConnection();
    accepted.sendBytes('abc');
    signalWhenBlocked(45, 1);
    console.log(raw.recv(client.sockfd(), Buffer.alloc(10), 0, 10, constants.MSG_WAITALL));
    process.exit();
  }`);
  expect(stdout).toBe('3\n');
});
