// The traffic of the soak: each flow keeps what lives long, and does one round when it is asked to.
// A round checks everything that it received, and leaves the number of descriptors as it found it.
import assert from 'node:assert/strict';
import { createHash, randomBytes, randomInt } from 'node:crypto';
import { once } from 'node:events';
import { closeSync, fstatSync, openSync } from 'node:fs';
import net from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import {
  DatagramBatch,
  DatagramSocket,
  PollSet,
  ServerSocket,
  StreamSocket,
  constants,
} from 'bsd-sockets';

const { MSG_CTRUNC, MSG_WAITALL } = constants;
const SHA256 = 32;

const hashOf = (data) => createHash('sha256').update(data).digest();

/** Random bytes, and behind them their hash. */
function record(length) {
  const data = randomBytes(length);
  return Buffer.concat([data, hashOf(data)]);
}

let isSpoiled = false;

/** The next record that comes differs in one bit from what was sent: a fault that is planted. */
export function spoilNextRecord() {
  isSpoiled = true;
}

function assertRecord(bytes) {
  if (isSpoiled) bytes[0] ^= 1;
  assert.deepEqual(hashOf(bytes.subarray(0, -SHA256)), bytes.subarray(-SHA256), 'contents');
}

/** Both ends of a TCP connection. */
async function connection() {
  const server = new ServerSocket('127.0.0.1:0');
  const client = new StreamSocket();
  const [accepted] = await Promise.all([
    server.acceptConnectionAsync(),
    client.connectAsync(server.address()),
  ]);
  server.close();
  return [client, accepted];
}

/** A stream and its echo, with an urgent byte in the middle that the other side answers urgently. */
async function streams() {
  const [near, far] = (await connection()).map((socket) => socket.toStream());
  let urgent;
  far.on('urgent', (byte) => (urgent = byte));
  // At the mark, not before: of two urgent bytes on the way TCP keeps the place of the last.
  far.on('mark', () => far.writeUrgent(urgent));
  far.pipe(far);
  return {
    async round() {
      const data = randomBytes(randomInt(2, 1 << 20));
      const half = randomInt(1, data.length);
      const byte = randomInt(256);
      const hash = createHash('sha256');
      let length = 0;
      const whole = new Promise((resolve, reject) => {
        near.on('data', (chunk) => {
          hash.update(chunk);
          length += chunk.length;
          if (length >= data.length) resolve();
        });
        near.once('error', reject);
      });
      const [answer] = await Promise.all([
        once(near, 'urgent'),
        whole,
        near.write(data.subarray(0, half)),
        near.writeUrgent(byte),
        near.write(data.subarray(half)),
      ]);
      near.removeAllListeners('data').removeAllListeners('error');
      assert.equal(length, data.length);
      assert.deepEqual(hash.digest(), hashOf(data), 'contents');
      assert.deepEqual(answer, [byte]);
      return { bytes: 2 * data.length, urgent: 2 };
    },
    close() {
      near.destroy();
      far.destroy();
    },
  };
}

/** Records of a known length by `MSG_WAITALL`, over TCP and over Unix sockets. */
async function records() {
  const pairs = [await connection(), StreamSocket.pair()];
  return {
    async round() {
      let bytes = 0;
      for (const [sender, receiver] of pairs) {
        const data = record(randomInt(1, 1 << 19));
        const buffer = Buffer.alloc(data.length);
        const [sent, received] = await Promise.all([
          sender.sendBytesAsync([data.subarray(0, 1), data.subarray(1)]),
          receiver.receiveBytesAsync(buffer, { flags: MSG_WAITALL }),
        ]);
        assert.deepEqual([sent, received], [data.length, data.length]);
        assertRecord(buffer);
        bytes += received;
      }
      return { bytes };
    },
    close() {
      for (const socket of pairs.flat()) socket.close();
    },
  };
}

/** Node's own net sends everything back. */
async function beside() {
  const server = net.createServer((socket) => socket.pipe(socket)).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  return {
    async round() {
      const socket = new StreamSocket();
      await socket.connectAsync({ host: '127.0.0.1', port });
      const data = record(randomInt(1, 1 << 18));
      const buffer = Buffer.alloc(data.length);
      await Promise.all([
        socket.sendBytesAsync(data),
        socket.receiveBytesAsync(buffer, { flags: MSG_WAITALL }),
      ]);
      assertRecord(buffer);
      socket.shutdownSend();
      assert.equal(await socket.receiveBytesAsync(buffer), 0);
      socket.close();
      return { bytes: 2 * data.length, connections: 1 };
    },
    close: () => server.close(),
  };
}

