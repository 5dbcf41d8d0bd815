/** F19: writable again after draining. */
import { SELECT_WRITE } from '../../lib/index';
import { overTransports } from '../support/facts';
import { fill } from '../support/peer';

overTransports('POLLOUT comes back after draining', ({ socket, peer }) => {
  const queued = fill(socket);
  expect(socket.poll(0, SELECT_WRITE)).toBe(false);
  peer.start(`s.recv(${String(queued)}, socket.MSG_WAITALL)`);
  expect(socket.poll(5000, SELECT_WRITE)).toBe(true);
  peer.finish();
});
