/** F27: tcp options are rounded. */
import { StreamSocket, constants } from '../../lib/index';
import { outcome } from '../support/peer';

test('TCP_DEFER_ACCEPT is rounded, TCP_MAXSEG has a least', () => {
  const socket = new StreamSocket('ipv4');
  const { IPPROTO_TCP, TCP_DEFER_ACCEPT = -1, TCP_MAXSEG } = constants;
  socket.setOption(IPPROTO_TCP, TCP_DEFER_ACCEPT, 10);
  expect(socket.getOption(IPPROTO_TCP, TCP_DEFER_ACCEPT)).toBeGreaterThanOrEqual(10);
  expect(
    outcome(() => {
      socket.setOption(IPPROTO_TCP, TCP_MAXSEG, 1);
    }),
  ).toBe('EINVAL');
  socket.close();
});
