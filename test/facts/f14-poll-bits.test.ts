/** F14: poll bits. */
import { ServerSocket, StreamSocket, constants } from '../../lib/index';
import { overTransports, pollEvents, pollFor } from '../support/facts';

const { POLLHUP, POLLIN, POLLOUT, POLLRDHUP } = constants as Required<typeof constants>;

overTransports('poll at the end of the stream', ({ socket, peer, events }) => {
  peer.run('s.shutdown(socket.SHUT_WR)');
  pollFor(socket, POLLRDHUP);
  expect(events()).toBe(POLLIN | POLLOUT | POLLRDHUP);
  socket.shutdownSend();
  expect(events() & POLLHUP).toBe(POLLHUP);
});

test('poll of a fresh TCP socket says OUT | HUP, of an idle listener nothing', () => {
  const fresh = new StreamSocket('ipv4');
  const server = new ServerSocket('127.0.0.1:0');
  expect([pollEvents(fresh.sockfd()), pollEvents(server.sockfd())]).toEqual([POLLOUT | POLLHUP, 0]);
  fresh.close();
  server.close();
});
