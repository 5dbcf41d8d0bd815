/** The operations of a sequence: each is made on a real socket and compared with the model. */
import { strict as assert } from 'node:assert';
import fs from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import library from '../../dist/index.js';
import raw, { constants } from '../../dist/raw.js';
import { PERIOD, content } from './connection-model.mjs';
import { option } from './run.mjs';

const { FIFOBuffer, GrowableBuffer, InvalidSocketError, PollSet, StreamSocket, TimeoutError } =
  library;
const { SELECT_READ, SELECT_URGENT, SELECT_WRITE, WOULD_BLOCK } = library;
const { MSG_DONTWAIT, MSG_PEEK, MSG_TRUNC, MSG_WAITALL } = constants;
const POLLRDHUP = 0x2000;

/** Not so much that a send waits for the reader. */
const MOST_PENDING = 16_384;
/** Unix datagram sockets queue ten messages. */
const MOST_MESSAGES = 10;
/** What the events of loopback may take at the most, in ms. */
const PATIENCE = option('patience', 2000);

export const tally = { commands: 0 };
/** `--trace`: tells each operation before it is made, for those that do not return. */
const isTraced = process.argv.includes('--trace');

const folder = fs.mkdtempSync(join(tmpdir(), 'bsd-sockets-content-'));
fs.writeFileSync(join(folder, 'content'), content);
const file = fs.openSync(join(folder, 'content'), 'r');
fs.rmSync(folder, { recursive: true });

async function outcome(call) {
  try {
    return { value: await call() };
  } catch (error) {
    return { error };
  }
}

function assertInvalid({ error }) {
  assert.ok(error instanceof InvalidSocketError, `closed, but: ${error}`);
}

function polled(socket) {
  const entry = Int32Array.of(socket.sockfd(), POLLRDHUP, 0);
  raw.poll(entry, 1, 0);
  return entry[2];
}

/** Whether everything under way has come in. */
function hasArrived(end, socket) {
  const events = polled(socket);
  if (end.isBroken) return (events & constants.POLLHUP) !== 0;
  if (end.isEnded && (events & POLLRDHUP) === 0) return false;
  const { available, hasUrgent } = end.incoming;
  if (socket.poll(0, SELECT_URGENT) !== hasUrgent) return false;
  return available === undefined || socket.available() === available;
}

/** TCP and UDP carry in the background. */
function settle(model, sockets) {
  const deadline = performance.now() + PATIENCE;
  for (const [side, end] of model.ends.entries()) {
    while (end.isOpen && !hasArrived(end, sockets[side])) {
      const told = `${sockets[side].available()} bytes, events ${polled(sockets[side])}`;
      assert.ok(performance.now() < deadline, `end ${side}: ${told}; ${end.incoming.available}`);
    }
  }
}

/** @param isPossible By the model, of `end` and the arguments. */
function command(name, parameters, isPossible, run) {
  return fc.tuple(fc.nat(1), ...parameters).map(([side, ...given]) => ({
    check: (model) => isPossible(model.ends[side], model, ...given),
    async run(model, sockets) {
      tally.commands++;
      if (isTraced) fs.writeSync(2, `${model.kind}: ${this}\n`);
      const end = model.ends[side];
      await run({ model, sockets, side, end, socket: sockets[side] }, ...given);
      settle(model, sockets);
    },
    toString: () => `${name}(${[side, ...given].join(', ')})`,
  }));
}

const isOpen = (end) => end.isOpen;
const length = fc.oneof(fc.integer({ min: 1, max: 20 }), fc.integer({ min: 1, max: 4096 }));

/** Bytes somewhere in a larger buffer, as two buffers, and in a FIFO. */
const placed = (bytes) => Buffer.concat([Buffer.from('before'), bytes, Buffer.from('after')]);
const halves = (bytes) => [bytes.subarray(0, bytes.length >> 1), bytes.subarray(bytes.length >> 1)];
function fifoOf(bytes) {
  const fifo = new FIFOBuffer(bytes.length);
  fifo.write(bytes);
  return fifo;
}

