/** U17: where the mark is told. */
import { overTransports } from '../support/facts';
import { text } from '../support/peer';

overTransports(
  'the mark is told from where it is reached until a receive passes it',
  ({ socket, send, urgent, waitForUrgent }) => {
    send('abc', '!X', 'def');
    waitForUrgent();
    expect(socket.atUrgentMark()).toBe(false);
    expect(text(socket)).toBe('abc');
    expect(socket.atUrgentMark()).toBe(true);
    expect(urgent()).toBe('X');
    expect(socket.atUrgentMark()).toBe(true);
    expect(text(socket)).toBe('def');
    expect(socket.atUrgentMark()).toBe(false);
  },
);
