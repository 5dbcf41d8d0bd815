// The worker of atomics.mjs: does one exchange or one read for each message, and wakes who waits.
import { once } from 'node:events';
import { connect } from 'node:net';
import { parentPort, workerData } from 'node:worker_threads';
import { reader } from './reader.mjs';

const { row, port, signal } = workerData;
const bytes = Buffer.from(workerData.bytes.buffer);
const socket = connect({ port, host: '127.0.0.1', noDelay: true });
await once(socket, 'connect');

const read = reader(socket);

parentPort.on('message', async (length) => {
  // Written as a copy: the shared memory is the answer's place too.
  if (row === 'pingpong') socket.write(Buffer.from(bytes.subarray(0, length)));
  const chunk = await read(row === 'pingpong' ? length : 1, length);
  bytes.set(chunk);
  signal[1] = chunk.length;
  Atomics.store(signal, 0, 1);
  Atomics.notify(signal, 0);
});

parentPort.postMessage('ready');
