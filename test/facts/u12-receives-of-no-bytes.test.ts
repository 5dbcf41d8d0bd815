/** U12: receives of no bytes. (CPython makes no call for them, so its socket cannot show this.) */
import { constants } from '../../lib/index';
import { overTransports, until } from '../support/facts';
import { atOnce } from '../support/peer';

const { MSG_OOB } = constants;
const nothing = Buffer.alloc(0);

overTransports(
  'a receive of 0 bytes at the mark keeps the byte on TCP, and destroys it on Unix',
  ({ socket, isUnix, send, now, urgent, waitForUrgent }) => {
    send('ab', '!X', 'c');
    waitForUrgent();
    expect(now()).toBe('ab');
    // Would-block until the c behind the mark is here.
    until(() => atOnce(socket, () => socket.receiveBytes(nothing)) === 0);
    expect(urgent()).toBe(isUnix ? null : 'X');
  },
);

overTransports(
  'a receive of 0 bytes with MSG_OOB destroys it; Unix says that it was 1',
  ({ socket, isUnix, send, urgent, waitForUrgent }) => {
    send('!X');
    waitForUrgent();
    expect(socket.receiveBytes(nothing, MSG_OOB)).toBe(isUnix ? 1 : 0);
    expect(urgent()).toBeNull();
  },
);
