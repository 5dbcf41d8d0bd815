/** The event loop: order, ends, modes, and what must never happen. */
import { performance } from 'node:perf_hooks';
import { Worker } from 'node:worker_threads';
import { join } from 'node:path';
import {
  DatagramSocket,
  SELECT_ERROR,
  SELECT_READ,
  SELECT_URGENT,
  ServerSocket,
  StreamSocket,
  TimeoutError,
  WOULD_BLOCK,
  constants,
  createConnection,
  probe,
} from '../lib/index';
import { run } from './support/child';
import { eachWithConnection } from './support/members';
import { text, transports, localPair } from './support/peer';

const { MSG_DONTWAIT, MSG_OOB, MSG_WAITALL } = constants;

interface Resizable {
  resize: (length: number) => void;
}

/** ES2024's, which Node has and the compiler's library not yet. */
function resizable(): ArrayBuffer {
  const Memory = ArrayBuffer as new (length: number, options: object) => ArrayBuffer;
  return new Memory(64, { maxByteLength: 128 });
}
const ends = eachWithConnection();

test('several receives at once keep their order', async () => {
  const buffers = [Buffer.alloc(2), Buffer.alloc(2), Buffer.alloc(2)];
  const waits = buffers.map((buffer) => ends.accepted.receiveBytesAsync(buffer));
  ends.client.sendBytes('aabbcc');
  expect(await Promise.all(waits)).toEqual([2, 2, 2]);
  expect(Buffer.concat(buffers).toString()).toBe('aabbcc');
});

test('several sends at once keep their order, each whole', async () => {
  const parts = ['a', 'b', 'c'].map((letter) => Buffer.alloc(3_000_000, letter));
  const sent = parts.map((part) => ends.client.sendBytesAsync(part));
  const all = Buffer.alloc(9_000_000);
  await ends.accepted.receiveBytesAsync(all, { flags: MSG_WAITALL });
  await Promise.all(sent);
  expect(all.equals(Buffer.concat(parts))).toBe(true);
});

describe.each(transports)('MSG_WAITALL over %s', (transport) => {
  let client: StreamSocket;
  let accepted: StreamSocket;
  const buffer = Buffer.alloc(6);
  beforeEach(() => {
    [client, accepted] = localPair(transport);
  });
  afterEach(() => {
    client.close();
    accepted.close();
  });
  const all = (options = {}): Promise<number> =>
    accepted.receiveBytesAsync(buffer, { flags: MSG_WAITALL, ...options });

  test('is completed across waits', async () => {
    client.sendBytes('abc');
    const waits = all();
    await Promise.resolve();
    client.sendBytes('def');
    expect([await waits, buffer.toString()]).toEqual([6, 'abcdef']);
  });

  test('ends short at the end of the stream', async () => {
    client.sendBytes('abc');
    const waits = all();
    client.close();
    expect(await waits).toBe(3);
    expect(await all()).toBe(0);
  });

  test('ends short at the mark, also when urgent data comes later', async () => {
    client.sendBytes('ab');
    client.sendUrgent(0x58);
    client.sendBytes('cd');
    expect(await accepted.pollAsync(SELECT_URGENT)).toBe(true);
    expect(await all()).toBe(2);
    expect(accepted.receiveUrgent()).toBe(0x58);
    const waits = all();
    client.sendUrgent(0x59);
    expect(await waits).toBe(2);
    expect(accepted.receiveUrgent()).toBe(0x59);
  });

  test('a timeout gives what came; an abort tells it', async () => {
    client.sendBytes('abc');
    expect(await all({ timeout: 20 })).toBe(3);
    await expect(all({ timeout: 20 })).rejects.toBeInstanceOf(TimeoutError);
    client.sendBytes('de');
    const controller = new AbortController();
    const waits = all({ signal: controller.signal });
    controller.abort();
    await expect(waits).rejects.toMatchObject({ name: 'AbortError', bytesReceived: 2 });
    expect(buffer.toString('latin1', 0, 2)).toBe('de');
  });

  test('an error behind bytes is told by the next receive', async () => {
    if (transport === 'unix') return;
    client.sendBytes('abc');
    const waits = all();
    client.setLinger(true, 0);
    client.close();
    const first = await waits.catch((error: unknown) => (error as { code: string }).code);
    if (first === 3) await expect(all()).rejects.toHaveProperty('code', 'ECONNRESET');
    else expect(first).toBe('ECONNRESET');
  });
});

