/** A worker that is blocked in a call, and how its end is waited for. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';

const dist = JSON.stringify(join(__dirname, '../../dist'));

/** Sockets of every kind, and what a worker says of itself. */
const prelude = `
  const { readlinkSync } = require('node:fs');
  const { parentPort, workerData } = require('node:worker_threads');
  const bsd = require(${dist} + '/index.js');
  const raw = require(${dist} + '/raw.js');
  const { DatagramBatch, DatagramSocket, PollSet, ServerSocket, Socket, StreamSocket, constants } = bsd;
  const [stream, peer] = StreamSocket.pair();
  const server = new ServerSocket('127.0.0.1:0');
  const datagrams = new DatagramSocket('127.0.0.1:0');
  const pollSet = new PollSet();
  pollSet.add(stream, PollSet.POLL_READ);
  const buffer = Buffer.alloc(1 << 20);
  /** A listener with a full backlog: the next connect waits. */
  const fullListener = (address) => {
    const listener = new ServerSocket();
    listener.bind(address);
    listener.listen(0);
    for (let i = 0; i < 2; i++) {
      const client = new StreamSocket();
      try { client.connectNB(listener.address()); } catch { break; }
      clients.push(client);
    }
    return listener;
  };
  const clients = [];
  parentPort.on('message', () => {});
  parentPort.postMessage(Number(readlinkSync('/proc/thread-self').split('/').pop()));
`;

/** Every call that waits, as the worker makes it. */
export const calls: Record<string, string> = {
  receiveBytes: 'stream.receiveBytes(buffer)',
  'receiveBytes with a timeout': 'stream.setReceiveTimeout(600_000); stream.receiveBytes(buffer)',
  'receiveBytes of a vector': 'stream.receiveBytes([buffer, buffer])',
  'receiveBytes with MSG_WAITALL':
    "peer.sendBytes('abc'); stream.receiveBytes(buffer, constants.MSG_WAITALL)",
  sendBytes: 'for (;;) stream.sendBytes(buffer)',
  'sendBytes of a vector': 'for (;;) stream.sendBytes([buffer, buffer])',
  sendFile: 'for (;;) stream.sendFile(process.execPath)',
  receiveMessage: 'stream.receiveMessage({ buffers: [buffer] })',
  readToMark: 'stream.readToMark(buffer)',
  connect: "new StreamSocket(fullListener('127.0.0.1:0').address())",
  'connect with a timeout':
    "new StreamSocket().connect(fullListener('127.0.0.1:0').address(), 600_000)",
  'connect of a Unix socket':
    "const full = fullListener('\\0blocked' + process.pid + Math.random()); new StreamSocket(full.address())",
  'DialogSocket.receiveMessage': 'new bsd.DialogSocket(stream).receiveMessage()',
  'sendTo of a Unix datagram':
    'const [one, other] = DatagramSocket.pair(); for (;;) one.sendMessage({ data: [Buffer.alloc(100)] })',
  acceptConnection: 'server.acceptConnection()',
  receiveFrom: 'datagrams.receiveFrom(buffer)',
  receiveBatch: 'datagrams.receiveBatch(new DatagramBatch(4, 100))',
  poll: 'stream.poll(undefined, bsd.SELECT_READ)',
  'poll with a timeout': 'stream.poll(600_000, bsd.SELECT_READ)',
  select: 'Socket.select([stream], [], [])',
  'PollSet.poll': 'pollSet.poll()',
  'raw.recv': 'raw.recv(stream.sockfd(), buffer, 0, 1, 0)',
  'raw.recv in a loop': 'for (;;) raw.recv(stream.sockfd(), buffer, 0, 1, 0)',
  'raw.accept': 'raw.accept(server.sockfd())',
};

export interface Blocked {
  worker: Worker;
  /** The next message, or the error that the worker ended with. */
  next: () => Promise<unknown>;
  /** What system call the thread is in: its number, or `running`. */
  systemCall: () => string;
  /** Until the thread is blocked. */
  blocked: () => Promise<void>;
}

/** A worker that runs `code`; its own messages come after it has told its thread. */
export async function startWorker(code: string, workerData?: unknown): Promise<Blocked> {
  const worker = new Worker(prelude + code, { eval: true, workerData });
  const messages: unknown[] = [];
  let told: (() => void) | undefined;
  const tell = (message: unknown): void => {
    messages.push(message);
    told?.();
  };
  worker.on('message', tell);
  worker.on('error', tell);
  const next = async (): Promise<unknown> => {
    while (messages.length === 0) await new Promise<void>((resolve) => (told = resolve));
    return messages.shift();
  };
  const thread = await next();
  if (typeof thread !== 'number') throw thread as Error;
  const systemCall = (): string =>
    readFileSync(`/proc/self/task/${String(thread)}/syscall`, 'latin1').split(' ')[0] ?? '';
  const blocked = async (): Promise<void> => {
    while (systemCall().trim() === 'running') {
      await new Promise((resolve) => setImmediate(resolve));
    }
  };
  return { worker, next, systemCall, blocked };
}
