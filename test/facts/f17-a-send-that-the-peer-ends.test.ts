/** F17: a send that the peer ends. */
import { whileBlocked } from '../support/child';

const fill = 'raw.send(client, Buffer.alloc(20000000), 0, 20000000, 0)';

test('a send that the peer’s close interrupts gives its partial count', () => {
  const sent = Number(whileBlocked(fill, 44, 'raw.close(accepted)'));
  expect(sent).toBeGreaterThan(0);
  expect(sent).toBeLessThan(20_000_000);
});
