/**
 * `node --expose-gc sequences.mjs --seed=1 --calls=10000 [--path=… --replay=…]`: sequences of
 * operations on connected sockets of six kinds, each result compared with the model's. With
 * `--plant=` a wrong library, which must be found.
 */
import { strict as assert } from 'node:assert';
import fs from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import library from '../../dist/index.js';
import { End, Messages, Stream, byteAt, content, placeOf } from './model.mjs';
import { openDescriptors, option, textOption, turn } from './run.mjs';

const { DatagramSocket, FIFOBuffer, PollSet, ServerSocket, StreamSocket, constants } = library;
const { WOULD_BLOCK, SELECT_READ, SELECT_URGENT } = library;
const { MSG_DONTWAIT, MSG_PEEK, MSG_TRUNC, MSG_WAITALL, SOCK_SEQPACKET } = constants;

const seed = option('seed', Date.now() & 0x7fffffff);
const wanted = option('calls', 10_000);
/** More than this is not under way at once: all of it fits the smallest buffers. */
const MOST = 8192;
/** What a byte is that no receive has written. */
const UNTOUCHED = 0xee;

const tcp = (host) => () => {
  const server = new ServerSocket(host);
  const first = new StreamSocket(server.address());
  const second = server.acceptConnection();
  server.close();
  return [first, second];
};
function udp() {
  const pair = [new DatagramSocket('127.0.0.1:0'), new DatagramSocket('127.0.0.1:0')];
  pair[0].connect(pair[1].address());
  pair[1].connect(pair[0].address());
  return pair;
}
const kinds = {
  tcp4: { make: tcp('127.0.0.1:0'), isTcp: true, isStream: true },
  tcp6: { make: tcp('[::1]:0'), isTcp: true, isStream: true },
  unix: { make: () => StreamSocket.pair(), isUnix: true, isStream: true },
  seqpacket: { make: () => StreamSocket.pair(SOCK_SEQPACKET), isUnix: true, isConnected: true },
  udp: { make: udp },
  unixDatagram: { make: () => DatagramSocket.pair(), isUnix: true },
};
for (const kind of Object.values(kinds)) kind.isConnected ??= kind.isStream === true;

/** Bugs for the test to plant. */
const plants = {
  swallow() {
    const { receiveBytes } = StreamSocket.prototype;
    StreamSocket.prototype.receiveBytes = function (...parameters) {
      const n = receiveBytes.apply(this, parameters);
      if (n === 7) receiveBytes.call(this, Buffer.alloc(1), MSG_DONTWAIT);
      return n;
    };
  },
  doubleUrgent() {
    const { sendUrgent } = StreamSocket.prototype;
    StreamSocket.prototype.sendUrgent = function (byte) {
      sendUrgent.call(this, byte);
      return sendUrgent.call(this, byte);
    };
  },
  leak() {
    const { dup } = StreamSocket.prototype;
    const kept = [];
    StreamSocket.prototype.dup = function () {
      kept.push(dup.call(this));
      return dup.call(this);
    };
  },
};
plants[textOption('plant')]?.();

/** Busy until something holds that the kernel is about to do. */
function until(holds, what) {
  const limit = performance.now() + 5000;
  while (!holds()) assert.ok(performance.now() < limit, `never: ${what}`);
}

/** Waits until everything sent to `i` has arrived there. */
function arrived(model, real, i) {
  const { incoming } = model.ends[i];
  const socket = real.sockets[i];
  if (model.kind.isTcp)
    until(() => socket.tcpInfo().bytes_received >= incoming.end, 'the segments');
  else if (incoming.isReadable) assert.ok(socket.poll(5000, SELECT_READ), 'it arrived');
}

function error(call, code, name) {
  assert.throws(call, (thrown) => thrown.code === code && thrown.name === name, code);
}

const folder = fs.mkdtempSync(join(tmpdir(), 'bsd-sockets-sequences-'));
const file = fs.openSync(join(folder, 'content'), 'w+');
fs.rmSync(folder, { recursive: true });
fs.writeSync(file, content(0, 2 ** 18));

const sends = {
  buffer: (socket, data) => socket.sendBytes(data),
  part: (socket, data) =>
    socket.sendBytes(Buffer.concat([Buffer.alloc(3), data, Buffer.alloc(2)]), 0, 3, data.length),
  list: (socket, data) =>
    socket.sendBytes([data.subarray(0, 1), data.subarray(1, 4), data.subarray(4)]),
  message: (socket, data) => socket.sendMessage({ data: [data] }),
  async: (socket, data) => socket.sendBytesAsync(data),
  fifo: (socket, data) => {
    const fifo = new FIFOBuffer(data);
    const n = socket.sendBytes(fifo);
    assert.equal(fifo.used(), data.length - n);
    return n;
  },
  file: (socket, data, from) => socket.sendFile(file, placeOf(from), data.length),
  fileAsync: (socket, data, from) =>
    socket.sendFileAsync(file, { offset: placeOf(from), length: data.length }),
};
const forDatagrams = ['buffer', 'part', 'list', 'message', 'async'];

