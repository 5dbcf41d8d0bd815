/**
 * Bad networks: two namespaces and a cable between them (cable.py), CPython's sockets on the far side,
 * and on the near side each form of our calls: blocking, nonblocking, on the event loop, as a stream.
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { LONGEST, canUnshare, ranByNode } from '../support/namespace';

jest.setTimeout(LONGEST);

const file = (name: string): string => join(__dirname, name);

/** What near.mjs tells of the scenario, the cable being between it and far.py. */
function overCable(scenario: string): Promise<unknown> {
  const cable = ['python3', file('cable.py'), file('far.py')];
  return ranByNode(cable, file('near.mjs'), scenario);
}

const isPossible = canUnshare && existsSync('/dev/net/tun');
const over = isPossible ? test.concurrent : test.skip;
const needs = '(needs network namespaces and TUN)';

const intact = { blocking: 'intact', nonblocking: 'intact', async: 'intact', stream: 'intact' };

over.each([
  ['loss', ['lost', 'repaired']],
  ['damage', ['damaged', 'repaired']],
  ['delay', ['delayed']],
  ['reordering', ['reordered']],
  ['duplication', ['duplicated']],
  ['everything', ['lost', 'damaged', 'duplicated', 'reordered', 'delayed', 'repaired']],
  ['tiny buffers', ['lost']],
])(`${needs} %s: what an echo gives back is what was sent`, async (scenario, done) => {
  const { outcomes, counts } = (await overCable(scenario)) as {
    outcomes: Record<string, string>;
    counts: Record<string, number>;
  };
  expect(outcomes).toEqual(intact);
  // The cable was as bad as it should be.
  expect(done.filter((what) => counts[what] === 0)).toEqual([]);
});

const everywhere = (code: string): typeof intact => ({
  blocking: code,
  nonblocking: code,
  async: code,
  stream: code,
});

over.each([
  [
    'nobody there, with a timeout of ours',
    { blocking: 'ETIMEDOUT', nonblocking: 'not ready', async: 'ETIMEDOUT', stream: 'idle' },
  ],
  ['nobody there, after one more SYN', everywhere('ETIMEDOUT')],
  ['a cable that is cut, with TCP_USER_TIMEOUT', everywhere('ETIMEDOUT')],
  ['a cable that is cut, with keep-alive', everywhere('ETIMEDOUT')],
  ['a peer that resets', everywhere('ECONNRESET')],
  ['a peer that forgot the connection', everywhere('ECONNRESET')],
])(`${needs} %s`, async (scenario, outcomes) => {
  expect(await overCable(scenario)).toEqual(outcomes);
});

over(`${needs} datagrams: each that comes is whole, and none comes from nowhere`, async () => {
  const whole = { allIntact: true, asMany: true };
  expect(await overCable('datagrams')).toEqual({
    blocking: { ...whole, end: 'ETIMEDOUT' },
    nonblocking: { ...whole, end: 'would block' },
    async: { ...whole, end: 'ETIMEDOUT' },
  });
});
