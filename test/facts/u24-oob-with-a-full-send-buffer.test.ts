/** U24: oob with a full send buffer. */
import { WOULD_BLOCK } from '../../lib/index';
import { overTransports, until } from '../support/facts';

overTransports('with a full send buffer sendUrgent would block', ({ socket }) => {
  socket.setBlocking(false);
  const block = Buffer.alloc(65536);
  // What the peer's kernel acknowledges late makes room again.
  until(() => {
    while (socket.sendBytes(block) !== WOULD_BLOCK);
    return socket.sendUrgent(1) === WOULD_BLOCK && socket.sendUrgent(1) === WOULD_BLOCK;
  });
});