/** Each gives the count, and the bytes as they stand in memory. */
const receives = {
  buffer: (socket, room, flags) => {
    const memory = Buffer.alloc(room, UNTOUCHED);
    return { n: socket.receiveBytes(memory, flags), memory };
  },
  part: (socket, room, flags) => {
    const memory = Buffer.alloc(room + 5, UNTOUCHED);
    const n = socket.receiveBytes(memory, flags, 3, room);
    const around = [...memory.subarray(0, 3), ...memory.subarray(room + 3)];
    assert.deepEqual(around, Array(5).fill(UNTOUCHED), 'written outside');
    return { n, memory: memory.subarray(3, room + 3) };
  },
  list: (socket, room, flags) => {
    const memory = Buffer.alloc(room, UNTOUCHED);
    const parts = [memory.subarray(0, 1), memory.subarray(1, 4), memory.subarray(4)];
    return { n: socket.receiveBytes(parts, flags), memory };
  },
  message: (socket, room, flags) => {
    const memory = Buffer.alloc(room, UNTOUCHED);
    return { n: socket.receiveMessage({ buffers: [memory], flags }).bytes, memory };
  },
};

/** What came is what was sent, and the rest of the memory is as it was. */
function compare({ n, memory }, expected, { isTruncating, writes }) {
  if (expected === null) {
    assert.equal(n, WOULD_BLOCK);
    return;
  }
  const { from, length, whole = length } = expected;
  assert.equal(n, isTruncating ? whole : length);
  const written = writes ? length : 0;
  assert.deepEqual(memory.subarray(0, written), content(from, written));
  assert.ok(
    memory.subarray(written).every((byte) => byte === UNTOUCHED),
    'written behind',
  );
}

const side = fc.constantFrom(0, 1);
const size = fc.oneof(fc.integer({ min: 1, max: 16 }), fc.integer({ min: 1, max: 2000 }));
const open = (model, { i }) => model.ends[i].isOpen;
const bothOpen = (model) => model.ends.every((end) => end.isOpen);

/** How a socket gets to another object and the connection stays. */
const moves = {
  dup: (socket) => {
    const copy = socket.dup();
    socket.close();
    return copy;
  },
  detach: (socket) => {
    const fd = socket.detach();
    error(() => socket.getOption(1, 3), 'EBADF', 'InvalidSocketError');
    return socket.constructor.fromFileDescriptor(fd);
  },
  handle: (socket) => {
    const handle = new socket.constructor(socket);
    assert.ok(handle.equals(socket));
    return handle;
  },
  passed: (socket) => {
    const [from, to] = StreamSocket.pair();
    const control = [{ type: 'SCM_RIGHTS', descriptors: [socket.sockfd()] }];
    from.sendMessage({ data: Buffer.alloc(1), control });
    socket.close();
    const request = { buffers: [Buffer.alloc(1)], controlLength: 64 };
    const [{ descriptors }] = to.receiveMessage(request).control;
    from.close();
    to.close();
    return descriptors.takeSocket();
  },
};

/** The reset is told once: behind the data of a stream, but before messages. */
function tellsReset({ kind }, end, expected) {
  if (!end.isReset || (kind.isStream && expected.length > 0)) return false;
  end.isReset = false;
  return true;
}