test('an aborted or late receive takes no byte', async () => {
  const buffer = Buffer.alloc(8);
  const controller = new AbortController();
  const aborted = ends.accepted.receiveBytesAsync(buffer, { signal: controller.signal });
  const late = ends.accepted.receiveBytesAsync(buffer, { timeout: 0 });
  controller.abort();
  await expect(aborted).rejects.toHaveProperty('code', 'ABORT_ERR');
  await expect(late).rejects.toHaveProperty('code', 'ETIMEDOUT');
  ends.client.sendBytes('abc');
  expect(await ends.accepted.receiveBytesAsync(buffer)).toBe(3);
});

test.each([NaN, -1, '5', null])('a timeout of %p is refused', async (timeout) => {
  const buffer = Buffer.alloc(8);
  const waits = ends.accepted.receiveBytesAsync(buffer, { timeout: timeout as number });
  await expect(waits).rejects.toHaveProperty('code', expect.stringMatching(/^ERR_/));
});

test.each([{}, null, 'abort'])('a signal of %p is refused', async (signal) => {
  const options = { signal: signal as unknown as AbortSignal };
  const waits = ends.accepted.receiveBytesAsync(Buffer.alloc(8), options);
  await expect(waits).rejects.toHaveProperty('code', 'ERR_INVALID_ARG_TYPE');
});

test('a signal that is aborted before takes no byte, and one that is aborted after does no harm', async () => {
  const controller = new AbortController();
  const options = { signal: controller.signal };
  ends.client.sendBytes('abc');
  expect(await ends.accepted.receiveBytesAsync(Buffer.alloc(2), options)).toBe(2);
  controller.abort(new Error('mine'));
  const late = ends.accepted.receiveBytesAsync(Buffer.alloc(1), options);
  await expect(late).rejects.toMatchObject({ name: 'AbortError', cause: { message: 'mine' } });
  expect(text(ends.accepted)).toBe('c');
});

test('MSG_DONTWAIT does not wait behind others', async () => {
  const waits = ends.accepted.receiveBytesAsync(Buffer.alloc(1));
  const options = { flags: MSG_DONTWAIT };
  expect(await ends.accepted.receiveBytesAsync(Buffer.alloc(1), options)).toBe(WOULD_BLOCK);
  ends.client.sendBytes('x');
  expect(await waits).toBe(1);
});

test('close rejects what waits, in every direction', async () => {
  const waits = [
    ends.accepted.receiveBytesAsync(Buffer.alloc(1)),
    ends.accepted.receiveBytesAsync(Buffer.alloc(1), { timeout: Infinity }),
    ends.accepted.receiveUrgentAsync(),
    ends.accepted.pollAsync(SELECT_READ),
    ends.client.sendBytesAsync(Buffer.alloc(20_000_000)),
  ];
  ends.accepted.close();
  ends.client.close();
  for (const wait of waits) await expect(wait).rejects.toHaveProperty('code', 'EBADF');
});

test('close tells how much of a send had gone', async () => {
  const waits = ends.client.sendBytesAsync(Buffer.alloc(20_000_000));
  ends.client.close();
  const error = await waits.catch((reason: unknown) => reason);
  const all = Buffer.alloc(20_000_000);
  const { bytesSent } = error as { bytesSent: number };
  expect(ends.accepted.receiveBytes(all, MSG_WAITALL)).toBe(bytesSent);
});

test('a view that is detached while its receive waits is refused, and nothing is lost', async () => {
  const memory = new ArrayBuffer(8);
  const waits = ends.accepted.receiveBytesAsync(new Uint8Array(memory));
  structuredClone(memory, { transfer: [memory] });
  ends.client.sendBytes('abc');
  await expect(waits).rejects.toHaveProperty('code', expect.stringMatching(/^ERR_/));
  expect(text(ends.accepted)).toBe('abc');
});

