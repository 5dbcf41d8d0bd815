/** U11: peek at the mark looks behind it. */
import { constants } from '../../lib/index';
import { overTransports, until } from '../support/facts';

const { MSG_PEEK } = constants;

overTransports(
  'MSG_PEEK at the mark shows what is behind it, and keeps the mark',
  ({ socket, send, now, urgent, waitForUrgent, arrives }) => {
    send('ab', '!X', 'cd');
    waitForUrgent();
    arrives(2);
    expect(now()).toBe('ab');
    until(() => now(MSG_PEEK) === 'cd');
    expect(socket.atUrgentMark()).toBe(true);
    expect(urgent()).toBe('X');
    expect(now()).toBe('cd');
  },
);
