/** F7: peek offset. */
import { constants } from '../../lib/index';
import { overTransports } from '../support/facts';
import { text } from '../support/peer';

const { MSG_PEEK, SOL_SOCKET } = constants;

overTransports('SO_PEEK_OFF lets peeks go on', ({ socket, send, arrives }) => {
  socket.setOption(SOL_SOCKET, constants.SO_PEEK_OFF ?? -1, 0);
  send('abcdefgh');
  arrives(8);
  expect([text(socket, MSG_PEEK, 3), text(socket, MSG_PEEK, 3)]).toEqual(['abc', 'def']);
  expect(text(socket, 0, 2)).toBe('ab');
  expect(socket.getOption(SOL_SOCKET, constants.SO_PEEK_OFF ?? -1)).toBe(4);
});