describe('memory that goes while its call waits is refused, and nothing is lost', () => {
  /** What is received into, and what takes it away. */
  const ways: [string, () => { into: ArrayBufferView | ArrayBuffer; take: () => void }][] = [
    [
      'a buffer that shrinks under its view',
      () => {
        const memory = resizable();
        const take = (): void => {
          (memory as ArrayBuffer & Resizable).resize(40);
        };
        return { into: new Uint8Array(memory, 32, 16), take };
      },
    ],
    [
      'a buffer that shrinks to nothing',
      () => {
        const memory = resizable();
        const take = (): void => {
          (memory as ArrayBuffer & Resizable).resize(0);
        };
        return { into: memory, take };
      },
    ],
    [
      'a DataView that is detached',
      () => {
        const memory = new ArrayBuffer(64);
        return {
          into: new DataView(memory),
          take: () => {
            structuredClone(memory, { transfer: [memory] });
          },
        };
      },
    ],
  ];

  // Node 18 cannot resize one.
  const isHere = ([name]: [string, unknown]): boolean =>
    'resize' in ArrayBuffer.prototype || !name.includes('shrinks');
  const absent = ways.filter((way) => !isHere(way));
  if (absent.length > 0) test.skip.each(absent)('%s (needs ArrayBuffer.resize)', () => undefined);

  test.each(ways.filter(isHere))('%s', async (_, make) => {
    for (const isVector of [false, true]) {
      const { into, take } = make();
      const waits = ends.accepted.receiveBytesAsync(isVector ? [into, Buffer.alloc(64)] : into);
      take();
      ends.client.sendBytes('abc');
      // A vector is measured when it is received into; what is left of it is filled.
      const result = await waits.catch((error: unknown) => (error as { code: string }).code);
      if (result !== 3)
        expect([result, text(ends.accepted)]).toEqual([expect.stringMatching(/^ERR_/), 'abc']);
    }
  });

  test('behind the first bytes of a MSG_WAITALL: the error tells how many came', async () => {
    const memory = new ArrayBuffer(64);
    ends.client.sendBytes('abc');
    const waits = ends.accepted.receiveBytesAsync(memory, { flags: MSG_WAITALL });
    expect(ends.accepted.available()).toBe(0);
    structuredClone(memory, { transfer: [memory] });
    ends.client.sendBytes('def');
    await expect(waits).rejects.toMatchObject({ code: 'ERR_INVALID_ARG_TYPE', bytesReceived: 3 });
    expect(text(ends.accepted)).toBe('def');
  });

  test('a send: the error tells how many went', async () => {
    const memory = new ArrayBuffer(20_000_000);
    const waits = ends.client.sendBytesAsync(memory);
    structuredClone(memory, { transfer: [memory] });
    const all = Buffer.alloc(20_000_000);
    const drained = ends.accepted.receiveBytesAsync(all, { flags: MSG_WAITALL });
    const error = await waits.catch((reason: unknown) => reason);
    expect(error).toHaveProperty('code', 'ERR_INVALID_ARG_TYPE');
    ends.client.close();
    expect(await drained).toBe((error as { bytesSent: number }).bytesSent);
  });
});

test('the mode stays as it was', async () => {
  const waits = ends.accepted.receiveBytesAsync(Buffer.alloc(1));
  expect(ends.accepted.getBlocking()).toBe(true);
  ends.client.sendBytes('x');
  await waits;
  ends.accepted.setReceiveTimeout(20);
  expect(() => text(ends.accepted)).toThrow(TimeoutError);
});

