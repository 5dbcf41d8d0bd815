/**
 * `node --expose-gc classes.mjs --seed=1 --calls=10000`: every exported function, constructor, method and
 * accessor, in any order and with arguments of every kind, on sockets that earlier calls have left
 * in any state. An exception, or a rejection, is an error with a code; all descriptors are accounted
 * for.
 */
import { strict as assert } from 'node:assert';
import { EventEmitter } from 'node:events';
import fs from 'node:fs';
import net from 'node:net';
import fc from 'fast-check';
import library from '../../dist/index.js';
import raw, { constants } from '../../dist/raw.js';
import {
  buffers,
  ints,
  largeNumbers,
  numbers,
  oddities,
  resolve,
  strings,
  vectors,
} from './values.mjs';
import { canaries, openDescriptors, option, reporter, turn } from './run.mjs';

const seed = option('seed', Date.now() & 0x7fffffff);
const wanted = option('calls', 10_000);

/** Not called, and why. */
const notCalled = {
  SocketImpl: 'internal: it takes any number for its own; all handles call it',
  'ReceivedDescriptors#constructor': 'internal: it takes any number for its own',
  'ConnectionListener#constructor': 'internal: listenAsync() makes it',
  'SocketStream#constructor': 'internal: toStream() makes it',
  'SocketStream#finishConnecting': 'internal',
  'SocketStream#connected': 'internal',
  'SocketStream#_read': 'called by Node',
  'SocketStream#_write': 'called by Node',
  'SocketStream#_writev': 'called by Node',
  'SocketStream#_final': 'called by Node',
  'SocketStream#_destroy': 'called by Node',
  'Socket#descriptor': 'internal',
  'DatagramBatch#receive': 'internal: it takes a descriptor',
  'DatagramBatch#send': 'internal: it takes a descriptor',
};
/** Made by the library only; what they are is checked wherever one is thrown. */
const isError = (value) => value.prototype instanceof Error;

const pool = [];
const listener = new library.ServerSocket('127.0.0.1:0', 4096);
listener.setBlocking(false);
const file = fs.openSync(process.argv[1], 'r');

const instance = (...classes) =>
  fc.nat(100).map((index) => ({
    make: () => {
      const fitting = pool.filter((one) => classes.some((name) => one instanceof library[name]));
      return fitting.length === 0 ? undefined : fitting[index % fitting.length];
    },
  }));
const sockets = instance('Socket');
const addresses = fc.oneof(
  fc.constantFrom(
    '127.0.0.1:9',
    '[::1]:9',
    '/nowhere/name',
    '\0generated',
    { host: '127.0.0.1', port: 9 },
    { path: '\0p' },
  ),
  fc.constant({ make: () => listener.address() }),
  fc.constant({ make: () => new library.SocketAddress('127.0.0.1', 0) }),
  fc.constant({ make: () => new net.SocketAddress({ address: '127.0.0.1', port: 9 }) }),
);
const fifos = fc.oneof(
  fc.constant({ make: () => new library.FIFOBuffer(16) }),
  fc.constant({ make: () => new library.GrowableBuffer(4) }),
);
const options = fc.oneof(
  fc.record(
    {
      timeout: fc.constantFrom(0, 1, -1, NaN, 'x', undefined),
      flags: numbers,
      offset: numbers,
      length: numbers,
      signal: fc.constantFrom(undefined, AbortSignal.abort()),
      interface: fc.constantFrom('lo', 1, 'none', 99),
      host: fc.constant('127.0.0.1'),
      port: fc.constantFrom(9, 'x', -1),
    },
    { requiredKeys: [] },
  ),
  fc
    .record(
      {
        data: buffers,
        flags: numbers,
        control: fc.constantFrom(undefined, [], [{}], [{ type: 'SCM_RIGHTS', descriptors: [] }], 7),
      },
      { requiredKeys: [] },
    )
    .map(({ data, ...more }) => ({ make: () => ({ data: resolve(data), ...more }) })),
  fc
    .record({ buffers: vectors, controlLength: numbers, flags: numbers }, { requiredKeys: [] })
    .map(({ buffers: parts, ...more }) => ({
      make: () => ({ ...(parts && { buffers: resolve(parts) }), ...more }),
    })),
);
const odd = oddities.filter((value) => typeof value !== 'number' || Math.abs(value) < 100);
const anything = fc.oneof(
  { weight: 4, arbitrary: fc.oneof(buffers, vectors, fifos, ints) },
  { weight: 4, arbitrary: fc.oneof(numbers, fc.boolean()) },
  { weight: 3, arbitrary: fc.oneof(strings, addresses, fc.constantFrom('ipv4', 'ipv6', 'unix')) },
  { weight: 3, arbitrary: fc.oneof(sockets, instance('DatagramBatch', 'PollSet', 'SocketStream')) },
  { weight: 2, arbitrary: options },
  { weight: 1, arbitrary: fc.constant({ make: () => () => undefined }) },
  { weight: 1, arbitrary: odd },
);
const time = fc.constantFrom(0, 0, 1, -1, NaN, 'x');
const mode = fc.oneof(fc.integer({ min: 0, max: 64 }), odd);
const socketLists = fc.oneof(
  fc.array(sockets, { maxLength: 4 }).map((list) => ({ make: () => list.map(resolve) })),
  odd,
);
/** A number that the call may take over, or may not. */
const given = fc.nat(100).map((index) => ({
  make: () => {
    const open = pool.filter((one) => one instanceof library.Socket && one.sockfd() >= 0);
    return open.length === 0 ? -1 : raw.dup(open[index % open.length].sockfd());
  },
}));
/** Where any number would be a long wait, somebody's descriptor, or much memory. */
const pinned = {
  'Socket#poll': [time, mode],
  'Socket#pollEvents': [time, mode],
  'Socket.select': [socketLists, socketLists, socketLists, time],
  'PollSet#poll': [time, fc.oneof(ints, odd)],
  'PollSet.wakeUp': [fc.constantFrom(-1, NaN, 'x', 2 ** 20)],
  'StreamSocket#connect': [fc.oneof(addresses, odd), time],
  'StreamSocket#sendFile': [
    fc.constantFrom(file, -1, '/nowhere/name', process.argv[1]),
    numbers,
    numbers,
  ],
  'StreamSocket#sendFileAsync': [
    fc.constantFrom(file, -1, '/nowhere/name', process.argv[1]),
    options,
  ],
  'Socket.fromFileDescriptor': [given],
  'StreamSocket.fromFileDescriptor': [given],
  'ServerSocket.fromFileDescriptor': [given],
  'DatagramSocket.fromFileDescriptor': [given],
  'DialogSocket.fromFileDescriptor': [given],
};

