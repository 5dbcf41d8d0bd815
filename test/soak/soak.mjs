// Mixed traffic for a long time: node --expose-gc test/soak/soak.mjs [minutes] [--duty=0.5]
//
// All flows do a round together; between two rounds nothing is under way, so descriptors can be
// counted exactly and memory can be compared. The first quarter is for warming up. After it
//   - every sample has exactly as many open descriptors as the first;
//   - resident memory does not grow: the least-squares line through its samples rises, over the
//     whole time measured, by at most 5 % of their mean, or by 8 MiB where that is more;
//   - what malloc(3) has given out rises by at most 2 MiB;
//   - what JavaScript holds after a collection (heap and buffers) rises by at most 2 MiB, likewise.
// Contents are checked by the flows; the first difference ends the soak.
import { readFileSync, readdirSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { setImmediate as turn, setTimeout as sleep } from 'node:timers/promises';
import koffi from 'koffi';
import { StreamSocket } from 'bsd-sockets';
import { flows, spoilNextRecord } from './flows.mjs';

const MIB = 1 << 20;
const WARM_UP = 1 / 4;
const SAMPLES = 120;
/** Also on a slow machine: rounds of warming up, and what a line is drawn through. */
const FEWEST_ROUNDS = 5;
const FEWEST_SAMPLES = 10;
/** A round takes a fraction of a second; one that has lost a byte never ends. */
const LONGEST_ROUND = 60_000;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    // Which part of the time there is traffic; the rest is left to others.
    duty: { type: 'string', default: '1' },
    // What the soak must find: a descriptor, memory, a byte. For the test of the soak itself.
    plant: { type: 'string' },
  },
});
const minutes = Number(positionals[0] ?? 10);
const duty = Number(values.duty);
if (!(minutes > 0) || !(duty > 0 && duty <= 1)) throw new RangeError('minutes > 0, 0 < duty <= 1');

const kept = [];
const faults = {
  descriptor: () => kept.push(StreamSocket.pair()),
  memory: () => kept.push(Buffer.alloc(8 * MIB, 1)),
  byte: spoilNextRecord,
};
const plant = values.plant === undefined ? () => undefined : faults[values.plant];

async function settle() {
  // A finalizer runs when the loop turns after the collection that found its object.
  for (let i = 0; i < 3; i++) {
    globalThis.gc();
    await turn();
  }
}

async function round(running) {
  const isOver = new AbortController();
  const { signal } = isOver;
  const tooLong = sleep(LONGEST_ROUND, undefined, { signal }).then(
    () => {
      throw new Error(`a round did not end within ${LONGEST_ROUND} ms`);
    },
    () => [],
  );
  const counts = await Promise.race([Promise.all(running.map((flow) => flow.round())), tooLong]);
  isOver.abort();
  return counts;
}

const FIELDS = 'arena ordblks smblks hblks hblkhd usmblks fsmblks uordblks fordblks keepcost';
koffi.struct('mallinfo2', Object.fromEntries(FIELDS.split(' ').map((name) => [name, 'size_t'])));
const mallinfo2 = koffi.load('libc.so.6').func('mallinfo2 mallinfo2()');

/**
 * `allocated` is what malloc(3) has given out. `resident` has in it what it keeps for later, which
 * grows with how many threads were at it at once, but not what is mapped from files, which the kernel
 * takes out and reads in as it likes.
 */
function sample(time) {
  const descriptors = readdirSync('/proc/self/fd').length;
  const { heapUsed, external } = process.memoryUsage();
  const { uordblks, hblkhd } = mallinfo2();
  const [, kilobytes] = /^RssAnon:\s+(\d+) kB$/m.exec(readFileSync('/proc/self/status', 'utf8'));
  return {
    time,
    descriptors,
    resident: Number(kilobytes) * 1024,
    allocated: Number(uordblks) + Number(hblkhd),
    held: heapUsed + external,
  };
}

/** How far the least-squares line of `key` rises from the first sample to the last. */
function rise(samples, key) {
  const mean = (values) => values.reduce((sum, value) => sum + value, 0) / values.length;
  const times = samples.map(({ time }) => time);
  const values = samples.map((one) => one[key]);
  const [t, v] = [mean(times), mean(values)];
  const spread = mean(times.map((time) => (time - t) ** 2));
  const slope = mean(times.map((time, i) => (time - t) * (values[i] - v))) / spread;
  return { mean: v, rise: slope * (times.at(-1) - times[0]) };
}

const running = [];
for (const open of Object.values(flows)) running.push(await open());
const totals = { rounds: 0 };
const samples = [];
const begun = performance.now();
const length = minutes * 60_000;
let nextSample = length * WARM_UP;
let elapsed = 0;
while (elapsed < length || samples.length < FEWEST_SAMPLES) {
  const roundBegun = performance.now();
  for (const counts of await round(running)) {
    for (const [name, count] of Object.entries(counts)) totals[name] = (totals[name] ?? 0) + count;
  }
  plant();
  totals.rounds++;
  elapsed = performance.now() - begun;
  if (elapsed >= nextSample && totals.rounds >= FEWEST_ROUNDS) {
    await settle();
    samples.push(sample(elapsed));
    nextSample += (length * (1 - WARM_UP)) / SAMPLES;
  }
  await sleep((performance.now() - roundBegun) * (1 / duty - 1));
}
for (const flow of running) flow.close();

const counted = samples.map(({ descriptors }) => descriptors);
const resident = rise(samples, 'resident');
const allocated = rise(samples, 'allocated');
const held = rise(samples, 'held');
const checks = {
  'descriptors are constant': new Set(counted).size === 1,
  'resident memory is flat': resident.rise <= Math.max(8 * MIB, 0.05 * resident.mean),
  'what malloc has given out is flat': allocated.rise <= 2 * MIB,
  'what JavaScript holds is flat': held.rise <= 2 * MIB,
};
const mib = (bytes) => `${(bytes / MIB).toFixed(1)} MiB`;
console.log(`${(elapsed / 60_000).toFixed(1)} minutes, duty ${duty}, ${samples.length} samples`);
console.log(
  Object.entries(totals)
    .map(([name, count]) => `${count.toLocaleString('en')} ${name}`)
    .join(', '),
);
console.log(`descriptors: ${Math.min(...counted)} to ${Math.max(...counted)}`);
console.log(`resident: ${mib(resident.mean)}, rise ${mib(resident.rise)}`);
console.log(`allocated: ${mib(allocated.mean)}, rise ${mib(allocated.rise)}`);
console.log(`held: ${mib(held.mean)}, rise ${mib(held.rise)}`);
for (const [check, holds] of Object.entries(checks)) {
  console.log(`${holds ? 'ok' : 'NOT OK'}: ${check}`);
  if (!holds) process.exitCode = 1;
}
