/** U2: a receive stops before the mark. */
import { overTransports } from '../support/facts';
import { text } from '../support/peer';

overTransports(
  'a receive stops before the mark, also when the urgent byte was taken',
  ({ socket, send, urgent, waitForUrgent }) => {
    send('abc', '!X', 'def');
    waitForUrgent();
    expect(urgent()).toBe('X');
    expect(text(socket)).toBe('abc');
    expect(text(socket)).toBe('def');
  },
);
