/** U9: a byte inside data becomes data. */
import { constants } from '../../lib/index';
import { overTransports, until } from '../support/facts';
import { outcome, text } from '../support/peer';

const { MSG_OOB, MSG_PEEK } = constants;

overTransports(
  'an urgent byte inside data, then another: the first becomes data at its place',
  ({ socket, send, now, urgent }) => {
    send('abc', '!X', 'de', '!Y', 'fg');
    until(() => outcome(() => text(socket, MSG_OOB | MSG_PEEK)) === 'Y');
    expect(urgent()).toBe('Y');
    expect(now()).toBe('abcXde');
    expect(now()).toBe('fg');
  },
);
