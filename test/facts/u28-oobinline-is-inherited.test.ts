/** U28: oobinline is inherited. */
import { overTransports } from '../support/facts';
import { text } from '../support/peer';

overTransports(
  'OOBINLINE of a listener is inherited by what it accepts',
  ({ socket, send, arrives }) => {
    socket.setOOBInline(true);
    send('ab', '!X');
    arrives(3);
    expect(text(socket)).toBe('ab');
    expect(text(socket)).toBe('X');
  },
);
