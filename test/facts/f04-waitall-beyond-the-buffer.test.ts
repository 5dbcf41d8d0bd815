/** F4: waitall beyond the buffer. */
import { constants } from '../../lib/index';
import { overTransports } from '../support/facts';

const { MSG_WAITALL } = constants;

overTransports('MSG_WAITALL of more than the receive buffer holds works', ({ socket, peer }) => {
  socket.setReceiveTimeout(5000);
  socket.setReceiveBufferSize(32768);
  peer.start("s.sendall(b'x' * 400000)");
  expect(socket.receiveBytes(Buffer.alloc(400_000), MSG_WAITALL)).toBe(400_000);
  peer.finish();
});
