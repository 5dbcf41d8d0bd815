/** U18: oobinline set after arrival. */
import { overTransports } from '../support/facts';
import { text } from '../support/peer';

overTransports(
  'SO_OOBINLINE set after arrival brings the byte inline',
  ({ socket, send, waitForUrgent, arrives }) => {
    send('abc', '!X', 'def');
    waitForUrgent();
    socket.setOOBInline(true);
    expect(text(socket)).toBe('abc');
    arrives(4);
    expect(text(socket)).toBe('Xdef');
  },
);