const sends = {
  buffer: (socket, bytes) => socket.sendBytes(placed(bytes), 0, 6, bytes.length),
  vector: (socket, bytes) => socket.sendBytes(halves(bytes)),
  message: (socket, bytes) => socket.sendMessage({ data: halves(bytes) }),
  nonblocking: (socket, bytes) => socket.sendBytes(bytes, MSG_DONTWAIT),
  async: (socket, bytes) => socket.sendBytesAsync(bytes),
  asyncVector: (socket, bytes) => socket.sendBytesAsync(halves(bytes)),
  asyncMessage: (socket, bytes) => socket.sendMessageAsync({ data: bytes }),
};
const streamSends = {
  ...sends,
  asyncPart: (socket, bytes) =>
    socket.sendBytesAsync(placed(bytes), { offset: 6, length: bytes.length }),
  fifo(socket, bytes) {
    const fifo = fifoOf(bytes);
    try {
      return socket.sendBytes(fifo);
    } finally {
      tally.leftInFifo = fifo.used();
    }
  },
  file: (socket, bytes, at) => socket.sendFile(file, at, bytes.length),
  asyncFile: (socket, bytes, at) =>
    socket.sendFileAsync(file, { offset: at, length: bytes.length }),
};

function canSend(end, model, form, size) {
  const { pending } = end.outgoing;
  return (
    end.isOpen &&
    (model.isStream ? pending.length + size <= MOST_PENDING : pending.length < MOST_MESSAGES)
  );
}

/** A send that has no receiver. */
function assertPipe({ error, value }) {
  const isTold = error?.code === 'EPIPE' || error?.code === 'ECONNRESET';
  assert.ok(isTold, `no way out, but: ${error ?? value}`);
}

const send = (forms) =>
  command(
    'send',
    [fc.constantFrom(...Object.keys(forms)), length],
    canSend,
    async ({ model, side, end, socket }, form, size) => {
      const { outgoing } = end;
      const bytes = outgoing.next(size);
      const sent = await outcome(() => forms[form](socket, bytes, outgoing.sent % PERIOD));
      if (end.cannotSend) return assertPipe(sent);
      assert.equal(sent.error, undefined);
      assert.equal(sent.value, size);
      if (form === 'fifo') assert.equal(tally.leftInFifo, 0);
      model.sent(side, size);
    },
  );

const sendUrgent = command(
  'sendUrgent',
  [fc.integer({ min: 0, max: 255 }), fc.boolean()],
  // On Unix sockets a second mark keeps the place of the first, which this model does not have.
  (end, model) =>
    canSend(end, model, '', 1) &&
    model.peer(model.ends.indexOf(end)).isOpen &&
    (model.isTcp || end.outgoing.mark === undefined),
  async ({ model, side, end, socket }, byte, isAsync) => {
    const sent = await outcome(() =>
      isAsync ? socket.sendUrgentAsync(byte) : socket.sendUrgent(byte),
    );
    if (end.cannotSend) return assertPipe(sent);
    assert.deepEqual(sent, { value: 1 });
    model.sentUrgent(side, byte);
  },
);

/** Each gives the count, and what is where the bytes should be. */
const receives = {
  async buffer(socket, size, flags) {
    const memory = Buffer.alloc(size + 11, 0xee);
    const count = socket.receiveBytes(memory, flags, 6, size);
    assert.ok(memory.subarray(0, 6).every((byte) => byte === 0xee));
    assert.ok(memory.subarray(6 + size).every((byte) => byte === 0xee));
    return [count, memory.subarray(6)];
  },
  async vector(socket, size, flags) {
    const memory = Buffer.alloc(size);
    return [socket.receiveBytes(halves(memory), flags), memory];
  },
  async message(socket, size, flags) {
    const memory = Buffer.alloc(size);
    return [socket.receiveMessage({ buffers: halves(memory), flags }).bytes, memory];
  },
  async async(socket, size, flags) {
    const memory = Buffer.alloc(size);
    return [await socket.receiveBytesAsync(memory, { flags }), memory];
  },
  async asyncVector(socket, size, flags) {
    const memory = Buffer.alloc(size);
    return [await socket.receiveBytesAsync(halves(memory), { flags }), memory];
  },
};

