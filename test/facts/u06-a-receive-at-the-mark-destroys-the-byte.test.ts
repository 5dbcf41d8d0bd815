/** U6: a receive at the mark destroys the byte. */
import { SELECT_URGENT, WOULD_BLOCK, constants } from '../../lib/index';
import { overTransports } from '../support/facts';
import { outcome, text } from '../support/peer';

const { MSG_OOB } = constants;

overTransports(
  'a receive at the mark passes it, and the urgent byte is gone',
  ({ socket, send, now, waitForUrgent }) => {
    send('ab', '!X');
    waitForUrgent();
    expect(text(socket)).toBe('ab');
    expect(now()).toBe(WOULD_BLOCK);
    expect(outcome(() => text(socket, MSG_OOB))).toBe('EINVAL');
    expect(socket.poll(0, SELECT_URGENT)).toBe(false);
  },
);