test('a connect that is never answered times out, closes, and the object connects again', async () => {
  const full = new ServerSocket();
  full.bind('127.0.0.1:0');
  full.listen(0);
  const first = new StreamSocket(full.address());
  const socket = new StreamSocket();
  const waits = socket.connectAsync(full.address(), { timeout: 30 });
  await expect(waits).rejects.toMatchObject({ code: 'ETIMEDOUT', syscall: 'connect' });
  expect(socket.isNull()).toBe(true);
  const controller = new AbortController();
  const aborted = socket.connectAsync(full.address(), { signal: controller.signal });
  controller.abort();
  await expect(aborted).rejects.toHaveProperty('name', 'AbortError');
  expect(socket.isNull()).toBe(true);
  await socket.connectAsync(ends.server.address());
  for (const one of [full, first, socket]) one.close();
});

test('a full Unix backlog is waited for', async () => {
  const full = new ServerSocket();
  full.bind({ path: '' });
  full.listen(0);
  const first = new StreamSocket(full.address());
  const socket = new StreamSocket();
  await expect(socket.connectAsync(full.address(), { timeout: 30 })).rejects.toHaveProperty(
    'code',
    'ETIMEDOUT',
  );
  const waits = socket.connectAsync(full.address());
  const accepted = full.acceptConnection();
  await waits;
  for (const one of [full, first, socket, accepted]) one?.close();
});

describe('urgent data', () => {
  test.each(transports)('%s: is told before normal data, and once', async (transport) => {
    const [client, accepted] = localPair(transport);
    const seen: number[] = [];
    const { stop } = accepted.watch(SELECT_READ | SELECT_URGENT, (bits) => {
      seen.push(bits);
      if ((bits & SELECT_URGENT) !== 0) expect(accepted.receiveUrgent()).toBe(0x58);
      else text(accepted);
    });
    client.sendBytes('ab');
    client.sendUrgent(0x58);
    await accepted.pollAsync(SELECT_READ);
    while (seen.length < 2) await new Promise((resolve) => setImmediate(resolve));
    expect((seen[0] ?? 0) & SELECT_URGENT).toBe(SELECT_URGENT);
    stop();
    client.close();
    accepted.close();
  });

  test.each(transports)(
    '%s: a receive that waits leaves the byte to whoever watches for it',
    async (transport) => {
      const [client, accepted] = localPair(transport);
      const taken: (number | null)[] = [];
      const first = accepted.receiveBytesAsync(Buffer.alloc(8));
      accepted.watch(SELECT_URGENT, () => taken.push(accepted.receiveUrgent()));
      client.sendUrgent(0x58);
      expect(accepted.poll(5000, SELECT_URGENT)).toBe(true);
      // Begun with the byte at the head of the stream: made at once it would destroy it.
      const second = accepted.receiveBytesAsync(Buffer.alloc(8));
      while (taken.length === 0) await new Promise((resolve) => setImmediate(resolve));
      client.sendBytes('ab');
      expect([await first, taken]).toEqual([2, [0x58]]);
      client.close();
      expect(await second).toBe(0);
      accepted.close();
    },
  );

  test('a wait for an error only does not spin on it', async () => {
    ends.client.sendUrgent(1);
    expect(ends.accepted.poll(5000, SELECT_URGENT)).toBe(true);
    const before = performance.eventLoopUtilization();
    expect(await ends.accepted.pollAsync(SELECT_ERROR, { timeout: 300 })).toBe(false);
    expect(performance.eventLoopUtilization(before).utilization).toBeLessThan(0.5);
    const waits = ends.accepted.pollAsync(SELECT_ERROR);
    ends.client.setLinger(true, 0);
    ends.client.close();
    expect(await waits).toBe(true);
  });

  test('an urgent byte that nobody takes does not spin', async () => {
    let calls = 0;
    const { stop } = ends.accepted.watch(SELECT_URGENT, () => calls++);
    ends.client.sendUrgent(1);
    while (calls === 0) await new Promise((resolve) => setImmediate(resolve));
    for (let i = 0; i < 100; i++) await new Promise((resolve) => setImmediate(resolve));
    expect(calls).toBe(1);
    // Taken, so the next one is told.
    expect(ends.accepted.receiveUrgent()).toBe(1);
    ends.client.sendUrgent(2);
    while (calls === 1) await new Promise((resolve) => setImmediate(resolve));
    stop();
  });

  test('MSG_OOB never waits', async () => {
    const options = { flags: MSG_OOB };
    await expect(ends.accepted.receiveBytesAsync(Buffer.alloc(1), options)).rejects.toHaveProperty(
      'code',
      'EINVAL',
    );
  });
});

