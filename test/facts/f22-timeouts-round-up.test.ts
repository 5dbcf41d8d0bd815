/** F22: timeouts round up. */
import { overTransports } from '../support/facts';

overTransports('the receive timeout is rounded up, never down', ({ socket }) => {
  for (const timeout of [0.001, 1.5, 250, 999.999]) {
    socket.setReceiveTimeout(timeout);
    expect(socket.getReceiveTimeout()).toBeGreaterThanOrEqual(timeout);
    expect(socket.getReceiveTimeout()).toBeLessThan(timeout + 20);
  }
});
