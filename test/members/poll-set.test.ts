/** The public members of `PollSet`. */
import { Worker } from 'node:worker_threads';
import { join } from 'node:path';
import { PollSet, StreamSocket, type Socket } from '../../lib/index';
import { addon } from '../../lib/native';
import { eachWithConnection, testMembers } from '../support/members';
import { outcome } from '../support/peer';

const { POLL_READ, POLL_WRITE, POLL_ERROR, POLL_URGENT, POLL_HANGUP, POLL_EDGE } = PollSet;
const ends = eachWithConnection();
/** poll-set-by-poll.test.ts runs all of this without it. */
const hasEpoll = 'epoll_create1' in addon;
let set: PollSet;
beforeEach(() => {
  set = new PollSet();
});
afterEach(() => {
  set.close();
});

testMembers('PollSet', {
  '#pollAsync': async () => {
    set.add(ends.accepted, POLL_READ);
    const waits = set.pollAsync();
    ends.client.sendBytes('x');
    expect([...(await waits).keys()]).toEqual([ends.accepted]);
    set.clear();
    expect((await set.pollAsync({ timeout: 10 })).size).toBe(0);
    const woken = set.pollAsync();
    set.wakeUp();
    expect((await woken).size).toBe(0);
    const closed = set.pollAsync();
    set.close();
    await expect(closed).rejects.toHaveProperty('code', 'EBADF');
  },
  '#add #poll #socket': () => {
    set.add(ends.accepted, POLL_READ);
    set.add(ends.client, POLL_READ);
    expect(set.poll(0)).toEqual(new Map());
    set.add(ends.client, POLL_WRITE);
    expect(set.poll(0)).toEqual(new Map<Socket, number>([[ends.client, POLL_WRITE]]));
    ends.client.sendBytes('x');
    const results = new Int32Array(8);
    set.update(ends.client, 0);
    expect(set.poll(5000, results)).toBe(1);
    expect([...results.subarray(0, 2)]).toEqual([ends.accepted.sockfd(), POLL_READ]);
    expect(set.socket(results[0] ?? -1)).toBe(ends.accepted);
    // Level-triggered: told again.
    expect(set.poll(0, results)).toBe(1);
    expect(outcome(() => set.poll(0, new Int32Array(1)))).toBe('ERR_INVALID_ARG_TYPE');
    expect(outcome(() => set.poll(-1))).toBe('ERR_OUT_OF_RANGE');
    expect(
      outcome(() => {
        set.add(ends.client, 64);
      }),
    ).toBe('ERR_OUT_OF_RANGE');
    expect(
      outcome(() => {
        set.add(new StreamSocket(), POLL_READ);
      }),
    ).toBe('EBADF');
  },
  '.POLL_READ .POLL_WRITE .POLL_ERROR .POLL_URGENT .POLL_HANGUP .POLL_EDGE': () => {
    const modes = POLL_READ | POLL_URGENT | POLL_HANGUP;
    if (hasEpoll) set.add(ends.accepted, modes | POLL_EDGE);
    else set.add(ends.accepted, modes);
    ends.client.sendUrgent(1);
    expect(set.poll(5000).get(ends.accepted)).toBe(POLL_URGENT);
    // Edge-triggered: told once.
    expect(set.poll(0).size).toBe(hasEpoll ? 0 : 1);
    const edge = outcome(() => {
      set.update(ends.accepted, modes | POLL_EDGE);
    });
    expect(edge).toBe(hasEpoll ? undefined : 'ERR_FEATURE_UNAVAILABLE_ON_PLATFORM');
    ends.client.close();
    const bits = set.poll(5000).get(ends.accepted) ?? 0;
    expect(bits & (POLL_READ | POLL_HANGUP)).toBe(POLL_READ | POLL_HANGUP);
    const refused = new StreamSocket();
    const address = ends.server.address();
    ends.server.close();
    refused.connectNB(address);
    set.add(refused, POLL_WRITE);
    expect((set.poll(5000).get(refused) ?? 0) & POLL_ERROR).toBe(POLL_ERROR);
    refused.close();
  },
  '#update': () => {
    set.add(ends.client, POLL_READ | POLL_WRITE);
    set.update(ends.client, POLL_READ);
    expect(set.poll(0).size).toBe(0);
    expect(
      outcome(() => {
        set.update(ends.accepted, POLL_READ);
      }),
    ).toBe('ERR_OUT_OF_RANGE');
  },
  '#remove #has #empty #count #clear': () => {
    expect([set.empty(), set.count()]).toEqual([true, 0]);
    set.add(ends.client, POLL_WRITE);
    set.add(ends.accepted, POLL_WRITE);
    expect([set.has(ends.client), set.empty(), set.count()]).toEqual([true, false, 2]);
    set.remove(ends.client);
    set.remove(ends.client);
    expect([...set.poll(0).keys()]).toEqual([ends.accepted]);
    set.clear();
    expect(set.poll(0).size).toBe(0);
    set.add(ends.client, POLL_WRITE);
    expect(set.poll(0).size).toBe(1);
    // A socket that is closed leaves the set, though a copy keeps the connection open.
    const copy = ends.client.dup();
    ends.client.close();
    expect([set.count(), set.poll(0).size, set.has(ends.client)]).toEqual([0, 0, false]);
    copy.close();
  },
  '#wakeUp': () => {
    set.wakeUp();
    set.wakeUp();
    expect(set.poll().size).toBe(0);
    expect(set.poll(0).size).toBe(0);
  },
  '.wakeUp #wakeUpDescriptor': async () => {
    const library = join(__dirname, '../../dist/index.js');
    const worker = new Worker(
      `const { workerData } = require('node:worker_threads');
       const { PollSet } = require(${JSON.stringify(library)});
       PollSet.wakeUp(workerData);`,
      { eval: true, workerData: set.wakeUpDescriptor() },
    );
    const ended = new Promise((resolve) => worker.once('exit', resolve));
    expect(set.poll().size).toBe(0);
    await ended;
    set.close();
    expect(outcome(() => set.wakeUpDescriptor())).toBe('EBADF');
  },
  '#close': () => {
    set.add(ends.client, POLL_WRITE);
    set.close();
    set.close();
    expect(ends.client.isNull()).toBe(false);
    expect(outcome(() => set.poll(0))).toBe('EBADF');
  },
});

test('with room for one result, each that is ready has its turn', () => {
  set.add(ends.client, POLL_WRITE);
  set.add(ends.accepted, POLL_WRITE);
  const results = new Int32Array(2);
  const told = new Set<number>();
  for (let i = 0; i < 4; i++) {
    expect(set.poll(0, results)).toBe(1);
    told.add(results[0] ?? -1);
  }
  expect(told).toEqual(new Set([ends.client.sockfd(), ends.accepted.sockfd()]));
});

test('ten thousand sockets', () => {
  const pairs = Array.from({ length: 5000 }, () => StreamSocket.pair());
  try {
    for (const [first, second] of pairs) {
      set.add(first, POLL_READ);
      set.add(second, POLL_READ);
    }
    expect([set.count(), set.poll(0).size]).toEqual([10_000, 0]);
    const [first, second] = pairs[2500] ?? [];
    first?.sendBytes('x');
    expect([...set.poll(5000).keys()]).toEqual([second]);
  } finally {
    for (const pair of pairs) for (const socket of pair) socket.close();
  }
  expect(set.count()).toBe(0);
});
