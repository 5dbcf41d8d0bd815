/** F3: eintr with a receive timeout. */
import { run } from '../support/child';

test('with SO_RCVTIMEO a signal is EINTR for the raw call', () => {
  const { stdout } = run(`function main() {
    const server = new ServerSocket('127.0.0.1:0');
    const client = new StreamSocket(server.address());
    client.setReceiveTimeout(5000);
    signalWhenBlocked(45, 1);
    console.log(raw.recv(client.sockfd(), Buffer.alloc(10), 0, 10, 0) === -constants.EINTR);
    process.exit();
  }`);
  expect(stdout).toBe('true\n');
});
