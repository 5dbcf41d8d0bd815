/** F20: connecting again. */
import { SELECT_WRITE, ServerSocket, StreamSocket, constants } from '../../lib/index';
import * as raw from '../../lib/raw';
import { outcome } from '../support/peer';

test('a nonblocking connect is told once more, then EISCONN; a pending one is EALREADY', () => {
  const server = new ServerSocket();
  server.bind('127.0.0.1:0');
  server.listen(0);
  const socket = new StreamSocket();
  socket.connectNB(server.address());
  expect(socket.poll(5000, SELECT_WRITE)).toBe(true);
  const address = server.address().addr();
  expect(raw.connect(socket.sockfd(), address)).toBe(0);
  expect(raw.connect(socket.sockfd(), address)).toBe(-constants.EISCONN);
  const pending = new StreamSocket();
  pending.connectNB(server.address());
  expect(
    outcome(() => {
      pending.connectNB(server.address());
    }),
  ).toBe('EALREADY');
  for (const one of [server, socket, pending]) one.close();
});