/** Without this flag the receive would wait for ever. */
function flagsFor(end, size, flags) {
  const isEnough =
    (flags & MSG_WAITALL) === 0 ? end.hasSomething : end.findsEnd || end.incoming.satisfies(size);
  return isEnough ? flags : flags | MSG_DONTWAIT;
}

const flagsOfReceives = fc.constantFrom(0, 0, 0, MSG_PEEK, MSG_WAITALL, MSG_TRUNC, MSG_DONTWAIT);

/** What a receive gave is what the model has; `isKept` if it stays there. */
function assertReceived({ model, end }, size, { value, error }, flags) {
  const { incoming } = end;
  if (error !== undefined) {
    assert.ok(end.isBroken && !end.hasTold, error.stack);
    assert.ok(error.code === 'ECONNRESET' || error.code === 'EPIPE', error.stack);
    end.hasTold = true;
    return;
  }
  const [count, memory] = value;
  const wasEmpty = incoming.isEmpty;
  const whole = incoming.whole(size);
  const isKept = (flags & MSG_PEEK) !== 0;
  const expected = isKept ? incoming.peek(size) : incoming.receive(size);
  if (wasEmpty) {
    assert.equal(count, end.findsEnd ? 0 : WOULD_BLOCK);
    return;
  }
  const isWhole = (flags & MSG_TRUNC) !== 0;
  assert.equal(count, isWhole ? whole : expected.length);
  // TCP gives nothing but the count.
  if (!(isWhole && model.isTcp)) assert.deepEqual(memory.subarray(0, expected.length), expected);
}

const receive = command(
  'receive',
  [fc.constantFrom(...Object.keys(receives)), length, flagsOfReceives],
  isOpen,
  async (context, form, size, flags) => {
    const used = flagsFor(context.end, size, flags);
    const received = await outcome(() => receives[form](context.socket, size, used));
    assertReceived(context, size, received, flags);
  },
);

const receiveFifo = command(
  'receiveFifo',
  [length],
  (end) => end.isOpen && (end.hasSomething || !end.isBlocking),
  async (context, size) => {
    const fifo = new FIFOBuffer(size);
    const received = await outcome(() => [context.socket.receiveBytes(fifo), fifo.begin()]);
    assertReceived(context, size, received, 0);
  },
);

const receiveGrowable = command(
  'receiveGrowable',
  [fc.nat(64)],
  (end) => end.isOpen && !end.isBroken,
  async (context, before) => {
    const { end, socket } = context;
    const buffer = new GrowableBuffer(before);
    const isReadable = socket.poll(0, SELECT_READ);
    const size = Math.max(before, socket.available(), 1);
    const received = await outcome(() => [
      socket.receiveBytes(buffer, MSG_DONTWAIT, 0),
      buffer.begin(),
    ]);
    if (!isReadable) {
      assert.ok(!end.hasSomething && received.error instanceof TimeoutError);
      return;
    }
    assertReceived(context, size, received, 0);
    assert.equal(buffer.size(), received.value[0] < 0 ? before : received.value[0]);
  },
);

const receiveUrgent = command(
  'receiveUrgent',
  [fc.boolean()],
  (end) => end.isOpen && !end.isBroken,
  async ({ end, socket }, isAsync) => {
    const expected = end.incoming.receiveUrgent();
    const waits = isAsync && expected !== null;
    assert.equal(await (waits ? socket.receiveUrgentAsync() : socket.receiveUrgent()), expected);
  },
);

