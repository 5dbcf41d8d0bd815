/** U26: tcp stdurg moves the mark. */
import { run } from '../support/child';
import { canUnshare, inNamespace } from '../support/namespace';

(canUnshare ? test : test.skip)(
  '(needs a network namespace): tcp_stdurg=1 moves the mark by one',
  () => {
    const { stdout } = run(
      `function main() {
      const server = new ServerSocket('127.0.0.1:0');
      const client = new StreamSocket(server.address());
      const accepted = server.acceptConnection();
      client.sendBytes('abX', constants.MSG_OOB);
      client.sendBytes('Ycd');
      accepted.poll(5000, bsd.SELECT_URGENT);
      console.log(String.fromCharCode(accepted.receiveUrgent()));
      process.exit();
    }`,
      inNamespace('echo 1 > /proc/sys/net/ipv4/tcp_stdurg'),
    );
    expect(stdout).toBe('Y\n');
  },
);
