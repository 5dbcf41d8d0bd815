/**
 * `node sequences.mjs --seed=1 --calls=10000`: operations in any order on the two ends of a
 * connection, each compared with a model. At the end all bytes have come, and no descriptor is left.
 * A failure is shrunk, and printed with the seed and the path that repeat it, as `--seed=`, `--path=`
 * and, the replayPath, `--replay=`.
 * `--plant=swallowed` (or `doubled`, `leaked`) makes the library faulty, to see that it is found.
 */
import { strict as assert } from 'node:assert';
import fc from 'fast-check';
import library from '../../dist/index.js';
import { constants } from '../../dist/raw.js';
import { Connection } from './connection-model.mjs';
import { drain, operations, tally } from './operations.mjs';
import { canaries, openDescriptors, option, turn } from './run.mjs';

const { DatagramSocket, ServerSocket, Socket, StreamSocket } = library;
const seed = option('seed', Date.now() & 0x7fffffff);
const wanted = option('calls', 10_000);
const text = (name) => process.argv.find((one) => one.startsWith(`--${name}=`))?.split('=')[1];

/** Faults that a wrapper could have. */
const plants = {
  swallowed() {
    const { receiveBytes } = StreamSocket.prototype;
    StreamSocket.prototype.receiveBytes = function (...given) {
      const n = receiveBytes.apply(this, given);
      if (n > 2) receiveBytes.call(this, Buffer.alloc(1), constants.MSG_DONTWAIT);
      return n;
    };
  },
  doubled() {
    const { sendUrgent } = StreamSocket.prototype;
    StreamSocket.prototype.sendUrgent = function (byte) {
      sendUrgent.call(this, byte);
      return sendUrgent.call(this, byte);
    };
  },
  leaked() {
    const { dup } = Socket.prototype;
    Socket.prototype.dup = function () {
      dup.call(this).detach();
      return dup.call(this);
    };
  },
};
plants[text('plant')]?.();

const listeners = { tcp4: '127.0.0.1:0', tcp6: '[::1]:0' };
for (const [kind, address] of Object.entries(listeners))
  listeners[kind] = new ServerSocket(address);

const connect = {
  tcp: (kind) => {
    const client = new StreamSocket(listeners[kind].address());
    const server = listeners[kind].acceptConnection();
    for (const socket of [client, server]) socket.setNoDelay(true);
    return [client, server];
  },
  udp: () => {
    const ends = [0, 1].map(() => new DatagramSocket('127.0.0.1:0'));
    ends.forEach((end, side) => end.connect(ends[1 - side].address()));
    return ends;
  },
};
const kinds = {
  tcp4: () => connect.tcp('tcp4'),
  tcp6: () => connect.tcp('tcp6'),
  unix: () => StreamSocket.pair(),
  seqpacket: () => StreamSocket.pair(constants.SOCK_SEQPACKET),
  udp: connect.udp,
  datagram: () => DatagramSocket.pair(),
};

const LENGTH = 60;
const sequences = fc.constantFrom(...Object.keys(kinds)).chain((kind) =>
  fc.record({
    kind: fc.constant(kind),
    commands: fc.commands(operations(new Connection(kind)), {
      maxCommands: LENGTH,
      size: 'max',
      replayPath: text('replay') ?? null,
    }),
  }),
);

/** What the event loop watched it lets go of in its next turns. */
async function descriptorsLater() {
  for (let turns = 0; turns < 3; turns++) await turn();
  return openDescriptors().length;
}

async function run({ kind, commands }) {
  const before = openDescriptors().length;
  const model = new Connection(kind);
  const sockets = kinds[kind]();
  try {
    await fc.asyncModelRun(() => ({ model, real: sockets }), commands);
    await drain(model, sockets);
  } finally {
    for (const socket of sockets) socket.close();
  }
  const left = (await descriptorsLater()) - before;
  assert.equal(left, 0, `${left} descriptors are left`);
}

function report({ failed, seed: itsSeed, counterexample, counterexamplePath, errorInstance }) {
  if (!failed) return;
  const [{ kind, commands }] = counterexample;
  const sequence = `${kind}: ${String(commands)}`;
  const error = errorInstance?.stack;
  console.log(JSON.stringify({ seed: itsSeed, path: counterexamplePath, sequence, error }));
  process.exit(1);
}

const check = canaries();
// Node opens what it keeps with the first net.Socket.
const [first, second] = StreamSocket.pair();
second.close();
await new Promise((resolve) => first.toNetSocket().once('close', resolve).destroy());
await descriptorsLater();
const path = text('path');
const property = fc.asyncProperty(sequences, async (sequence) => {
  await run(sequence);
  check();
});
for (let round = 0; round === 0 || (path === undefined && tally.commands < wanted); round++) {
  const parameters = { seed: seed + round * 1_000_003, numRuns: 50, reporter: undefined };
  const details = await fc.check(property, { ...parameters, ...(path && { path }) });
  report(details);
}
console.log(JSON.stringify({ program: 'sequences', seed, calls: tally.commands }));
process.exit(0);
