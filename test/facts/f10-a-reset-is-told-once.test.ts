/** F10: a reset is told once. */
import { SELECT_ERROR } from '../../lib/index';
import { overTransports } from '../support/facts';

overTransports(
  'ECONNRESET, then 0; reading SO_ERROR first makes a reset look like an end',
  ({ socket, reset, now }) => {
    reset();
    expect(socket.poll(5000, SELECT_ERROR)).toBe(true);
    expect(now()).toBe('ECONNRESET');
    expect(now()).toBe(0);
    expect(socket.getError()).toBeNull();
  },
);

overTransports('SO_ERROR read first: then a receive gives 0', ({ socket, reset, now }) => {
  reset();
  expect(socket.poll(5000, SELECT_ERROR)).toBe(true);
  expect(socket.getError()?.code).toBe('ECONNRESET');
  expect(now()).toBe(0);
});
