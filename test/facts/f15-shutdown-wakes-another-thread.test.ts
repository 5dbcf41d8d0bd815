/** F15: shutdown wakes another thread. */
import { constants } from '../../lib/index';
import { whileBlocked } from '../support/child';

const recv = 'raw.recv(client, Buffer.alloc(8), 0, 8, 0)';

test('shutdown of the receiving side wakes a receive with 0', () => {
  expect(whileBlocked(recv, 45, 'raw.shutdown(client, constants.SHUT_RD)')).toBe('0\n');
});

test('shutdown wakes an accept with EINVAL', () => {
  const act = 'raw.shutdown(server, constants.SHUT_RDWR)';
  expect(whileBlocked('raw.accept(server)', 288, act)).toBe(`-${constants.EINVAL}\n`);
});
