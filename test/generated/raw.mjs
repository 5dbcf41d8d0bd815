/**
 * `node raw.mjs --seed=1 --calls=10000`: every function of the raw layer with arguments of every
 * kind. A result is a number or what the function gives; an exception is an error with a code.
 * Descriptors are the program's own, closed ones, or no descriptors at all.
 */
import { strict as assert } from 'node:assert';
import fs from 'node:fs';
import fc from 'fast-check';
import raw, { constants } from '../../dist/raw.js';
import * as library from '../../dist/raw.js';
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
import { canaries, option, reporter } from './run.mjs';

const seed = option('seed', Date.now() & 0x7fffffff);
const wanted = option('calls', 10_000);

/** The parameters of each function, by kind. */
const signatures = {
  accept: 'fd buffer ints',
  accept4: 'fd buffer ints flags',
  attachFilter: 'fd option ints small',
  bind: 'fd address',
  close: 'fd',
  connect: 'fd address',
  controlSpace: 'number',
  decodeAddress: 'address number',
  decodeControl: 'buffer number',
  decodeCredentials: 'buffer',
  decodeExtendedError: 'buffer',
  decodeLinger: 'buffer',
  decodePacketInfo: 'buffer',
  decodeTcpInfo: 'buffer',
  decodeTimes: 'buffer number',
  decodeTimeval: 'buffer',
  decodeVsock: 'buffer',
  dup: 'fd',
  encodeAddress: 'family string number number',
  encodeControl: 'messages',
  encodeCredentials: 'number number number',
  encodeGroup: 'number address address',
  encodeLinger: 'number number',
  encodePacketInfo: 'number buffer',
  encodeTimeval: 'number',
  encodeVsock: 'number number',
  epoll_create1: 'flags',
  epoll_ctl: 'fd operation fd number number',
  epoll_wait: 'fd ints small timeout',
  fcntl: 'fd command argument',
  gai_strerror: 'number',
  getaddrinfo: 'string string family type number flags',
  getnameinfo: 'address flags',
  getpeername: 'fd buffer ints',
  getsockname: 'fd buffer ints',
  getsockopt: 'fd level option buffer small ints',
  if_indextoname: 'number',
  if_nameindex: '',
  if_nametoindex: 'string',
  ioctl: 'fd request argumentInts',
  listen: 'fd number',
  poll: 'entries small timeout',
  recv: 'fd buffer small small flags',
  recvfrom: 'fd buffer small small flags buffer ints',
  recvmmsg: 'fd buffer small buffer small ints flags',
  recvmsg: 'fd buffer vector buffer flags ints',
  send: 'fd buffer small small flags',
  sendfile: 'fd fd small small',
  sendmmsg: 'fd buffer small buffer small ints flags',
  sendmsg: 'fd address vector control flags',
  sendto: 'fd buffer small small flags address',
  setsockopt: 'fd level option buffer small small',
  shutdown: 'fd number',
  socket: 'family type number',
  socketpair: 'family type number ints',
};
const names = Object.keys(library).filter((name) => typeof library[name] === 'function');
assert.deepEqual(names.sort(), Object.keys(signatures).sort(), 'a function has no signature here');

const kindsOf = (name) => signatures[name].split(' ').filter(Boolean);

const own = [];
const MOST = 48;
const CLOSED = 2 ** 20 + 7;
/** The fd at a place, or one that is not open. */
const ownAt = (index) => own[index % (own.length + 1)] ?? CLOSED;
const fds = fc.nat(MOST).map((index) => ({ make: () => ownAt(index) }));

const addresses = [
  raw.encodeAddress(constants.AF_INET, '127.0.0.1', 9),
  raw.encodeAddress(constants.AF_INET6, '::1', 9),
  raw.encodeAddress(constants.AF_UNIX, '\0generated'),
  raw.encodeAddress(constants.AF_UNIX, ''),
  Buffer.alloc(16),
];
const optionNumbers = Object.entries(constants)
  .filter(
    ([name]) =>
      /^(SO|TCP|UDP|IP|IPV6)_[A-Z]+$/.test(name) && !/ATTACH|LINGER$|BUSY|ULP|REPAIR/.test(name),
  )
  .map(([, value]) => value);
const oneOf = (prefix, ...more) =>
  fc.constantFrom(
    ...Object.entries(constants)
      .filter(([name]) => name.startsWith(prefix))
      .map(([, value]) => value),
    ...more,
  );

