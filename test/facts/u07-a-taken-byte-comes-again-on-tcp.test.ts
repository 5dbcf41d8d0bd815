/** U7: a taken byte comes again on tcp. */
import { overTransports } from '../support/facts';

overTransports(
  'an urgent byte taken before a second one came, on TCP comes again as data',
  ({ isUnix, send, now, urgent, waitForUrgent }) => {
    send('abc', '!X');
    waitForUrgent();
    expect(urgent()).toBe('X');
    send('de', '!Y', 'fg');
    waitForUrgent();
    expect(urgent()).toBe('Y');
    expect(now()).toBe(isUnix ? 'abc' : 'abcXde');
    expect(now()).toBe(isUnix ? 'de' : 'fg');
  },
);
