/** F19: writable again after draining. */
import { SELECT_WRITE, constants } from '../../lib/index';
import { overTransports } from '../support/facts';

const { MSG_DONTWAIT } = constants;

overTransports('POLLOUT comes back after draining', ({ socket, peer }) => {
  const data = Buffer.alloc(65536);
  let queued = 0;
  for (let n; (n = socket.sendBytes(data, MSG_DONTWAIT)) > 0;) queued += n;
  expect(socket.poll(0, SELECT_WRITE)).toBe(false);
  peer.start(`s.recv(${String(queued)}, socket.MSG_WAITALL)`);
  expect(socket.poll(5000, SELECT_WRITE)).toBe(true);
  peer.finish();
});
