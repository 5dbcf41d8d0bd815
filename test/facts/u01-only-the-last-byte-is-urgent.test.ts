/** U1: only the last byte is urgent. */
import { constants } from '../../lib/index';
import { PATIENCE, overTransports } from '../support/facts';

const { MSG_OOB } = constants;
const isUrgent = `select.select([], [], [s], ${PATIENCE / 1000})[2] == [s]`;

overTransports(
  'of several bytes sent with MSG_OOB only the last is urgent',
  ({ send, now, urgent, waitForUrgent }) => {
    send('!abcX');
    waitForUrgent();
    expect(urgent()).toBe('X');
    expect(now()).toBe('abc');
  },
);

overTransports('sendUrgent and MSG_OOB reach a Python receiver', ({ socket, peer }) => {
  expect(socket.sendBytes('abcX', MSG_OOB)).toBe(4);
  expect(peer.run(isUrgent)).toBe(true);
  expect(peer.run('s.recv(9, socket.MSG_OOB)')).toBe('X');
  expect(peer.run('s.recv(9)')).toBe('abc');
  expect(socket.sendUrgent(0x59)).toBe(1);
  expect(peer.run(isUrgent)).toBe(true);
  expect(peer.run('s.recv(9, socket.MSG_OOB)')).toBe('Y');
});