const readToMark = command(
  'readToMark',
  [length, fc.boolean()],
  (end) =>
    end.isOpen && !end.isBroken && (end.incoming.isAtMark || end.hasSomething || !end.isBlocking),
  async ({ end, socket }, size, isAsync) => {
    const { incoming } = end;
    const memory = Buffer.alloc(size);
    const waits = isAsync && (incoming.isAtMark || end.hasSomething);
    const told = await (waits ? socket.readToMarkAsync(memory) : socket.readToMark(memory));
    if (incoming.isAtMark) return assert.deepEqual(told, { bytes: 0, atMark: true });
    if (incoming.isEmpty) {
      const bytes = end.findsEnd ? 0 : WOULD_BLOCK;
      return assert.deepEqual(told, { bytes, atMark: false });
    }
    const expected = incoming.receive(size);
    assert.deepEqual(told, { bytes: expected.length, atMark: incoming.isAtMark });
    assert.deepEqual(memory.subarray(0, told.bytes), expected);
  },
);

const look = command(
  'look',
  [],
  (end) => end.isOpen && !end.isBroken,
  async ({ model, end, socket }) => {
    const { incoming } = end;
    assert.equal(socket.getBlocking(), end.isBlocking);
    const asked = SELECT_READ | SELECT_WRITE | SELECT_URGENT;
    const events = socket.pollEvents(0, asked);
    if (model.isStream) assert.equal(socket.atUrgentMark(), incoming.isAtMark);
    assert.equal((events & SELECT_URGENT) !== 0, incoming.hasUrgent);
    // A Unix socket is also readable for its urgent byte, and at its place.
    const isUnsure = !model.isTcp && incoming.mark !== undefined;
    if (!isUnsure) assert.equal((events & SELECT_READ) !== 0, end.hasSomething);
    const pollSet = new PollSet();
    pollSet.add(socket, asked);
    // A poll set tells of a hang-up, too.
    assert.equal((pollSet.poll(0).get(socket) ?? 0) & asked, events & asked);
    pollSet.close();
    const read = [socket];
    const except = [socket];
    library.Socket.select(read, [], except, 0);
    assert.equal(read.length, (events & SELECT_READ) === 0 ? 0 : 1);
    assert.equal(except.length, incoming.hasUrgent ? 1 : 0);
  },
);

const options = command(
  'options',
  [fc.boolean(), fc.integer({ min: 4096, max: 65_536 })],
  isOpen,
  async ({ socket }, on, size) => {
    socket.setKeepAlive(on);
    assert.equal(socket.getKeepAlive(), on);
    const number = [constants.SOL_SOCKET, constants.SO_SNDBUF];
    const before = socket.getOption(...number);
    assert.equal(before, socket.getSendBufferSize());
    socket.setOption(constants.SOL_SOCKET, constants.SO_PRIORITY, size % 7);
    assert.equal(socket.getOption(constants.SOL_SOCKET, constants.SO_PRIORITY), size % 7);
  },
);

const setBlocking = command('setBlocking', [fc.boolean()], isOpen, async ({ end, socket }, on) => {
  socket.setBlocking(on);
  end.isBlocking = on;
});

const timedReceive = command(
  'timedReceive',
  [],
  (end) => end.isOpen && end.isBlocking && !end.hasSomething && !end.incoming.mark,
  async ({ socket }) => {
    socket.setReceiveTimeout(1);
    const { error } = await outcome(() => socket.receiveBytes(Buffer.alloc(1)));
    assert.ok(error instanceof TimeoutError && error.code === 'ETIMEDOUT', error?.stack);
    socket.setReceiveTimeout(0);
  },
);

/** Nothing is there, and the peer can send something. */
function mayWaitForPeer(end, model) {
  const peer = model.peer(model.ends.indexOf(end));
  return end.isOpen && !end.hasSomething && !end.incoming.mark && peer.isOpen && !peer.cannotSend;
}

