/** F11: bytes before a reset stay. */
import { SELECT_ERROR } from '../../lib/index';
import { overTransports } from '../support/facts';

overTransports(
  'what came before a reset is received first',
  ({ socket, send, arrives, reset, now }) => {
    send('abc');
    arrives(3);
    reset();
    expect(socket.poll(5000, SELECT_ERROR)).toBe(true);
    expect(now()).toBe('abc');
    expect(now()).toBe('ECONNRESET');
    expect(now()).toBe(0);
  },
  ['tcp4', 'tcp6'],
);
