/** F1: waitall ends short. */
import { WOULD_BLOCK, constants } from '../../lib/index';
import { overTransports } from '../support/facts';
import { outcome, text } from '../support/peer';

const { MSG_DONTWAIT, MSG_WAITALL } = constants;

overTransports(
  'MSG_WAITALL ends short at timeout, O_NONBLOCK, MSG_DONTWAIT and end of stream',
  ({ socket, peer, send, arrives }) => {
    socket.setReceiveTimeout(100);
    send('abc');
    arrives(3);
    expect(text(socket, MSG_WAITALL, 10)).toBe('abc');
    expect(outcome(() => text(socket, MSG_WAITALL, 10))).toBe('ETIMEDOUT');
    send('abc');
    arrives(3);
    expect(text(socket, MSG_WAITALL | MSG_DONTWAIT, 10)).toBe('abc');
    expect(text(socket, MSG_WAITALL | MSG_DONTWAIT, 10)).toBe(WOULD_BLOCK);
    send('abc');
    peer.run('s.shutdown(socket.SHUT_WR)');
    expect(text(socket, MSG_WAITALL, 10)).toBe('abc');
    expect(text(socket, MSG_WAITALL, 10)).toBe(0);
  },
);
