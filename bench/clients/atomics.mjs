// Sync over async by hand: net in a worker, and Atomics.wait for its answers.
import { Worker } from 'node:worker_threads';
import { RECEIVED, asked, check, checkContents, contents, serve } from './protocol.mjs';

/** Calls of the worker: `call(length)` waits until it has done its work, and gives its result. */
async function start(row, { port, size }) {
  const signal = new Int32Array(new SharedArrayBuffer(8));
  const bytes = Buffer.from(new SharedArrayBuffer(Math.max(size, RECEIVED)));
  const workerData = { row, port, size, signal, bytes };
  const worker = new Worker(new URL('sync-worker.mjs', import.meta.url), { workerData });
  await new Promise((resolve) => {
    worker.once('message', resolve);
  });
  return {
    bytes,
    call(length) {
      Atomics.store(signal, 0, 0);
      worker.postMessage(length);
      Atomics.wait(signal, 0, 0);
      return signal[1];
    },
  };
}

await serve({
  async pingpong() {
    const { size } = asked;
    const { bytes, call } = await start('pingpong', asked);
    const message = contents(size);
    return {
      run(count) {
        for (let i = 0; i < count; i++) {
          bytes.set(message);
          check(call(size) === size, 'short');
        }
      },
      verify() {
        checkContents(bytes.subarray(0, size));
        return [];
      },
    };
  },

  async receive() {
    const { bytes, call } = await start('receive', asked);
    let at = 0;
    let n = 0;
    return {
      run(count) {
        for (let left = count * RECEIVED; left > 0; left -= n) {
          n = call(RECEIVED);
          at += n;
        }
      },
      verify() {
        checkContents(bytes.subarray(0, n), at - n);
        return [];
      },
    };
  },
});