const waitAndSend = command(
  'waitAndSend',
  [length, length],
  mayWaitForPeer,
  async (context, size, room) => {
    const { model, side, socket, sockets, end } = context;
    const waiting = outcome(() => receives.async(socket, room, 0));
    const bytes = end.incoming.next(size);
    assert.equal(await sockets[1 - side].sendBytesAsync(bytes), size);
    model.sent(1 - side, size);
    assertReceived(context, room, await waiting, 0);
  },
);

const waitForAll = command(
  'waitForAll',
  [length, length],
  mayWaitForPeer,
  async (context, first, second) => {
    const { model, side, socket, sockets, end } = context;
    const waiting = outcome(() => receives.async(socket, first + second, MSG_WAITALL));
    for (const size of [first, second]) {
      assert.equal(await sockets[1 - side].sendBytesAsync(end.incoming.next(size)), size);
      model.sent(1 - side, size);
    }
    assertReceived(context, first + second, await waiting, MSG_WAITALL);
  },
);

const waitInVain = command(
  'waitInVain',
  [fc.constantFrom('abort', 'timeout')],
  (end) => end.isOpen && !end.hasSomething && !end.incoming.mark,
  async ({ socket }, how) => {
    const controller = new AbortController();
    const wait = how === 'abort' ? { signal: controller.signal } : { timeout: 1 };
    const waiting = outcome(() => socket.receiveBytesAsync(Buffer.alloc(8), wait));
    if (how === 'abort') controller.abort();
    const { error } = await waiting;
    assert.equal(error?.code, how === 'abort' ? 'ABORT_ERR' : 'ETIMEDOUT');
  },
);

const close = command('close', [fc.boolean()], isOpen, async (context, hasWaiting) => {
  const { model, side, end, socket } = context;
  const waits = hasWaiting && !end.hasSomething && !end.incoming.mark;
  const waiting = waits && outcome(() => socket.receiveBytesAsync(Buffer.alloc(8)));
  socket.close();
  if (waits) assertInvalid(await waiting);
  model.close(side);
});

const useClosed = command(
  'useClosed',
  [],
  (end) => !end.isOpen,
  async ({ socket }) => {
    socket.close();
    assert.ok(socket.isNull());
    const memory = Buffer.alloc(4);
    assertInvalid(await outcome(() => socket.receiveBytes(memory)));
    assertInvalid(await outcome(() => socket.sendBytes(memory)));
    assertInvalid(await outcome(() => socket.receiveBytesAsync(memory)));
    assertInvalid(await outcome(() => socket.sendBytesAsync(memory)));
    assertInvalid(await outcome(() => socket.available()));
    assertInvalid(await outcome(() => socket.poll(0, SELECT_READ)));
    assertInvalid(await outcome(() => socket.dup()));
  },
);

const shut = (method) =>
  command(method, [], isOpen, async ({ model, side, end, socket }) => {
    const { error } = await outcome(() => socket[method]());
    // A descriptor that was taken over after the end does not tell that there was a peer.
    if (error) assert.ok(end.isTakenOver && error.code === 'ENOTCONN', error.stack);
    model[method](side);
  });

/** Other ways to the same socket, each of which then takes its place. */
const moves = {
  share: (socket) => new socket.constructor(socket),
  dup(socket) {
    const copy = socket.dup();
    socket.close();
    return copy;
  },
  detach(socket) {
    const moved = socket.constructor.fromFileDescriptor(socket.detach());
    assert.ok(socket.isNull());
    return moved;
  },
};
const move = command(
  'move',
  [fc.constantFrom(...Object.keys(moves))],
  isOpen,
  async ({ sockets, side, end, socket }, how) => {
    end.isTakenOver ||= how === 'detach';
    sockets[side] = moves[how](socket);
  },
);

