/** What nudges a blocked thread (messages to its worker, say) changes nothing about its call. */
import { once } from 'node:events';
import { constants } from '../../lib/index';
import * as raw from '../../lib/raw';
import { startWorker } from '../support/blocked';

function send(fd: number, text: string, flags = 0): void {
  const bytes = Buffer.from(text);
  expect(raw.send(fd, bytes, 0, bytes.length, flags)).toBe(bytes.length);
}

/** Messages that come while the worker is blocked, and that it does not read. */
async function nudgeOften(worker: { postMessage: (value: unknown) => void }): Promise<void> {
  for (let i = 0; i < 20; i++) {
    worker.postMessage(i);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

test('a receive gets what comes later', async () => {
  const { worker, next, blocked } = await startWorker(`
    parentPort.postMessage(peer.detach());
    parentPort.postMessage([stream.receiveBytes(buffer), String(buffer.subarray(0, 5))]);
  `);
  const fd = await next();
  await blocked();
  await nudgeOften(worker);
  send(fd as number, 'hello');
  expect(await next()).toEqual([5, 'hello']);
  await worker.terminate();
});

test('nor with more arguments than the call has', async () => {
  const { worker, next, blocked } = await startWorker(`
    parentPort.postMessage(peer.detach());
    parentPort.postMessage(raw.recv(stream.sockfd(), buffer, 0, 1, 0, 'a', 'b', 'c', 'd'));
  `);
  const fd = await next();
  await blocked();
  await nudgeOften(worker);
  send(fd as number, 'x');
  expect(await next()).toBe(1);
  await worker.terminate();
});

test('MSG_WAITALL is finished, over many pieces', async () => {
  const { worker, next, blocked } = await startWorker(`
    parentPort.postMessage(peer.detach());
    const n = stream.receiveBytes(buffer, constants.MSG_WAITALL, 0, 30);
    parentPort.postMessage([n, String(buffer.subarray(0, n))]);
  `);
  const fd = (await next()) as number;
  for (const piece of ['0123456789', 'abcdefghij', 'ABCDEFGHIJ']) {
    await blocked();
    await nudgeOften(worker);
    send(fd, piece);
  }
  expect(await next()).toEqual([30, '0123456789abcdefghijABCDEFGHIJ']);
  await worker.terminate();
});

test('MSG_WAITALL in a vector, by recvmsg', async () => {
  const { worker, next, blocked } = await startWorker(`
    parentPort.postMessage(peer.detach());
    const parts = [Buffer.alloc(3), Buffer.alloc(4), Buffer.alloc(5)];
    const n = stream.receiveBytes(parts, constants.MSG_WAITALL);
    parentPort.postMessage([n, parts.map(String)]);
  `);
  const fd = (await next()) as number;
  for (const piece of ['ab', 'cdef', 'ghijkl']) {
    await blocked();
    await nudgeOften(worker);
    send(fd, piece);
  }
  expect(await next()).toEqual([12, ['abc', 'defg', 'hijkl']]);
  await worker.terminate();
});

test('MSG_WAITALL still stops at the urgent mark', async () => {
  const { worker, next, blocked } = await startWorker(`
    parentPort.postMessage(peer.detach());
    const n = stream.receiveBytes(buffer, constants.MSG_WAITALL, 0, 30);
    parentPort.postMessage([n, stream.atUrgentMark(), stream.receiveUrgent()]);
  `);
  const fd = (await next()) as number;
  send(fd, 'abc');
  await blocked();
  await nudgeOften(worker);
  send(fd, 'X', constants.MSG_OOB);
  expect(await next()).toEqual([3, true, 88]);
  await worker.terminate();
});

test('MSG_WAITALL ends short at the end of the stream', async () => {
  const { worker, next, blocked } = await startWorker(`
    parentPort.postMessage(peer.detach());
    parentPort.postMessage(stream.receiveBytes(buffer, constants.MSG_WAITALL, 0, 30));
  `);
  const fd = (await next()) as number;
  send(fd, 'abc');
  await blocked();
  await nudgeOften(worker);
  raw.close(fd);
  expect(await next()).toBe(3);
  await worker.terminate();
});

test('a blocking send sends all, and in order', async () => {
  const { worker, next, blocked } = await startWorker(`
    parentPort.postMessage(peer.detach());
    for (let i = 0; i < buffer.length; i++) buffer[i] = (i * 7 + (i >> 8)) & 0xff;
    parentPort.postMessage(stream.sendBytes(buffer));
    parentPort.postMessage(raw.send(stream.sockfd(), buffer, 0, buffer.length, 0));
  `);
  const fd = (await next()) as number;
  const got = Buffer.alloc(2 << 20);
  for (let length = 0; length < got.length;) {
    await blocked();
    worker.postMessage(length);
    const n = raw.recv(fd, got, length, Math.min(100_000, got.length - length), 0);
    expect(n).toBeGreaterThan(0);
    length += n;
  }
  expect([await next(), await next()]).toEqual([1 << 20, 1 << 20]);
  expect(got.every((byte, i) => byte === ((i * 7 + ((i & 0xfffff) >> 8)) & 0xff))).toBe(true);
  raw.close(fd);
  await worker.terminate();
});

test.each(['127.0.0.1:0', '\\0undisturbed'])('a connect to %s is finished', async (name) => {
  const { worker, next, blocked } = await startWorker(`
    const full = fullListener('${name}');
    const address = full.address();
    parentPort.postMessage(full.detach());
    const socket = new StreamSocket(address);
    parentPort.postMessage(socket.peerAddress().equals(address));
  `);
  const listener = (await next()) as number;
  await blocked();
  await nudgeOften(worker);
  const accepted = [raw.accept(listener), raw.accept(listener)];
  expect(await next()).toBe(true);
  for (const fd of [listener, ...accepted]) raw.close(fd);
  await worker.terminate();
});

test.each([
  ['a receive timeout', 'stream.setReceiveTimeout(300); stream.receiveBytes(buffer)'],
  ['an accept’s', 'server.setReceiveTimeout(300); server.acceptConnection()'],
  ['a poll’s', "if (!stream.poll(300, bsd.SELECT_READ)) throw { code: 'ETIMEDOUT' }"],
  ['a poll set’s', "if (pollSet.poll(300).size === 0) throw { code: 'ETIMEDOUT' }"],
  [
    'a raw receive’s',
    `stream.setReceiveTimeout(300);
     if (raw.recv(stream.sockfd(), buffer, 0, 1, 0) === -constants.EAGAIN) throw { code: 'ETIMEDOUT' }`,
  ],
  [
    'a raw poll’s',
    `if (raw.poll(Int32Array.of(stream.sockfd(), 1, 0), 1, 300) === 0) throw { code: 'ETIMEDOUT' }`,
  ],
])('%s deadline stands', async (_name, call) => {
  const { worker, next, blocked } = await startWorker(`
    const started = performance.now();
    try { ${call}; } catch ({ code }) { parentPort.postMessage([code, performance.now() - started]); }
  `);
  await blocked();
  // Begun anew by each nudge it would not pass before the last.
  const nudges = setInterval(() => {
    worker.postMessage(0);
  }, 5);
  const [code, passed] = (await next()) as [string, number];
  clearInterval(nudges);
  expect(code).toBe('ETIMEDOUT');
  expect(passed).toBeGreaterThan(290);
  await worker.terminate();
});

test('a heap snapshot of a blocked worker is made', async () => {
  const { worker, blocked } = await startWorker('stream.receiveBytes(buffer)');
  await blocked();
  let length = 0;
  // Node 18 does not end the stream for an iterator.
  const snapshot = (await worker.getHeapSnapshot()).on('data', (part: Buffer) => {
    length += part.length;
  });
  await once(snapshot, 'end');
  expect(length).toBeGreaterThan(0);
  await worker.terminate();
});
