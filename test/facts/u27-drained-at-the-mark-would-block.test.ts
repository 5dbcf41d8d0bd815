/** U27: drained at the mark would block. */
import { constants } from '../../lib/index';
import { pollFor } from '../support/facts';
import { atOnce, localPair, text, transports } from '../support/peer';

const { POLLPRI } = constants;

test.each(transports)(
  '%s: at the mark, with the byte taken and all drained, a receive would block',
  (transport) => {
    const [client, accepted] = localPair(transport);
    client.sendBytes('ab');
    client.sendUrgent(88);
    pollFor(accepted, POLLPRI);
    expect(accepted.receiveUrgent()).toBe(88);
    expect(text(accepted)).toBe('ab');
    expect(accepted.readToMark(Buffer.alloc(8))).toEqual({ bytes: 0, atMark: true });
    expect(atOnce(accepted, () => text(accepted))).toBe(-1);
    client.close();
    accepted.close();
  },
);
