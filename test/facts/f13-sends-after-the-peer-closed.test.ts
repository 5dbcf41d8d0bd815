/** F13: sends after the peer closed. */
import { constants } from '../../lib/index';
import { overTransports, pollFor, until } from '../support/facts';
import { outcome } from '../support/peer';

const { POLLHUP, POLLIN, POLLERR } = constants;

overTransports(
  'after the peer closed, a send ends in EPIPE',
  ({ socket, peer, isUnix, events }) => {
    peer.run('s.close()');
    pollFor(socket, POLLIN);
    if (!isUnix) {
      expect(socket.sendBytes('x')).toBe(1);
      pollFor(socket, POLLERR | POLLHUP);
      until(() => (events() & POLLHUP) !== 0);
    }
    expect(outcome(() => socket.sendBytes('x'))).toBe('EPIPE');
  },
);
