/** U12: receives of no bytes. */
import { constants } from '../../lib/index';
import { overTransports } from '../support/facts';
import { outcome, text } from '../support/peer';

const { MSG_DONTWAIT, MSG_OOB, MSG_PEEK } = constants;

overTransports(
  'a receive of 0 bytes at the mark keeps the byte, one with MSG_OOB destroys it',
  ({ socket, isUnix, send, now, waitForUrgent }) => {
    send('ab', '!X', 'c');
    waitForUrgent();
    expect(now()).toBe('ab');
    const nothing = Buffer.alloc(0);
    // Would-block until the c behind the mark is here.
    while (socket.receiveBytes(nothing, MSG_DONTWAIT) !== 0);
    expect(text(socket, MSG_OOB | MSG_PEEK)).toBe('X');
    expect(socket.receiveBytes(nothing, MSG_OOB)).toBe(isUnix ? 1 : 0);
    expect(outcome(() => text(socket, MSG_OOB))).toBe('EINVAL');
  },
);