/** Everything that can be called: what it is called, and how. */
function targets() {
  const all = [];
  for (const [name, value] of Object.entries(library)) {
    if (typeof value !== 'function' || isError(value) || name in notCalled) continue;
    const isClass = /^class /.test(Function.prototype.toString.call(value));
    if (!isClass) {
      all.push({ name, call: (_, values) => value(...values) });
      continue;
    }
    all.push({ name: `${name}#constructor`, call: (_, values) => new value(...values) });
    for (
      let owner = value;
      owner !== Function.prototype && owner !== null;
      owner = Object.getPrototypeOf(owner)
    ) {
      if (!Object.values(library).includes(owner) && owner !== value) break;
      for (const key of Reflect.ownKeys(owner)) {
        const { value: method } = Object.getOwnPropertyDescriptor(owner, key);
        const isOther = typeof method !== 'function' || inherited.has(key);
        if (!isOther)
          all.push({ name: `${name}.${String(key)}`, call: (_, values) => value[key](...values) });
      }
    }
    for (const key of Reflect.ownKeys(value.prototype)) {
      const { value: method, get, set } = Object.getOwnPropertyDescriptor(value.prototype, key);
      if (key === 'constructor') continue;
      const label = `${name}#${String(key)}`;
      if (get) all.push({ name: label, on: name, call: (self) => self[key] });
      if (set) all.push({ name: label, on: name, call: (self, [one]) => void (self[key] = one) });
      if (typeof method === 'function')
        all.push({ name: label, on: name, call: (self, values) => self[key](...values) });
    }
  }
  return all.filter(({ name }) => !(name in notCalled));
}

/** Internal statics, and the one that is no function of ours. */
const inherited = new Set(['prototype', 'register', 'handle', 'share']);
/** Whatever number: none of these waits for a time or makes memory of a length. */
const takesLarge =
  /#(set(?!Linger|Spin|Option|Timeout)|get|is|has|count|length|data|address|flags)/;
const all = targets();
const calls = fc.oneof(
  ...all.map((target) => {
    const values =
      pinned[target.name] ??
      pinned[target.name.replace(/^(Stream|Server|Datagram|Dialog)Socket/, 'Socket')];
    const one = takesLarge.test(target.name) ? fc.oneof(anything, largeNumbers) : anything;
    const parameters = values === undefined ? fc.array(one, { maxLength: 5 }) : fc.tuple(...values);
    const self = target.on === undefined ? fc.constant(undefined) : instance(target.on);
    return fc.record({ target: fc.constant(target), self, parameters });
  }),
);

