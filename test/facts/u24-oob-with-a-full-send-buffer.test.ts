/** U24: oob with a full send buffer. */
import { WOULD_BLOCK } from '../../lib/index';
import { overTransports } from '../support/facts';

overTransports('with a full send buffer sendUrgent would block', ({ socket }) => {
  socket.setBlocking(false);
  const block = Buffer.alloc(65536);
  while (socket.sendBytes(block) !== WOULD_BLOCK);
  expect(socket.sendUrgent(1)).toBe(WOULD_BLOCK);
  expect(socket.sendUrgent(1)).toBe(WOULD_BLOCK);
});