test('a reset behind bytes is told to who still waits', async () => {
  const { client, accepted } = ends;
  const all = (async () => {
    for (;;) await accepted.receiveBytesAsync(Buffer.alloc(64));
  })();
  client.sendBytes('abc');
  client.setLinger(true, 0);
  client.close();
  await expect(all).rejects.toHaveProperty('code', 'ECONNRESET');
});

test('a reset that a short MSG_WAITALL has met is told to whatever receives next', async () => {
  const { client, accepted } = ends;
  const waits = accepted.receiveBytesAsync(Buffer.alloc(6), { flags: MSG_WAITALL });
  client.sendBytes('abc');
  client.setLinger(true, 0);
  client.close();
  expect(await waits).toBe(3);
  expect(() => accepted.receiveBytes(Buffer.alloc(1))).toThrow('ECONNRESET');
  expect(accepted.receiveBytes(Buffer.alloc(1))).toBe(0);
});

test('datagrams come also after an error', async () => {
  const gone = new DatagramSocket('127.0.0.1:0');
  const address = gone.address();
  gone.close();
  const socket = new DatagramSocket();
  socket.connect(address);
  const first = socket.receiveBytesAsync(Buffer.alloc(8));
  socket.sendBytes('x');
  await expect(first).rejects.toHaveProperty('code', 'ECONNREFUSED');
  const second = socket.receiveBytesAsync(Buffer.alloc(8));
  const back = new DatagramSocket(address);
  back.sendTo('hello', socket.address());
  expect(await second).toBe(5);
  socket.close();
  back.close();
});

test('two receiveMessageAsync() with one request object fill what it had each time', async () => {
  const [first, second] = [Buffer.alloc(1), Buffer.alloc(1)];
  const request = { buffers: [first] };
  const waits = [ends.accepted.receiveMessageAsync(request)];
  request.buffers = [second];
  waits.push(ends.accepted.receiveMessageAsync(request));
  ends.client.sendBytes('ab');
  await Promise.all(waits);
  expect(String(first) + String(second)).toBe('ab');
});

test('a socket that is closed before it could be passed is not passed', async () => {
  const [near, far] = StreamSocket.pair();
  const [passed, peer] = StreamSocket.pair();
  near.setBlocking(false);
  while (near.sendBytes(Buffer.alloc(65_536)) !== WOULD_BLOCK);
  const control = [{ type: 'SCM_RIGHTS' as const, descriptors: [passed] }];
  const waits = near.sendMessageAsync({ data: Buffer.from('x'), control });
  passed.close();
  const other = new StreamSocket();
  other.init('unix');
  while (far.receiveBytes(Buffer.alloc(1 << 20), MSG_DONTWAIT) !== WOULD_BLOCK);
  await expect(waits).rejects.toHaveProperty('code', 'EBADF');
  for (const socket of [near, far, peer, other]) socket.close();
});

test('calls that are over at once let timers run', async () => {
  const { client, accepted } = ends;
  const loop: { hasTurned: boolean } = { hasTurned: false };
  setImmediate(() => (loop.hasTurned = true));
  let calls = 0;
  for (; !loop.hasTurned && calls < 10_000; calls++) {
    client.sendBytes('x');
    await accepted.receiveBytesAsync(Buffer.alloc(1));
  }
  expect(calls).toBeLessThan(10_000);
});