const unexpected = [];
let last = '';
let made = 0;
function checkError(error, name) {
  const isOurs = error instanceof Error && typeof error.code === 'string';
  const isAborted = error?.name === 'AbortError';
  // The engine's own words for memory that was given away, for objects and symbols that have no value, and for
  // null where options are taken apart.
  const own = /detached ArrayBuffer|[Cc]onvert (object|a Symbol)|of null|as it is null/;
  if (error instanceof TypeError && own.test(error.message)) return;
  if (!isOurs && !isAborted) unexpected.push(`${name}: ${error?.stack ?? String(error)}`);
}

/** Nothing waits, and no close lingers, whatever earlier calls have set. */
function tame() {
  for (const one of pool) {
    const fd = one instanceof library.Socket ? one.sockfd() : -1;
    if (fd < 0) continue;
    raw.fcntl(fd, constants.F_SETFL, constants.O_NONBLOCK);
    raw.setsockopt(fd, constants.SOL_SOCKET, constants.SO_LINGER, Buffer.alloc(8), 0, 8);
  }
}

function keep(value, name) {
  if (typeof value !== 'object' || value === null) return;
  if (typeof value.then === 'function') {
    value.then(
      (result) => keep(result, name),
      (error) => checkError(error, name),
    );
    return;
  }
  if (Array.isArray(value)) value.forEach((one) => keep(one, name));
  if (value instanceof EventEmitter) value.on('error', (error) => checkError(error, name));
  if (value instanceof net.Socket) value.destroy();
  const isKept = Object.values(library).some(
    (one) => typeof one === 'function' && one.name !== 'SocketImpl' && value instanceof one,
  );
  if (isKept && !(value instanceof Error) && !pool.includes(value)) pool.push(value);
}

function call({ target, self, parameters }) {
  const object = resolve(self);
  if (target.on !== undefined && object === undefined) return;
  tame();
  const values = parameters.map(resolve);
  last = target.name;
  made++;
  let result;
  try {
    result = target.call(object, values);
  } catch (error) {
    checkError(error, target.name);
    if (target.name.endsWith('fromFileDescriptor') && values[0] >= 0) raw.close(values[0]);
    return;
  }
  if (target.name.endsWith('#detach') && result >= 0) raw.close(result);
  keep(result, target.name);
}

function seeds() {
  const server = new library.ServerSocket('127.0.0.1:0');
  const first = new library.StreamSocket(server.address());
  const second = server.acceptConnection();
  const dialog = new library.DialogSocket(server.address());
  const datagram = new library.DatagramSocket('127.0.0.1:0');
  const batch = new library.DatagramBatch(2, 32);
  const [third, fourth] = library.StreamSocket.pair();
  const address = new library.SocketAddress('127.0.0.1', 9);
  const buffers = [new library.FIFOBuffer(16), new library.GrowableBuffer(4)];
  const fifth = new library.StreamSocket(listener.address());
  const socket = new library.StreamSocket();
  const stream = fifth.toStream().on('error', () => undefined);
  pool.push(
    server,
    first,
    second,
    dialog,
    datagram,
    batch,
    third,
    fourth,
    address,
    ...buffers,
    fifth,
    socket,
  );
  pool.push(
    new library.PollSet(),
    stream,
    server.listenAsync().on('error', () => undefined),
  );
}

async function closeAll() {
  tame();
  for (const one of pool.splice(0)) {
    if (one instanceof library.SocketStream) one.destroy();
    else if (typeof one.close === 'function') one.close();
  }
  for (let connection; (connection = listener.acceptConnection()) !== null;) connection.close();
  await turn();
  await turn();
}

process.on('exit', (code) => {
  if (code !== 0) console.log(`classes.mjs --seed=${seed} --calls=${wanted}: in ${last}`);
});

const check = canaries();
seeds();
await closeAll();
const length = 60;
const open = openDescriptors().length;
await fc.assert(
  fc.asyncProperty(
    fc.array(calls, { minLength: length, maxLength: length, size: 'max' }),
    async (sequence) => {
      seeds();
      for (const one of sequence) call(one);
      await turn();
      await closeAll();
      check();
      assert.deepEqual(unexpected.splice(0), []);
    },
  ),
  { seed, numRuns: Math.ceil(wanted / length), endOnFailure: true, reporter },
);
// What assign() has left is the garbage collector's to close.
for (let i = 0; i < 20; i++) {
  globalThis.gc();
  await turn();
}
assert.ok(openDescriptors().length <= open + 4, 'descriptors are left');
listener.close();
console.log(JSON.stringify({ program: 'classes', seed, calls: made, functions: all.length }));
process.exit(0);
