/** U22: fionread counts to the mark. */
import { overTransports } from '../support/facts';

overTransports(
  'FIONREAD counts up to the mark on TCP, everything on Unix',
  ({ socket, isUnix, send, waitForUrgent }) => {
    send('abc', '!X', 'def');
    waitForUrgent();
    expect(socket.available()).toBe(isUnix ? 7 : 3);
  },
);
