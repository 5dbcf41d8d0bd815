/** U10: a blocked receive swallows a lone byte. */
import { constants } from '../../lib/index';
import { overTransports } from '../support/facts';
import { outcome, text } from '../support/peer';

const { MSG_OOB } = constants;

overTransports(
  'a receive that is blocked when a lone urgent byte comes swallows it',
  ({ socket, peer }) => {
    socket.setReceiveTimeout(1000);
    peer.start(`wait_until_blocked(${process.pid}); s.send(b'X', socket.MSG_OOB)`);
    expect(outcome(() => text(socket))).toBe('ETIMEDOUT');
    peer.finish();
    expect(outcome(() => text(socket, MSG_OOB))).toBe('EINVAL');
  },
);

overTransports('readToMark waits for both, and keeps the byte', ({ socket, peer, urgent }) => {
  peer.start(`wait_until_blocked(${process.pid}, 7); s.send(b'X', socket.MSG_OOB)`);
  expect(socket.readToMark(Buffer.alloc(8))).toEqual({ bytes: 0, atMark: true });
  peer.finish();
  expect(urgent()).toBe('X');
});
