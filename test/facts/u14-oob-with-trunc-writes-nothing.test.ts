/** U14: oob with trunc writes nothing. */
import { constants } from '../../lib/index';
import { overTransports } from '../support/facts';

const { MSG_OOB, MSG_TRUNC } = constants;

overTransports(
  'MSG_OOB | MSG_TRUNC gives 1 and writes nothing',
  ({ socket, send, waitForUrgent }) => {
    send('!X');
    waitForUrgent();
    const buffer = Buffer.from('..');
    expect(socket.receiveBytes(buffer, MSG_OOB | MSG_TRUNC)).toBe(1);
    expect(buffer.toString()).toBe('..');
  },
  ['tcp4', 'tcp6'],
);
