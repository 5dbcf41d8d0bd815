/** F30: a broken pipe does not kill. */
import { run } from '../support/child';

test('with the default of SIGPIPE a broken pipe is EPIPE, and the process lives', () => {
  const { stdout } = run(
    `function main() {
      const server = new ServerSocket('127.0.0.1:0');
      const socket = new StreamSocket(server.address());
      socket.shutdownSend();
      console.log(raw.send(socket.sockfd(), Buffer.alloc(1), 0, 1, 0) === -constants.EPIPE);
      process.exit();
    }`,
    ['env', '--default-signal=PIPE'],
  );
  expect(stdout).toBe('true\n');
});
