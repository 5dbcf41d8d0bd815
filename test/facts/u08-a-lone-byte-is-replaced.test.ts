/** U8: a lone byte is replaced. */
import { WOULD_BLOCK, constants } from '../../lib/index';
import { overTransports, until } from '../support/facts';
import { text } from '../support/peer';

const { MSG_OOB, MSG_PEEK } = constants;

overTransports(
  'an urgent byte alone, then another: the first is lost on TCP, data on Unix',
  ({ socket, isUnix, send, now, urgent, waitForUrgent }) => {
    send('!X');
    waitForUrgent();
    send('!Y');
    const arrived = (): boolean => text(socket, MSG_OOB | MSG_PEEK) === 'Y';
    until(arrived);
    expect(urgent()).toBe('Y');
    expect(now()).toBe(isUnix ? 'X' : WOULD_BLOCK);
  },
);