test('an error queue that nobody reads does not spin', async () => {
  const receiver = new DatagramSocket('127.0.0.1:0');
  const sender = new DatagramSocket('127.0.0.1:0');
  sender.setReceiveErrors(true);
  const gone = receiver.address();
  receiver.close();
  sender.sendTo('x', gone);
  await sender.pollAsync(SELECT_ERROR);
  // The pending error is told once; the queue's entry stays.
  const first = sender.receiveFromAsync(Buffer.alloc(1));
  await expect(first).rejects.toHaveProperty('code', 'ECONNREFUSED');
  const waits = sender.receiveFromAsync(Buffer.alloc(1), { timeout: 300 });
  const before = performance.eventLoopUtilization();
  await expect(waits).rejects.toBeInstanceOf(TimeoutError);
  expect(performance.eventLoopUtilization(before).utilization).toBeLessThan(0.8);
  expect(sender.receiveError()?.error?.code).toBe('ECONNREFUSED');
  sender.close();
});

describe('callbacks', () => {
  test('an exception is an uncaughtException, and the loop goes on', () => {
    const { stdout } = run(`function main() {
      const [first, second] = StreamSocket.pair();
      process.on('uncaughtException', (error) => console.log(error.message));
      let calls = 0;
      const watch = second.watch(1, () => {
        if (++calls === 1) throw new Error('mine');
        console.log('again', second.receiveBytes(Buffer.alloc(8)));
        watch.stop();
      });
      first.sendBytes('x');
    }`);
    expect(stdout).toBe('mine\nagain 1\n');
  });

  test('microtasks run behind each', () => {
    const { stdout } = run(`function main() {
      const [first, second] = StreamSocket.pair();
      const watch = second.watch(1, () => {
        watch.stop();
        Promise.resolve().then(() => console.log('microtask'));
        setImmediate(() => console.log('immediate'));
      });
      first.sendBytes('x');
    }`);
    expect(stdout).toBe('microtask\nimmediate\n');
  });

  test('an unreferenced wait does not keep the process alive, whatever its timeout', () => {
    const { stdout, status } = run(`function main() {
      const [first, second] = StreamSocket.pair();
      second.unref();
      second.receiveBytesAsync(Buffer.alloc(1), { timeout: 20_000 });
      second.watch(1, () => {});
      globalThis.kept = [first, second];
      process.on('exit', () => console.log('exit'));
      process.removeAllListeners('SIGUSR2');
    }`);
    expect([stdout, status]).toEqual(['exit\n', 0]);
  });

  test('a watch that is stopped by another is not called', async () => {
    const called: number[] = [];
    await new Promise<void>((resolve) => {
      const first = ends.accepted.watch(SELECT_READ, () => {
        called.push(1);
        first.stop();
        second.stop();
        setImmediate(resolve);
      });
      const second = ends.accepted.watch(SELECT_READ, () => called.push(2));
      ends.client.sendBytes('x');
    });
    expect(called).toEqual([1]);
  });

  test('the socket may be closed and connected again in its own callback', async () => {
    let again: Promise<number> | undefined;
    await new Promise<void>((resolve) => {
      ends.accepted.watch(SELECT_READ, () => {
        ends.accepted.close();
        ends.accepted.connect(ends.server.address());
        again = ends.accepted.receiveBytesAsync(Buffer.alloc(8));
        resolve();
      });
      ends.client.sendBytes('x');
    });
    const other = ends.server.acceptConnection();
    other?.sendBytes('hello');
    expect(await again).toBe(5);
    other?.close();
  });

  test('the socket may be closed in its own callback', async () => {
    let calls = 0;
    await new Promise<void>((resolve) => {
      ends.accepted.watch(SELECT_READ, () => {
        calls++;
        ends.accepted.close();
        resolve();
      });
      ends.client.sendBytes('x');
    });
    await new Promise((resolve) => setImmediate(resolve));
    expect(calls).toBe(1);
  });
});

test('a worker that ends with thousands of waits ends cleanly', async () => {
  const library = join(__dirname, '../dist/index.js');
  const worker = new Worker(
    `const { StreamSocket } = require(${JSON.stringify(library)});
     const { parentPort } = require('node:worker_threads');
     for (let i = 0; i < 1000; i++) {
       const [first, second] = StreamSocket.pair();
       for (let j = 0; j < 3; j++) second.receiveBytesAsync(Buffer.alloc(1)).catch(() => {});
       second.watch(1, () => {});
     }
     parentPort.postMessage('ready');`,
    { eval: true },
  );
  await new Promise((resolve) => worker.once('message', resolve));
  expect(await worker.terminate()).toBe(1);
});

