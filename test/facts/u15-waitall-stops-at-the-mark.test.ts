/** U15: waitall stops at the mark. */
import { constants } from '../../lib/index';
import { overTransports } from '../support/facts';
import { text } from '../support/peer';

const { MSG_WAITALL } = constants;

overTransports(
  'MSG_WAITALL stops at the mark, and a waiting one returns when urgent data comes',
  ({ socket, peer, send, urgent, waitForUrgent }) => {
    send('ab', '!X', 'cdef');
    waitForUrgent();
    expect(text(socket, MSG_WAITALL, 6)).toBe('ab');
    expect(text(socket, MSG_WAITALL, 4)).toBe('cdef');
    send('gh');
    peer.start(`wait_until_blocked(${process.pid}); s.send(b'Y', socket.MSG_OOB)`);
    expect(text(socket, MSG_WAITALL, 6)).toBe('gh');
    peer.finish();
    expect(urgent()).toBe('Y');
  },
);
