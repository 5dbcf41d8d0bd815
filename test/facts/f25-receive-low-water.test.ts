/** F25: receive low water. */
import { SELECT_READ, constants } from '../../lib/index';
import { overTransports } from '../support/facts';
import { atOnce, text } from '../support/peer';

const { SOL_SOCKET } = constants;

overTransports(
  'SO_RCVLOWAT hides little data from poll on TCP, not from a receive',
  ({ socket, isUnix, send, arrives }) => {
    socket.setOption(SOL_SOCKET, constants.SO_RCVLOWAT, 5);
    send('abc');
    arrives(3);
    expect(socket.poll(0, SELECT_READ)).toBe(isUnix);
    expect(atOnce(socket, () => text(socket))).toBe('abc');
  },
);
