/** Waiting: what for, and how a wait keeps its deadline whatever signals arrive meanwhile. */
import { constants } from './constants';
import { invalidArgType, outOfRange } from './errors';
import { Ready, native } from './native';

const { POLLIN, POLLOUT, POLLPRI, POLLERR, POLLHUP, SIOCATMARK } = constants;

/** A mode: readable (data, end of stream, a connection to accept, error). */
export const SELECT_READ = 1;
/** Writable, or an error that a send would tell. */
export const SELECT_WRITE = 2;
/** An error is pending (`SO_ERROR`). */
export const SELECT_ERROR = 4;
/** Urgent data is pending. */
export const SELECT_URGENT = 8;
const ALL_MODES = SELECT_READ | SELECT_WRITE | SELECT_ERROR | SELECT_URGENT;

/** poll(2)'s events for a mode. */
export function eventsOf(mode: number): number {
  if (typeof mode !== 'number') throw invalidArgType('mode', 'a number', mode);
  if (!Number.isInteger(mode) || (mode & ~ALL_MODES) !== 0) {
    throw outOfRange('mode', 'SELECT_READ | SELECT_WRITE | SELECT_ERROR | SELECT_URGENT', mode);
  }
  return (
    ((mode & SELECT_READ) !== 0 ? POLLIN : 0) |
    ((mode & SELECT_WRITE) !== 0 ? POLLOUT : 0) |
    ((mode & SELECT_URGENT) !== 0 ? POLLPRI : 0)
  );
}

/** The mode bits that poll(2)'s events mean: select(2)'s rules, and ERROR for a pending error. */
export function modeOf(events: number): number {
  return (
    ((events & (POLLIN | POLLHUP | POLLERR)) !== 0 ? SELECT_READ : 0) |
    ((events & (POLLOUT | POLLERR)) !== 0 ? SELECT_WRITE : 0) |
    ((events & POLLERR) !== 0 ? SELECT_ERROR : 0) |
    ((events & POLLPRI) !== 0 ? SELECT_URGENT : 0)
  );
}

/** The modes that a list with these events asks for. */
export function askedModes(events: number): number {
  return (
    ((events & POLLIN) !== 0 ? SELECT_READ : 0) |
    ((events & POLLOUT) !== 0 ? SELECT_WRITE : 0) |
    ((events & POLLPRI) !== 0 ? SELECT_ERROR | SELECT_URGENT : 0)
  );
}

/** What is to be ready for a mode. */
export function readyEvents(mode: number): number {
  const events = eventsOf(mode);
  return (
    ((events & POLLIN) !== 0 ? Ready.Readable : 0) |
    ((events & POLLOUT) !== 0 ? Ready.Writable : 0) |
    ((events & POLLPRI) !== 0 ? Ready.Prioritized : 0) |
    ((mode & SELECT_ERROR) !== 0 ? Ready.Error : 0)
  );
}

/** The mode bits that readiness means. */
export function readyMode(ready: number): number {
  return (
    ((ready & Ready.Readable) !== 0 ? SELECT_READ : 0) |
    ((ready & Ready.Writable) !== 0 ? SELECT_WRITE : 0) |
    ((ready & Ready.Error) !== 0 ? SELECT_ERROR : 0) |
    ((ready & Ready.Prioritized) !== 0 ? SELECT_URGENT : 0)
  );
}

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

/** Whether a call that a signal interrupts is told as `EINTR`, and not made again. */
export const interruption = { isLetIn: false };

/**
 * `wait(entries, count, milliseconds)`, until it says something or the time is over. Part
 * milliseconds round up; a signal neither shortens nor lengthens the wait.
 */
export function waitFor(
  wait: (entries: Int32Array, count: number, timeout: number) => number,
  entries: Int32Array,
  count: number,
  timeout: number,
): number {
  // The clock costs as much as a system call: nobody needs it who does not wait, or for ever.
  const started = startedAt(timeout === Infinity ? 0 : timeout);
  for (let left = timeout; ; left = timeLeft(timeout, started)) {
    const isLast = left <= LONGEST_POLL;
    const n = wait(
      entries,
      count,
      left === Infinity ? -1 : isLast ? Math.ceil(left) : LONGEST_POLL,
    );
    const isOver = n !== 0 || isLast;
    if (n === -constants.EINTR ? interruption.isLetIn : isOver) return n;
  }
}

/** poll(2) on the first `count` entries: how many are ready, 0 when the time is over, or -errno. */
export function pollEntries(entries: Int32Array, count: number, timeout: number): number {
  return waitFor(native.poll, entries, count, timeout);
}

const entry = new Int32Array(3);

/** poll(2) on one descriptor: the bits that are set, 0 when the time is over, or -errno. */
export function pollDescriptor(fd: number, events: number, timeout: number): number {
  entry[0] = fd;
  entry[1] = events;
  const n = pollEntries(entry, 1, timeout);
  return n > 0 ? (entry[2] ?? 0) : n;
}

/** ioctl(2) with `SIOCATMARK`: whether the next byte is behind the urgent mark. */
export function isAtMark(fd: number): boolean {
  const result = new Int32Array(1);
  return native.ioctl(fd, SIOCATMARK, result) === 0 && result[0] === 1;
}
