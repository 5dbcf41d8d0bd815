/** U20: urgent data and the end of the stream. */
import { constants } from '../../lib/index';
import { overTransports } from '../support/facts';
import { outcome, text } from '../support/peer';

const { MSG_OOB } = constants;

overTransports(
  'at the end of the stream the byte is there until data and end were received',
  ({ socket, peer, send, urgent, waitForUrgent }) => {
    send('ab', '!X');
    peer.run('s.shutdown(socket.SHUT_WR)');
    waitForUrgent();
    expect(text(socket)).toBe('ab');
    expect(urgent()).toBe('X');
    expect(text(socket)).toBe(0);
    expect(outcome(() => text(socket, MSG_OOB))).toBe('EINVAL');
  },
);

overTransports(
  'when data and end were received first, it is gone',
  ({ socket, peer, send, waitForUrgent }) => {
    send('ab', '!X');
    peer.run('s.shutdown(socket.SHUT_WR)');
    waitForUrgent();
    expect(text(socket)).toBe('ab');
    expect(text(socket)).toBe(0);
    expect(outcome(() => text(socket, MSG_OOB))).toBe('EINVAL');
  },
);
