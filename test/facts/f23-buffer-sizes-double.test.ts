/** F23: buffer sizes double. */
import { StreamSocket } from '../../lib/index';

test('buffer sizes are doubled, and have a least', () => {
  const socket = new StreamSocket('ipv4');
  socket.setSendBufferSize(50_000);
  expect(socket.getSendBufferSize()).toBe(100_000);
  socket.setSendBufferSize(0);
  expect(socket.getSendBufferSize()).toBeGreaterThan(1000);
  socket.close();
});