const kinds = {
  fd: fds,
  buffer: buffers,
  ints,
  vector: vectors,
  string: strings,
  number: largeNumbers,
  small: numbers,
  timeout: fc.constantFrom(0, 0, 0, 1),
  flags: fc.oneof(oneOf('MSG_', 0, 0, 0), fc.integer()),
  family: oneOf('AF_', constants.AF_INET, constants.AF_INET, constants.AF_UNIX, constants.AF_UNIX),
  type: oneOf('SOCK_', constants.SOCK_STREAM, constants.SOCK_STREAM, constants.SOCK_DGRAM),
  level: oneOf('SOL_', 0, 6, 17, 41),
  option: fc.constantFrom(...optionNumbers, -1, 9999),
  operation: fc.constantFrom(1, 2, 3, 0, 9),
  // No signal goes to another process: none is an owner.
  command: fc.constantFrom(
    constants.F_GETFL,
    constants.F_SETFL,
    constants.F_GETFD,
    constants.F_SETFD,
    constants.F_DUPFD_CLOEXEC,
    constants.F_GETOWN,
    -1,
    6,
    99,
  ),
  argument: fc.constantFrom(0, constants.O_NONBLOCK, 1.5, 'x', undefined),
  request: fc.constantFrom(
    constants.FIONREAD,
    constants.FIONBIO,
    constants.SIOCATMARK,
    constants.SIOCOUTQ ?? 0,
    0,
    0x8927,
    -1,
  ),
  argumentInts: fc.constantFrom(0, 1).map((value) => ({ make: () => Int32Array.of(value) })),
  address: fc.oneof(fc.constantFrom(...addresses), buffers),
  entries: fc
    .array(fc.tuple(fc.nat(MOST), fc.integer({ min: 0, max: 0x7fff })), { maxLength: 6 })
    .map((list) => ({
      make: () => Int32Array.from(list.flatMap(([i, events]) => [ownAt(i), events, 0])),
    })),
  messages: fc
    .array(fc.record({ level: largeNumbers, type: largeNumbers, data: buffers }), { maxLength: 4 })
    .map((list) => ({ make: () => list.map((one) => ({ ...one, data: resolve(one.data) })) })),
  control: fc.oneof(
    buffers,
    fc.nat(MOST).map((index) => ({
      make: () =>
        raw.encodeControl([
          {
            level: constants.SOL_SOCKET,
            type: constants.SCM_RIGHTS,
            data: Int32Array.of(ownAt(index)),
          },
        ]),
    })),
  ),
};
/** Never replaced by a value of another kind that could be somebody's descriptor, or a long wait. */
const pinned = new Set(['timeout', 'entries', 'argument', 'argumentInts', 'command']);
const noDescriptor = oddities.filter((value) => typeof value !== 'number');

const calls = fc.oneof(
  ...names.map((name) => {
    const parameters = kindsOf(name).map((kind) => {
      if (pinned.has(kind)) return kinds[kind];
      return fc.oneof(
        { weight: 12, arbitrary: kinds[kind] },
        { weight: 1, arbitrary: noDescriptor },
      );
    });
    const given = fc.tuple(...parameters);
    return fc.record({
      name: fc.constant(name),
      given,
      without: fc.constantFrom(0, 0, 0, 0, 0, 0, 0, 1),
    });
  }),
);

function keep(fd) {
  raw.fcntl(fd, constants.F_SETFL, constants.O_NONBLOCK);
  own.push(fd);
  if (own.length > MOST) raw.close(own.shift());
}

const file = fs.openSync(process.argv[1], 'r');
const makers = new Set(['socket', 'accept', 'accept4', 'dup', 'epoll_create1']);
let made = 0;
let last = '';

function call({ name, given, without }) {
  // What waits with a descriptor left blocking would wait for ever.
  for (const fd of own) raw.fcntl(fd, constants.F_SETFL, constants.O_NONBLOCK);
  const isPinned = kindsOf(name).some((kind) => pinned.has(kind));
  const values = given.map(resolve).slice(0, isPinned ? undefined : given.length - without);
  last = name;
  made++;
  let result;
  try {
    result = library[name](...values);
  } catch (error) {
    assert.ok(error instanceof Error && typeof error.code === 'string', `${name}: ${error?.stack}`);
    return;
  }
  if (typeof result === 'number') assert.ok(Number.isInteger(result), `${name}: ${result}`);
  else
    assert.ok(
      typeof result === 'object' || typeof result === 'string',
      `${name}: ${typeof result}`,
    );
  if (name === 'close' && result === 0) own.splice(own.indexOf(values[0]), 1);
  const isDuplicate = name === 'fcntl' && values[1] === constants.F_DUPFD_CLOEXEC;
  if ((makers.has(name) || isDuplicate) && result >= 0) keep(result);
  if (name === 'socketpair' && result === 0) values[3].slice(0, 2).forEach(keep);
  if (name === 'recvmsg' && result >= 0 && values[3]) closeReceived(values);
}

/** Descriptors that came by SCM_RIGHTS. */
function closeReceived([, , , control, , results]) {
  const bytes = ArrayBuffer.isView(control) ? control : new Uint8Array(control);
  const length = results?.length > 1 ? results[1] : 0;
  for (const { type, level, data } of raw.decodeControl(
    bytes,
    Math.min(length, bytes.byteLength),
  )) {
    if (level !== constants.SOL_SOCKET || type !== constants.SCM_RIGHTS) continue;
    for (let at = 0; at + 4 <= data.length; at += 4) raw.close(data.readInt32LE(at));
  }
}

const check = canaries();
const atStart = new Set(fs.readdirSync('/proc/self/fd'));
/** What recvmsg() installed and had no room to tell. */
function sweep() {
  for (const fd of fs.readdirSync('/proc/self/fd')) {
    if (!atStart.has(fd) && !own.includes(Number(fd)) && fs.existsSync(`/proc/self/fd/${fd}`))
      raw.close(Number(fd));
  }
}

process.on('exit', (code) => {
  if (code !== 0) console.log(`raw.mjs --seed=${seed} --calls=${wanted}: in ${last}`);
});
const length = 100;
let sequences = 0;
fc.assert(
  fc.property(
    fc.array(calls, { minLength: length, maxLength: length, size: 'max' }),
    (sequence) => {
      for (const one of sequence) call(one);
      if (++sequences % 20 === 0) sweep();
      check();
    },
  ),
  { seed, numRuns: Math.ceil(wanted / length), endOnFailure: true, reporter },
);
for (const fd of own.splice(0)) raw.close(fd);
fs.closeSync(file);
check();
console.log(JSON.stringify({ program: 'raw', seed, calls: made }));
