/** U10b: reading by poll keeps the byte on tcp. */
import { WOULD_BLOCK, constants } from '../../lib/index';
import { overTransports } from '../support/facts';

const { POLLIN } = constants;

overTransports(
  'who receives only when poll says IN keeps the byte on TCP, and loses it on Unix',
  ({ socket, isUnix, send, waitForUrgent, now, events }) => {
    send('ab', '!X');
    waitForUrgent();
    const seen: unknown[] = [];
    while ((events() & POLLIN) !== 0) seen.push(now());
    expect(seen).toEqual(isUnix ? ['ab', WOULD_BLOCK] : ['ab']);
    expect(socket.receiveUrgent()).toBe(isUnix ? null : 0x58);
  },
);
