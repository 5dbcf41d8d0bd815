/** U13: oob with peek waitall and msg flags. */
import { constants } from '../../lib/index';
import { overTransports } from '../support/facts';
import { outcome, text } from '../support/peer';

const { MSG_OOB, MSG_PEEK, MSG_WAITALL } = constants;

overTransports(
  'MSG_OOB with MSG_PEEK repeats; with MSG_WAITALL gives 1; msg_flags says MSG_OOB',
  ({ socket, send, waitForUrgent }) => {
    send('!X');
    waitForUrgent();
    expect(text(socket, MSG_OOB | MSG_PEEK)).toBe('X');
    expect(text(socket, MSG_OOB | MSG_PEEK)).toBe('X');
    const message = socket.receiveMessage({
      buffers: [Buffer.alloc(4)],
      flags: MSG_OOB | MSG_PEEK,
    });
    expect(message.bytes).toBe(1);
    expect(message.flags & MSG_OOB).toBe(MSG_OOB);
    expect(text(socket, MSG_OOB | MSG_WAITALL)).toBe('X');
    expect(outcome(() => text(socket, MSG_OOB))).toBe('EINVAL');
  },
);