/** Descriptors handed over: taken and used, left alone, cut off, and closed on their way. */
function descriptors() {
  const [sender, receiver] = StreamSocket.pair();
  const pass = (...list) =>
    sender.sendMessage({
      data: Buffer.from('x'),
      control: [{ type: 'SCM_RIGHTS', descriptors: list }],
    });
  const receive = (controlLength) =>
    receiver.receiveMessage({ buffers: [Buffer.alloc(1)], controlLength });
  return {
    round() {
      const [ours, theirs] = StreamSocket.pair();
      const file = openSync('/dev/null', 'r');
      pass(theirs, file, ours);
      theirs.close();
      const { descriptors: taken } = receive(64).control[0];
      const socket = taken.takeSocket();
      const data = record(64);
      socket.sendBytes(data);
      ours.receiveBytes(data, MSG_WAITALL);
      assertRecord(data);
      const fd = taken.take();
      assert.equal(fstatSync(fd).ino, fstatSync(file).ino);
      closeSync(fd);
      taken.close();
      socket.close();
      pass(file, file, file);
      const cut = receive(24);
      assert.notEqual(cut.flags & MSG_CTRUNC, 0);
      for (const message of cut.control) message.descriptors.close();
      pass(file, ours);
      receiver.receiveBytes(Buffer.alloc(1));
      // What is on its way inside a socket that nobody reads is the kernel's to close.
      const [dying, dead] = StreamSocket.pair();
      dying.sendMessage({
        data: Buffer.from('x'),
        control: [{ type: 'SCM_RIGHTS', descriptors: [ours, file] }],
      });
      for (const one of [ours, dying, dead]) one.close();
      closeSync(file);
      return { bytes: data.length, descriptors: 10 };
    },
    close() {
      sender.close();
      receiver.close();
    },
  };
}

/** Datagrams one by one and in batches. */
function datagrams() {
  const receiver = new DatagramSocket('127.0.0.1:0');
  const sender = new DatagramSocket('127.0.0.1:0');
  const outgoing = new DatagramBatch(16, 1024);
  const incoming = new DatagramBatch(16, 1024);
  const buffer = Buffer.alloc(2048);
  return {
    async round() {
      const to = receiver.address();
      for (let i = 0; i < 16; i++) {
        const data = record(randomInt(1024 - SHA256));
        await sender.sendToAsync(data, to);
        const { bytes, address } = await receiver.receiveFromAsync(buffer);
        assertRecord(buffer.subarray(0, bytes));
        assert.equal(address.equals(sender.address()), true);
        outgoing.set(i, data, to);
      }
      assert.equal(sender.sendBatch(outgoing), 16);
      for (let n = 0; n < 16;) {
        const came = await receiver.receiveBatchAsync(incoming);
        for (let i = 0; i < came; i++) assertRecord(incoming.data(i));
        n += came;
      }
      return { datagrams: 32 };
    },
    close() {
      sender.close();
      receiver.close();
    },
  };
}

/** A set that waits for many, some of which are closed while they are in it. */
function pollSets() {
  return {
    async round() {
      const set = new PollSet();
      const pairs = Array.from({ length: 50 }, () => StreamSocket.pair());
      for (const [near] of pairs) set.add(near, PollSet.POLL_READ);
      for (const [near] of pairs.splice(0, 10)) near.close();
      for (const [, far] of pairs) far.sendBytes('x');
      assert.equal((await set.pollAsync()).size, pairs.length);
      set.wakeUp();
      set.clear();
      assert.equal(set.poll(1000).size, 0);
      set.close();
      for (const socket of pairs.flat()) socket.close();
      return { polled: pairs.length };
    },
    close: () => undefined,
  };
}

/** What goes wrong every day: nobody listens, a peer resets, a wait is given up. */
function failures() {
  return {
    async round() {
      const [client, accepted] = await connection();
      const address = client.peerAddress();
      const controller = new AbortController();
      const waits = [
        client.receiveBytesAsync(Buffer.alloc(8), { signal: controller.signal }),
        accepted.receiveBytesAsync(Buffer.alloc(8), { timeout: 1 }),
      ];
      controller.abort();
      const [aborted, timedOut] = await Promise.allSettled(waits);
      assert.deepEqual([aborted.reason.code, timedOut.reason.code], ['ABORT_ERR', 'ETIMEDOUT']);
      accepted.setLinger(true, 0);
      accepted.close();
      await assert.rejects(client.receiveBytesAsync(Buffer.alloc(8)), { code: 'ECONNRESET' });
      client.close();
      await assert.rejects(client.connectAsync(address), { code: 'ECONNREFUSED' });
      client.close();
      // Left to the garbage collector.
      StreamSocket.pair();
      return { failures: 4 };
    },
    close: () => undefined,
  };
}

/** Threads that come, block and go: some end, some are terminated in the middle of a receive. */
function workers() {
  const start = (workerData) =>
    new Worker(new URL('worker.mjs', import.meta.url), { workerData, execArgv: [] });
  return {
    async round() {
      const server = start({ role: 'serve' });
      const [port] = await once(server, 'message');
      const length = randomInt(1, 1 << 18);
      const client = start({ role: 'ask', port, length });
      const [[sent], [echoed], ...exits] = await Promise.all([
        once(client, 'message'),
        once(server, 'message'),
        once(client, 'exit'),
        once(server, 'exit'),
      ]);
      assert.deepEqual([sent, ...exits.flat()], [echoed, 0, 0]);
      const [near, far] = StreamSocket.pair();
      const blocked = start({ role: 'block', fd: far.detach() });
      await once(blocked, 'message');
      // Before, in and after its way into the kernel.
      await sleep(Math.random() * 3);
      assert.equal(await blocked.terminate(), 1);
      // The thread's environment has closed what it owned.
      assert.equal(await near.receiveBytesAsync(Buffer.alloc(1)), 0);
      near.close();
      return { bytes: sent + echoed, workers: 3 };
    },
    close: () => undefined,
  };
}

export const flows = {
  streams,
  records,
  beside,
  descriptors,
  datagrams,
  pollSets,
  failures,
  workers,
};
