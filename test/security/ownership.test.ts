/** A number has one owner in the process: nobody else can be made to close it. */
import { once } from 'node:events';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import {
  DatagramSocket,
  PollSet,
  ServerSocket,
  Socket,
  StreamSocket,
  constants,
} from '../../lib/index';
import * as raw from '../../lib/raw';
import { outcome } from '../support/peer';

function isOpen(fd: number): boolean {
  return raw.fcntl(fd, constants.F_GETFD) >= 0;
}

test.each([
  ['ServerSocket', () => new ServerSocket('127.0.0.1:0')],
  ['StreamSocket', () => new StreamSocket('ipv4')],
  ['DatagramSocket', () => new DatagramSocket('127.0.0.1:0')],
  ['one end of a pair', () => StreamSocket.pair()[0]],
  ['a duplicate', () => new StreamSocket('ipv4').dup()],
])('the number of %s cannot be taken over, before it is detached', (_, make) => {
  const socket = make();
  const fd = socket.sockfd();
  expect(outcome(() => Socket.fromFileDescriptor(fd))).toBe('ERR_INVALID_ARG_VALUE');
  expect(isOpen(fd)).toBe(true);
  const taken = Socket.fromFileDescriptor(socket.detach());
  expect(taken.sockfd()).toBe(fd);
  socket.close();
  expect(isOpen(fd)).toBe(true);
  taken.close();
  expect(isOpen(fd)).toBe(false);
});

test('nor that of a received descriptor, or of a set that can be woken', () => {
  const [first, second] = StreamSocket.pair();
  const control = [{ type: 'SCM_RIGHTS', descriptors: [first] }] as const;
  first.sendMessage({ data: Buffer.from('x'), control });
  // The kernel gives the lowest number that is free.
  const fd = raw.dup(0);
  raw.close(fd);
  const message = second.receiveMessage({ buffers: [Buffer.alloc(1)], controlLength: 64 });
  expect(isOpen(fd)).toBe(true);
  expect(outcome(() => Socket.fromFileDescriptor(fd))).toBe('ERR_INVALID_ARG_VALUE');
  const [received] = message.control;
  if (received === undefined || !('descriptors' in received)) throw new Error('nothing came');
  const taken = received.descriptors.takeSocket();
  expect(taken.sockfd()).toBe(fd);
  const set = new PollSet();
  const waker = set.wakeUpDescriptor();
  expect(outcome(() => Socket.fromFileDescriptor(waker))).toBe('ERR_INVALID_ARG_VALUE');
  set.close();
  for (const socket of [first, second, taken]) socket.close();
});

test('a number that is free again can be taken over by whoever has it then', () => {
  const socket = new StreamSocket('ipv4');
  const fd = socket.sockfd();
  socket.close();
  const opened: number[] = [];
  while (!opened.includes(fd) && opened.length < 100) {
    opened.push(raw.socket(constants.AF_INET, constants.SOCK_STREAM, 0));
  }
  expect(opened).toContain(fd);
  for (const number of opened) Socket.fromFileDescriptor(number).close();
  expect(isOpen(fd)).toBe(false);
});

test('the owner may be in another thread', async () => {
  const library = JSON.stringify(join(__dirname, '../../dist/index.js'));
  const source = `
    const { Socket, StreamSocket } = require(${library});
    const { parentPort, workerData } = require('node:worker_threads');
    let code;
    try { Socket.fromFileDescriptor(workerData); } catch (error) { code = error.code; }
    globalThis.socket = new StreamSocket('ipv4');
    parentPort.postMessage([code, socket.sockfd()]);
    parentPort.once('message', () => {});`;
  const [near, far] = StreamSocket.pair();
  const worker = new Worker(source, { eval: true, workerData: near.sockfd() });
  const [[code, theirs]] = (await once(worker, 'message')) as [[string, number]];
  expect(code).toBe('ERR_INVALID_ARG_VALUE');
  expect(outcome(() => Socket.fromFileDescriptor(theirs))).toBe('ERR_INVALID_ARG_VALUE');
  worker.postMessage('end');
  await once(worker, 'exit');
  // The thread's end has closed its own, and left ours alone.
  expect(isOpen(theirs)).toBe(false);
  expect(near.sendBytes('x')).toBe(1);
  near.close();
  far.close();
});
