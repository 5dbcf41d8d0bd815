/**
 * `node planted.cjs <addon> <fault>…`: commits the faults, on the main thread and in a worker at the
 * same time, with nothing between the two that would put one before the other.
 */
const { Worker, workerData } = require('node:worker_threads');

const [, , addon, ...faults] = process.argv;
const planted = require(addon);
const started = workerData ?? new Int32Array(new SharedArrayBuffer(4));
if (workerData === null) {
  new Worker(__filename, { argv: [addon, ...faults], workerData: started });
  while (Atomics.load(started, 0) === 0);
} else {
  Atomics.store(started, 0, 1);
}
for (const fault of faults) {
  for (let i = 0; i < 1000; i++) planted[fault]({});
}
