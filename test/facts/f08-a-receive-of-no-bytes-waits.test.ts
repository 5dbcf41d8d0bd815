/** F8: a receive of no bytes waits. */
import { constants } from '../../lib/index';
import { overTransports } from '../support/facts';
import { atOnce, text } from '../support/peer';

const { EAGAIN } = constants;

overTransports(
  'a receive of 0 bytes waits for data; at the timeout TCP says 0, Unix EAGAIN',
  ({ socket, isUnix, send, arrives, raws }) => {
    socket.setReceiveTimeout(100);
    expect(raws(0, 0)).toBe(isUnix ? -EAGAIN : 0);
    expect(atOnce(socket, () => raws(0, 0))).toBe(-EAGAIN);
    send('a');
    arrives(1);
    expect(raws(0, 0)).toBe(0);
    expect(text(socket)).toBe('a');
  },
);
