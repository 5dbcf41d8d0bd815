/** U16: poll with only an urgent byte. */
import { SELECT_READ, constants } from '../../lib/index';
import { overTransports } from '../support/facts';

const { POLLIN, POLLOUT, POLLPRI } = constants;

overTransports(
  'with only an urgent byte poll says PRI, on Unix IN too',
  ({ socket, isUnix, send, waitForUrgent, events }) => {
    send('!X');
    waitForUrgent();
    expect(events()).toBe(POLLPRI | POLLOUT | (isUnix ? POLLIN : 0));
    expect(socket.poll(0, SELECT_READ)).toBe(isUnix);
  },
);