/** The operations: their arguments, when they can be made, and the comparison with the model. */
const operations = {
  send: {
    with: { i: side, size, form: fc.constantFrom(...Object.keys(sends)) },
    can: (model, { i, size: length, form }) => {
      const { incoming, isOpen } = model.ends[1 - i];
      const fits = incoming.pending + length <= MOST && incoming.end + length < 2 ** 30;
      const hasForm = model.kind.isStream || forDatagrams.includes(form);
      return open(model, { i }) && isOpen && !model.ends[i].hasShutSend && fits && hasForm;
    },
    async run(model, real, { i, size: length, form }) {
      const { incoming } = model.ends[1 - i];
      const data = content(incoming.end, length);
      assert.equal(await sends[form](real.sockets[i], data, incoming.end), length);
      incoming.sent(length);
      arrived(model, real, 1 - i);
    },
  },
  receive: {
    with: {
      i: side,
      room: size,
      flag: fc.constantFrom(0, 0, MSG_PEEK, MSG_WAITALL, MSG_TRUNC),
      form: fc.constantFrom(...Object.keys(receives)),
    },
    can: (model, { i, flag, form }) => {
      const truncatesVector = flag === MSG_TRUNC && (form === 'list' || form === 'message');
      return open(model, { i }) && !(model.kind.isTcp && truncatesVector);
    },
    run(model, real, { i, room, flag, form }) {
      const { incoming, timeout } = model.ends[i];
      const socket = real.sockets[i];
      const expected = incoming.peek(room);
      const isWhole = expected !== null && (flag !== MSG_WAITALL || expected.length === room);
      const hasTimeout = timeout > 0 && flag === 0 && expected === null;
      const flags = isWhole || hasTimeout ? flag : flag | MSG_DONTWAIT;
      const isReset = tellsReset(model, model.ends[i], expected);
      if (flag !== MSG_PEEK && (model.kind.isStream || !isReset)) incoming.receive(room);
      if (isReset) {
        error(() => receives[form](socket, room, flags), 'ECONNRESET', 'ConnectionResetError');
        return;
      }
      if (hasTimeout && model.ends[i].isBlocking) {
        error(() => receives[form](socket, room, flags), 'ETIMEDOUT', 'TimeoutError');
        return;
      }
      // A MSG_WAITALL that ends short takes a Unix stream's reset with it.
      if (model.kind.isUnix && model.kind.isStream && !isWhole) model.ends[i].isReset = false;
      const isTruncating = flag === MSG_TRUNC;
      const writes = !(isTruncating && model.kind.isTcp);
      compare(receives[form](socket, room, flags), expected, { isTruncating, writes });
    },
  },
  receiveFifo: {
    with: { i: side, room: size },
    can: (model, { i }) =>
      model.kind.isStream && open(model, { i }) && model.ends[i].incoming.peek(1)?.length > 0,
    run(model, real, { i, room }) {
      const fifo = new FIFOBuffer(room);
      const n = real.sockets[i].receiveBytes(fifo);
      const { from, length } = model.ends[i].incoming.receive(room);
      assert.equal(n, length);
      assert.deepEqual(fifo.begin(), content(from, length));
    },
  },
  /** More than fits: the kernel says how much goes, and all of that comes. */
  flood: {
    with: { i: side },
    can: (model, { i }) => {
      const { incoming } = model.ends[1 - i];
      const isIdle = model.kind.isStream && incoming.pending === 0 && !incoming.isEnded;
      return bothOpen(model) && isIdle;
    },
    run(model, real, { i }) {
      const { incoming } = model.ends[1 - i];
      const data = content(incoming.end, 300_000);
      const n = real.sockets[i].sendBytes(data, MSG_DONTWAIT);
      assert.ok(n > 0 && n <= data.length);
      incoming.sent(n);
      const memory = Buffer.alloc(70_000);
      while (incoming.pending > 0) {
        assert.ok(real.sockets[1 - i].poll(5000, SELECT_READ), 'the rest comes');
        const got = real.sockets[1 - i].receiveBytes(memory, MSG_DONTWAIT);
        const { from, length } = incoming.receive(got);
        assert.equal(got, length);
        assert.ok(memory.subarray(0, got).equals(content(from, got)));
      }
    },
  },
  /** It waits first; what comes ends the wait. */
  receiveAsync: {
    with: { i: side, size },
    can: (model, { i }) =>
      bothOpen(model) &&
      !model.ends[1 - i].hasShutSend &&
      !model.ends[i].incoming.isReadable &&
      !model.ends[i].incoming.isAtMark,
    async run(model, real, { i, size: length }) {
      const { incoming } = model.ends[i];
      const memory = Buffer.alloc(length, UNTOUCHED);
      const wait = real.sockets[i].receiveBytesAsync(memory, { flags: MSG_WAITALL });
      const data = content(incoming.end, length);
      assert.equal(real.sockets[1 - i].sendBytes(data), length);
      incoming.sent(length);
      const n = await wait;
      compare({ n, memory }, incoming.receive(length), { writes: true });
    },
  },
  abort: {
    with: { i: side },
    can: (model, { i }) => open(model, { i }) && !model.ends[i].incoming.isReadable,
    async run(model, real, { i }) {
      const abort = new AbortController();
      const wait = real.sockets[i].pollAsync(SELECT_READ, { signal: abort.signal });
      abort.abort();
      await assert.rejects(wait, { code: 'ABORT_ERR', name: 'AbortError' });
    },
  },
  sendUrgent: {
    with: { i: side },
    can: (model, { i }) => model.kind.isTcp && bothOpen(model) && !model.ends[i].hasShutSend,
    run(model, real, { i }) {
      const { incoming } = model.ends[1 - i];
      assert.equal(real.sockets[i].sendUrgent(byteAt(incoming.end)), 1);
      incoming.sentUrgent();
      arrived(model, real, 1 - i);
    },
  },
  receiveUrgent: {
    with: { i: side },
    can: (model, { i }) => model.kind.isTcp && open(model, { i }),
    run(model, real, { i }) {
      const { incoming, wasReset } = model.ends[i];
      const socket = real.sockets[i];
      if (wasReset && incoming.isUrgentHere)
        error(() => socket.receiveUrgent(), 'ENOTCONN', 'SocketError');
      else assert.equal(socket.receiveUrgent(), incoming.takeUrgent());
    },
  },
  readToMark: {
    with: { i: side, room: size },
    can: (model, { i }) => {
      const { incoming, isReset } = model.ends[i];
      return model.kind.isTcp && open(model, { i }) && incoming.available > 0 && !isReset;
    },
    run(model, real, { i, room }) {
      const { incoming } = model.ends[i];
      const memory = Buffer.alloc(room, UNTOUCHED);
      const { bytes: n, atMark } = real.sockets[i].readToMark(memory);
      compare({ n, memory }, incoming.receive(room), { writes: true });
      assert.equal(atMark, incoming.isAtMark);
    },
  },
  look: {
    with: { i: side },
    can: open,
    run(model, real, { i }) {
      const { incoming, isBlocking, timeout, isReset } = model.ends[i];
      const socket = real.sockets[i];
      if (model.kind.isStream) assert.equal(socket.available(), incoming.available);
      if (model.kind.isTcp) assert.equal(socket.atUrgentMark(), incoming.isAtMark);
      const bits = socket.pollEvents(0, SELECT_READ | SELECT_URGENT);
      assert.equal((bits & SELECT_READ) !== 0, incoming.isReadable || isReset);
      assert.equal((bits & SELECT_URGENT) !== 0, incoming.isUrgentHere);
      assert.equal(socket.getBlocking(), isBlocking);
      // The kernel keeps ticks.
      assert.equal(socket.getReceiveTimeout() > 0, timeout > 0);
    },
  },
  pollSet: {
    with: {},
    can: bothOpen,
    run(model, real) {
      const set = new PollSet();
      for (const socket of real.sockets) set.add(socket, SELECT_READ);
      const ready = set.poll(0);
      set.close();
      for (const [i, { incoming, isReset }] of model.ends.entries()) {
        const isReadable = ((ready.get(real.sockets[i]) ?? 0) & SELECT_READ) !== 0;
        assert.equal(isReadable, incoming.isReadable || isReset);
      }
    },
  },
  setBlocking: {
    with: { i: side, on: fc.boolean() },
    can: open,
    run(model, real, { i, on }) {
      real.sockets[i].setBlocking(on);
      model.ends[i].isBlocking = on;
    },
  },
  setTimeout: {
    with: { i: side, timeout: fc.constantFrom(0, 0, 0, 0, 1) },
    can: open,
    run(model, real, { i, timeout }) {
      real.sockets[i].setReceiveTimeout(timeout);
      model.ends[i].timeout = timeout;
    },
  },
  move: {
    with: { i: side, how: fc.constantFrom(...Object.keys(moves)) },
    can: open,
    run(model, real, { i, how }) {
      real.sockets[i] = moves[how](real.sockets[i]);
    },
  },
  shutdownSend: {
    with: { i: side },
    can: (model, { i }) => model.kind.isConnected && bothOpen(model) && !model.ends[i].hasShutSend,
    run(model, real, { i }) {
      real.sockets[i].shutdownSend();
      model.ends[i].hasShutSend = true;
      model.ends[1 - i].incoming.isEnded = true;
      ended(model, real, 1 - i);
    },
  },
  sendShut: {
    with: { i: side },
    can: (model, { i }) =>
      open(model, { i }) && model.ends[i].hasShutSend && !model.ends[i].isReset,
    run(model, real, { i }) {
      error(() => real.sockets[i].sendBytes(Buffer.alloc(4)), 'EPIPE', 'SocketError');
    },
  },
  close: {
    with: { i: side },
    can: bothOpen,
    run(model, real, { i }) {
      const [own, other] = [model.ends[i], model.ends[1 - i]];
      real.sockets[i].close();
      own.isOpen = false;
      if (!model.kind.isConnected) return;
      // Behind the end of the stream a reset tells nobody anything on TCP.
      const isUnread = own.incoming.pending > 0;
      other.isReset = isUnread && !(model.kind.isTcp && other.incoming.isEnded);
      other.wasReset = other.isReset;
      other.incoming.isEnded = true;
      ended(model, real, 1 - i);
    },
  },
  useClosed: {
    with: { i: side },
    can: (model, { i }) => !open(model, { i }),
    async run(model, real, { i }) {
      const socket = real.sockets[i];
      const memory = Buffer.alloc(4);
      assert.equal(socket.sockfd(), -1);
      for (const call of [
        () => socket.receiveBytes(memory),
        () => socket.sendBytes(memory),
        () => socket.available(),
        () => socket.poll(0, SELECT_READ),
        () => socket.dup(),
        () => socket.detach(),
      ])
        error(call, 'EBADF', 'InvalidSocketError');
      const expected = { code: 'EBADF', name: 'InvalidSocketError' };
      await assert.rejects(
        socket.receiveBytesAsync?.(memory) ?? Promise.reject(expected),
        expected,
      );
      socket.close();
    },
  },
};

