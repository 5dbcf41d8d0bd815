/** U4: announced but not here is eagain. */
import { constants } from '../../lib/index';
import { overTransports } from '../support/facts';

const { POLLPRI } = constants;

overTransports(
  'announced urgent data is EAGAIN, also on a blocking socket, and poll does not tell it',
  ({ socket, announce, oob, events }) => {
    announce();
    expect(oob()).toBe(-constants.EAGAIN);
    expect(socket.receiveUrgent()).toBeNull();
    expect(events() & POLLPRI).toBe(0);
  },
  ['tcp4', 'tcp6'],
);
