/** F16: close wakes nobody. */
import { constants } from '../../lib/index';
import { whileBlocked } from '../support/child';

const recv = 'raw.recv(client, Buffer.alloc(8), 0, 8, 0)';

test('close wakes nothing: the receive still gets what comes later', () => {
  const act = "client.close(); accepted.sendBytes('zz')";
  expect(whileBlocked(recv, 45, act)).toBe('2\n');
});

test('an accept takes one more connection', () => {
  const act = 'const address = server.address(); server.close(); new StreamSocket(address)';
  expect(Number(whileBlocked('raw.accept(server)', 288, act))).toBeGreaterThan(2);
});

test('a poll tells it, POLLNVAL, when its time is over', () => {
  const call =
    '(() => { const entry = Int32Array.of(client, 1, 0); return [raw.poll(entry, 1, 300), entry[2]]; })()';
  expect(whileBlocked(call, 7, 'client.close()')).toBe(`[ 1, ${String(constants.POLLNVAL)} ]\n`);
});