/** A descriptor that comes with a byte is used. */
const pass = command(
  'pass',
  [],
  (end, model) =>
    canSend(end, model, '', 1) &&
    !end.cannotSend &&
    model.peer(model.ends.indexOf(end)).isOpen &&
    end.outgoing.isEmpty &&
    !end.outgoing.mark,
  async (context) => {
    const { model, side, sockets, socket, end } = context;
    const [kept, given] = StreamSocket.pair();
    const data = end.outgoing.next(1);
    const control = [{ type: 'SCM_RIGHTS', descriptors: [given.sockfd()] }];
    assert.equal(socket.sendMessage({ data, control }), 1);
    given.close();
    model.sent(side, 1);
    const memory = Buffer.alloc(1);
    const message = sockets[1 - side].receiveMessage({ buffers: [memory], controlLength: 64 });
    assert.deepEqual(memory, model.peer(side).incoming.receive(1));
    const taken = message.control[0].descriptors.take();
    const received = StreamSocket.fromFileDescriptor(taken);
    received.sendBytes('x');
    assert.equal(kept.receiveBytes(Buffer.alloc(2)), 1);
    received.close();
    assert.equal(kept.receiveBytes(Buffer.alloc(2)), 0);
    kept.close();
  },
);

/** Sends the rest as a stream, whose end closes the socket. */
const endAsStream = command(
  'endAsStream',
  [length],
  (end, model) => canSend(end, model) && !end.cannotSend && !end.incoming.mark && !end.isEnded,
  async ({ model, side, end, socket }, size) => {
    const stream = socket.toStream();
    const bytes = Buffer.from(end.outgoing.next(size));
    await new Promise((resolve, reject) => {
      stream.once('error', reject);
      stream.end(bytes, resolve);
    });
    const closed = new Promise((resolve) => stream.once('close', resolve));
    stream.destroy();
    await closed;
    assert.ok(socket.isNull());
    model.sent(side, size);
    model.shutdownSend(side);
    model.close(side);
  },
);

/** As a `net.Socket`, whose descriptor is borrowed for a receive. */
const endAsNode = command(
  'endAsNode',
  [length],
  (end) => end.isOpen && !end.isBroken,
  async (context, size) => {
    const { model, side, socket } = context;
    const netSocket = socket.toNetSocket();
    assert.ok(socket.isNull());
    const borrowed = StreamSocket.borrow(netSocket);
    assertReceived(
      context,
      size,
      await outcome(() => receives.buffer(borrowed, size, MSG_DONTWAIT)),
      0,
    );
    const closed = new Promise((resolve) => netSocket.once('close', resolve));
    netSocket.destroy();
    await closed;
    model.close(side);
  },
);

const common = [receive, receive, look, options, setBlocking, timedReceive, move];
const stream = [
  send(streamSends),
  send(streamSends),
  sendUrgent,
  receiveUrgent,
  readToMark,
  receiveFifo,
  receiveGrowable,
  waitAndSend,
  waitForAll,
  waitInVain,
  shut('shutdownSend'),
  shut('shutdownReceive'),
  close,
  useClosed,
  endAsStream,
];

/** The operations for each kind of connection. */
export function operations({ isStream, isTcp, hasEnds }) {
  const messages = [send(sends), send(sends), waitAndSend, waitInVain];
  const ends = [close, useClosed, shut('shutdownSend'), shut('shutdownReceive')];
  if (isTcp) return [...common, ...stream, endAsNode];
  if (isStream) return [...common, ...stream, endAsNode, pass];
  return hasEnds ? [...common, ...messages, ...ends] : [...common, ...messages];
}

/** What is still pending comes, to the last byte. */
export async function drain(model, sockets) {
  for (const [side, end] of model.ends.entries()) {
    const context = { model, end };
    while (end.isOpen && !end.incoming.isEmpty && !end.isBroken) {
      const received = await outcome(() => receives.buffer(sockets[side], 4096, MSG_DONTWAIT));
      assertReceived(context, 4096, received, 0);
    }
  }
}
