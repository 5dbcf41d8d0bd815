/** F26: linger reads back normalized. */
import { StreamSocket, constants } from '../../lib/index';
import { outcome } from '../support/peer';

test('SO_LINGER reads back any on as 1; negative seconds are refused before the call', () => {
  const socket = new StreamSocket('ipv4');
  socket.setOption(constants.SOL_SOCKET, constants.SO_LINGER, Int32Array.of(7, 3));
  expect([
    ...new Int32Array(
      new Uint8Array(socket.getOption(constants.SOL_SOCKET, constants.SO_LINGER, 'bytes', 8))
        .buffer,
    ),
  ]).toEqual([1, 3]);
  expect(
    outcome(() => {
      socket.setLinger(true, -1);
    }),
  ).toBe('ERR_OUT_OF_RANGE');
  socket.close();
});
