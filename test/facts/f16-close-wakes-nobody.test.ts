/** F16: close wakes nobody. */
import { constants } from '../../lib/index';
import { whileBlocked } from '../support/child';

const recv = 'raw.recv(client, Buffer.alloc(8), 0, 8, 0)';

test('close wakes nothing: the receive still gets what comes later', () => {
  const act = "raw.close(client); raw.send(accepted, Buffer.from('zz'), 0, 2, 0)";
  expect(whileBlocked(recv, 45, act)).toBe('2\n');
});

test('an accept takes one more connection', () => {
  const act = `
    const address = Buffer.alloc(16);
    raw.getsockname(server, address, Int32Array.of(16));
    raw.close(server);
    raw.connect(raw.socket(constants.AF_INET, constants.SOCK_STREAM, 0), address)`;
  expect(Number(whileBlocked('raw.accept(server)', 288, act))).toBeGreaterThan(2);
});

test('a poll tells it, POLLNVAL, when its time is over', () => {
  const call =
    '(() => { const entry = Int32Array.of(client, 1, 0); return [raw.poll(entry, 1, 1000), entry[2]]; })()';
  expect(whileBlocked(call, 7, 'raw.close(client)')).toBe(`[ 1, ${String(constants.POLLNVAL)} ]\n`);
});