test('a socket that nobody waits on is collected, also when it was watched before', () => {
  const { stdout } = run(
    `async function main() {
      const count = () => fs.readdirSync('/proc/self/fd').length;
      const server = new ServerSocket('127.0.0.1:0');
      const before = count();
      await (async () => {
        for (let i = 0; i < 20; i++) {
          const client = new StreamSocket(server.address());
          const accepted = server.acceptConnection();
          const waits = accepted.receiveBytesAsync(Buffer.alloc(1));
          client.sendBytes('x');
          await waits;
        }
      })();
      const open = count() - before;
      for (let i = 0; i < 200 && count() > before; i++) {
        gc();
        await new Promise((resolve) => setImmediate(resolve));
      }
      // libuv's own descriptors came with the first wait.
      console.log(open > 2, count() - before <= 2);
      process.exit();
    }`,
    [],
    ['--expose-gc'],
  );
  expect(stdout).toBe('true true\n');
});

test('createConnection: by name, by path, refused, not found', async () => {
  const { port } = ends.server.address().toJSON() as { port: number };
  const named = createConnection({ host: 'localhost', family: 4, port, noDelay: true });
  await new Promise((resolve) => named.once('connect', resolve));
  expect([
    named.remotePort,
    probe(StreamSocket.fromFileDescriptor(named.socket.dup().detach())),
  ]).toEqual([port, 'idle']);
  named.destroy();
  const unix = new ServerSocket({ path: '' });
  const byPath = createConnection({ path: unix.address().path() });
  await new Promise((resolve) => byPath.once('connect', resolve));
  byPath.destroy();
  unix.close();
  ends.server.close();
  for (const [options, code] of [
    [{ host: '127.0.0.1', port }, 'ECONNREFUSED'],
    [{ host: 'no.such.host.invalid', port }, 'ENOTFOUND'],
    [{ path: '/no/such/socket' }, 'ENOENT'],
    [{ host: '127.0.0.1', port: 65536 }, 'ERR_OUT_OF_RANGE'],
  ] as const) {
    const stream = createConnection(options);
    const error: unknown = await new Promise((resolve) => stream.once('error', resolve));
    expect(error).toHaveProperty('code', code);
  }
});

test('MSG_DONTWAIT does not wait for a message either', async () => {
  const [near, far] = DatagramSocket.pair();
  const options = { flags: MSG_DONTWAIT };
  const waits = near.receiveBytesAsync(Buffer.alloc(1));
  expect(await near.receiveBytesAsync(Buffer.alloc(1), options)).toBe(WOULD_BLOCK);
  far.sendBytes('x');
  expect(await waits).toBe(1);
  near.close();
  far.close();
});

test('MSG_WAITALL does not join messages', async () => {
  const [near, far] = StreamSocket.pair(constants.SOCK_SEQPACKET);
  far.sendBytes('ab');
  far.sendBytes('cd');
  const all = { flags: MSG_WAITALL };
  expect(await near.receiveBytesAsync(Buffer.alloc(9), all)).toBe(2);
  expect(await near.receiveBytesAsync([Buffer.alloc(1), Buffer.alloc(9)], all)).toBe(2);
  near.close();
  far.close();
});

test('MSG_WAITALL with MSG_DONTWAIT tells what there was', async () => {
  ends.client.sendBytes('ab');
  await ends.accepted.pollAsync(SELECT_READ);
  const flags = MSG_WAITALL | MSG_DONTWAIT;
  const buffer = Buffer.alloc(9);
  expect(await ends.accepted.receiveBytesAsync(buffer, { flags })).toBe(2);
  expect(buffer.toString('latin1', 0, 2)).toBe('ab');
  expect(await ends.accepted.receiveBytesAsync(buffer, { flags })).toBe(WOULD_BLOCK);
});
