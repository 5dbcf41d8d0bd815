/** F21: a reset before accept. */
import { ServerSocket, StreamSocket } from '../../lib/index';
import { outcome, text } from '../support/peer';

test('a client that reset before accept: accepted, then ECONNRESET and no address', () => {
  const server = new ServerSocket('127.0.0.1:0');
  const client = new StreamSocket(server.address());
  client.setLinger(true, 0);
  client.close();
  const accepted = server.acceptConnection();
  expect(outcome(() => accepted?.peerAddress())).toBe('ENOTCONN');
  expect(outcome(() => accepted && text(accepted))).toBe('ECONNRESET');
  accepted?.close();
  server.close();
});
