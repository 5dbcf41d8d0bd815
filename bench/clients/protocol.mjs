// What the clients in JavaScript share: `CLIENT ROW PORT SIZE`, a line "COUNT SERIAL" in, a line
// "NANOSECONDS CPU-NANOSECONDS" out, and the pattern that every message has.
import { createInterface } from 'node:readline';

const [, , row, port, size] = process.argv;

/** The peer's port, and the row's size: of a message, of a buffer, or of a crowd. */
export const asked = { port: Number(port), size: Number(size) };

/** Byte p of a stream is p % PERIOD; a source sends whole periods. */
const PERIOD = 251;
export const LARGEST = 1 << 20;
export const RECEIVED = 65536;
export const HEADER = 64;
export const BATCH = 64;
export const CALLERS = 64;
export const CROWD = 8;
/** How many ready sockets one wait tells. */
export const READY = 256;
/** How long setSpin() lets a receive try, in microseconds. */
export const SPIN = 100;
const pattern = Buffer.from(Array.from({ length: PERIOD }, (_, i) => i));
const stream = Buffer.alloc(LARGEST + PERIOD, pattern);

/** `size` bytes of the stream from position `at`. */
export function contents(size, at = 0) {
  return stream.subarray(at % PERIOD, (at % PERIOD) + size);
}

/** An address on the loopback for each command: no port waits for TIME_WAIT to pass. */
export function hostOf(serial) {
  const low = 1 + serial;
  return `127.${(low >> 16) & 0xff}.${(low >> 8) & 0xff}.${low & 0xff}`;
}

export function check(holds, what) {
  if (!holds) throw new Error(what);
}

export function checkContents(bytes, at = 0) {
  check(bytes.equals(contents(bytes.length, at)), 'contents');
}

/** Wall time and the process's CPU time between start() and stop(), in nanoseconds. */
class Stopwatch {
  wall = 0;
  cpu = 0;
  #wall = 0n;
  #cpu = { user: 0, system: 0 };

  start() {
    this.#cpu = process.cpuUsage();
    this.#wall = process.hrtime.bigint();
  }

  stop() {
    this.wall += Number(process.hrtime.bigint() - this.#wall);
    const { user, system } = process.cpuUsage(this.#cpu);
    this.cpu += (user + system) * 1000;
  }
}

/**
 * Answers commands for ever. A row is a function that sets up and gives `{ run, verify }`:
 * `run(count, serial)` is timed, `verify()` looks at the contents afterwards and gives more figures
 * for the answer. A row that times only parts gives `timed(count, clock)` instead.
 */
export async function serve(rows) {
  const { run, timed, verify = () => [] } = await rows[row](asked);
  for await (const line of createInterface({ input: process.stdin })) {
    const [count, serial] = line.split(' ').map(Number);
    const clock = new Stopwatch();
    if (timed) {
      await timed(count, clock);
    } else {
      clock.start();
      const pending = run(count, serial);
      // A blocking client never comes to the event loop inside its time.
      if (pending !== undefined) await pending;
      clock.stop();
    }
    const more = await verify();
    console.log([clock.wall, clock.cpu, ...more].join(' '));
  }
  process.exit();
}
