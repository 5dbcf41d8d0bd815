/** Time: how a wait keeps its deadline, whatever signals arrive meanwhile. */
import { constants } from './constants';
import { invalidArgType, outOfRange } from './errors';
import { native } from './native';

/** The longest time that one poll(2) can wait, in milliseconds. */
const LONGEST_POLL = 0x7fffffff;

/** A timeout in milliseconds, checked; left out it is Infinity, "for ever". */
export function milliseconds(name: string, value: number | undefined): number {
  if (value === undefined) return Infinity;
  if (typeof value !== 'number') throw invalidArgType(name, 'a number of milliseconds', value);
  if (value >= 0) return value;
  throw outOfRange(name, 'a number of milliseconds >= 0; leave it out to wait for ever', value);
}

/** When a wait begins that `timeout` limits; 0, and no look at the clock, if it is 0. */
export function startedAt(timeout: number): number {
  return timeout === 0 ? 0 : performance.now();
}

/** How much is left of `timeout`, in milliseconds, when the wait began at `started`. */
export function timeLeft(timeout: number, started: number): number {
  return Math.max(0, timeout - (performance.now() - started));
}

/**
 * poll(2) on the first `count` entries. Part milliseconds round up; a signal neither shortens nor
 * lengthens the wait. The number of entries that are ready, 0 when the time is over, or -errno.
 */
export function pollEntries(entries: Int32Array, count: number, timeout: number): number {
  const started = performance.now();
  for (let left = timeout; ; left = timeLeft(timeout, started)) {
    const isLast = left <= LONGEST_POLL;
    const wait = left === Infinity ? -1 : isLast ? Math.ceil(left) : LONGEST_POLL;
    const n = native.poll(entries, count, wait);
    const isOver = n !== 0 || isLast;
    if (n !== -constants.EINTR && isOver) return n;
  }
}

const entry = new Int32Array(3);

/** poll(2) on one descriptor: the bits that are set, 0 when the time is over, or -errno. */
export function pollDescriptor(fd: number, events: number, timeout: number): number {
  entry[0] = fd;
  entry[1] = events;
  const n = pollEntries(entry, 1, timeout);
  return n > 0 ? (entry[2] ?? 0) : n;
}