/** Waits until the end of the stream, or the reset, has arrived at `i`. */
function ended(model, real, i) {
  // Established, and waiting for the own end's confirmation.
  const isEnded = () => ![1, 4, 5].includes(real.sockets[i].tcpInfo().state);
  if (model.kind.isTcp) until(isEnded, 'the end');
}

let made = 0;
const counts = {};
class Command {
  constructor(name, values) {
    this.name = name;
    this.values = values;
  }
  check(model) {
    return operations[this.name].can(model, this.values);
  }
  async run(model, real) {
    made++;
    counts[this.name] = (counts[this.name] ?? 0) + 1;
    await operations[this.name].run(model, real, this.values);
  }
  toString() {
    return `${this.name}(${JSON.stringify(this.values)})`;
  }
}

/** All that is left comes, and nothing else; then every descriptor is closed. */
function finish({ model, real }) {
  model.ends.forEach((end, i) => {
    const socket = real.sockets[i];
    if (!end.isOpen) return;
    const isFirst = tellsReset(model, end, end.incoming.peek(1));
    if (isFirst)
      error(() => socket.receiveBytes(Buffer.alloc(1)), 'ECONNRESET', 'ConnectionResetError');
    while (end.incoming.peek(1)?.length > 0) {
      const got = receives.buffer(socket, MOST, MSG_DONTWAIT);
      compare(got, end.incoming.receive(MOST), { writes: true });
    }
    assert.equal(end.incoming.receive(1) === null, !end.incoming.isEnded);
  });
}

