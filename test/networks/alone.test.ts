/** What goes wrong on a host alone: filters that refuse, full backlogs, no descriptor left. */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { LONGEST, canUnshare, inNamespace, ranByNode } from '../support/namespace';

jest.setTimeout(LONGEST);

const alone = (wrapper: readonly string[], ...options: string[]): Promise<unknown> =>
  ranByNode(wrapper, join(__dirname, 'alone.mjs'), ...options);

const hasFilter = spawnSync('iptables', ['--version']).status === 0;
const filtered = canUnshare && hasFilter ? test.concurrent : test.skip;

filtered.each([
  ['icmp-net-unreachable', 'ENETUNREACH', [3, 0]],
  ['icmp-host-unreachable', 'EHOSTUNREACH', [3, 1]],
  ['icmp-port-unreachable', 'ECONNREFUSED', [3, 3]],
  ['icmp-admin-prohibited', 'EHOSTUNREACH', [3, 13]],
  ['tcp-reset', 'ECONNREFUSED', [3, 3]],
])(
  '(needs a network namespace and iptables) a filter answers %s: connecting and the error queue',
  async (kind, code, icmp) => {
    const reject = (protocol: string, answer: string): string =>
      `iptables -A INPUT -p ${protocol} --dport 1001 -j REJECT --reject-with ${answer}`;
    const datagrams = kind === 'tcp-reset' ? 'icmp-port-unreachable' : kind;
    const setUp = `${reject('tcp', kind)}; ${reject('udp', datagrams)}`;
    expect(await alone(inNamespace(setUp), 'refused', '1001')).toEqual({
      blocking: code,
      nonblocking: code,
      async: code,
      stream: code,
      queued: code,
      icmp,
    });
  },
);

test('a full backlog ends in the timeout, and takes one more when one was accepted', async () => {
  expect(await alone([], 'full backlog')).toEqual({
    blocking: 'ETIMEDOUT',
    nonblocking: 'not ready',
    async: 'ETIMEDOUT',
    stream: 'idle',
  });
});

test('of a Unix socket too; without waiting it is EAGAIN at once', async () => {
  expect(await alone([], 'full backlog of a Unix socket')).toEqual({
    blocking: 'ETIMEDOUT',
    nonblocking: 'EAGAIN',
    async: 'ETIMEDOUT',
    stream: 'EAGAIN',
  });
});

test('without a descriptor left every call says EMFILE; what waits is not lost', async () => {
  const limited = ['sh', '-c', 'ulimit -n 60; exec "$@"', 'sh'];
  const calls = ['socket', 'connect', 'connectNB', 'connectAsync', 'stream', 'accept'];
  calls.push('acceptAsync', 'dup', 'pair', 'pollSet', 'listener');
  expect(await alone(limited, 'no descriptors')).toEqual({
    ...Object.fromEntries(calls.map((call) => [call, 'EMFILE'])),
    // The byte came, the descriptor did not, and MSG_CTRUNC says so.
    received: [1, 0, true],
    leaked: 0,
  });
});
