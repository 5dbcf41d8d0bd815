/** U3: no urgent byte is einval. */
import { SELECT_READ, constants } from '../../lib/index';
import { overTransports } from '../support/facts';
import { outcome, text } from '../support/peer';

const { MSG_OOB } = constants;

overTransports(
  'MSG_OOB without an urgent byte is EINVAL, at once; receiveUrgent gives null',
  ({ socket, send, waitForUrgent }) => {
    expect(outcome(() => text(socket, MSG_OOB))).toBe('EINVAL');
    send('abc');
    expect(socket.poll(5000, SELECT_READ)).toBe(true);
    expect(outcome(() => text(socket, MSG_OOB))).toBe('EINVAL');
    send('!X');
    waitForUrgent();
    socket.setOOBInline(true);
    expect(outcome(() => text(socket, MSG_OOB))).toBe('EINVAL');
    expect(socket.receiveUrgent()).toBeNull();
  },
);
