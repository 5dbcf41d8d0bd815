/** F29: msg more. */
import { SELECT_READ, constants } from '../../lib/index';
import { localPair, text } from '../support/peer';

const { MSG_MORE, MSG_WAITALL } = constants as Required<typeof constants>;

test('what is sent with MSG_MORE goes at once with the next send', () => {
  const [client, accepted] = localPair('tcp4');
  client.sendBytes('a', MSG_MORE);
  expect(accepted.poll(0, SELECT_READ)).toBe(false);
  client.sendBytes('b');
  expect(accepted.poll(5000, SELECT_READ)).toBe(true);
  expect(text(accepted)).toBe('ab');
  client.sendBytes('c', MSG_MORE);
  client.shutdownSend();
  expect(text(accepted, MSG_WAITALL, 2)).toBe('c');
  client.close();
  accepted.close();
});