const rare = ['close', 'shutdownSend', 'flood'];
const commands = Object.entries(operations).flatMap(([name, { with: parts }]) => {
  const one = fc.record(parts).map((values) => new Command(name, values));
  const weight = rare.includes(name) ? 1 : 2;
  return Array(weight * (/^(send|receive)$/.test(name) ? 3 : 1)).fill(one);
});
const property = fc.asyncProperty(
  fc.constantFrom(...Object.keys(kinds)),
  fc.commands(commands, { maxCommands: 60, size: 'max', replayPath: textOption('replay') }),
  async (name, sequence) => {
    const openBefore = openDescriptors().length;
    const kind = kinds[name];
    const sockets = kind.make();
    const model = {
      kind,
      ends: sockets.map(() => new End(new (kind.isStream ? Stream : Messages)())),
    };
    const real = { sockets };
    try {
      await fc.asyncModelRun(() => ({ model, real }), sequence);
      finish({ model, real });
    } finally {
      for (const socket of real.sockets) socket.close();
    }
    const left = openDescriptors().length;
    assert.equal(left, openBefore, 'as many descriptors as before');
  },
);

/** What waiting on the event loop opens once. */
async function warmUp() {
  const [first, second] = StreamSocket.pair();
  const wait = first.receiveBytesAsync(Buffer.alloc(1));
  second.sendBytes('x');
  await wait;
  first.close();
  second.close();
  await turn();
}

await warmUp();
const path = textOption('path');
do {
  const numRuns = path === undefined ? Math.ceil((wanted - made) / 20) : 1;
  await fc.assert(property, { seed: seed + made, path, numRuns });
} while (made < wanted && path === undefined);
fs.closeSync(file);
console.log(JSON.stringify({ program: 'sequences', seed, calls: made, counts }));
process.exit(0);
