/**
 * Calls that end before they are done: by a signal of the program's, or by a nudge of the watchdog
 * (native/nudge.h), which lets a thread end that is blocked. After a nudge the call is gone on with
 * as if nothing had been, unless {@link setInterruptible} lets the program in.
 */
import { isMainThread } from 'node:worker_threads';
import { rest, totalLength, view } from './buffers';
import { constants } from './constants';
import { boolean } from './errors';
import { addon, ending, native, unavailable, type Bytes, type Native } from './native';
import { options, setOption, type Option } from './options';
import { interruption, isAtMark, pollDescriptor, timeLeft } from './waiting';

const { EAGAIN, EALREADY, EINPROGRESS, EINTR, POLLERR, POLLIN, POLLOUT, POLLPRI } = constants;
const { MSG_DONTWAIT, MSG_ERRQUEUE = 0, MSG_OOB, MSG_PEEK, MSG_WAITALL } = constants;
const { MSG_WAITFORONE = 0 } = constants;
const { ReceiveTimeout, SendTimeout } = options;

const timeval = native.encodeTimeval(0);

/** Of a batch of messages: the room for a name, and the results of each. */
const NAME_ROOM = 128;
const RESULTS = 3;

/**
 * Makes a call again that was interrupted. The kernel would begin its timeout anew each time, so it
 * is set to what is left, and put back afterwards.
 */
export function again(
  fd: number,
  { level, option, kind }: Option<'timeval'>,
  timeout: number,
  started: number,
  call: () => number,
): number {
  let n = -EINTR;
  if (interruption.isLetIn) return n;
  if (timeout === 0) {
    while (n === -EINTR) n = call();
    return n;
  }
  try {
    while (n === -EINTR) {
      const left = timeLeft(timeout, started);
      if (left === 0) return -EAGAIN;
      setOption(fd, level, option, left, kind);
      n = call();
    }
    return n;
  } finally {
    setOption(fd, level, option, timeout, kind);
  }
}

/** One call that a nudge ended: what it gave, and when it began. */
interface Nudged {
  fd: number;
  result: number;
  started: number;
}

/** The kernel's timeout; none where it cannot tell: the call itself will say why. */
function timeoutOf(fd: number, { level, option }: Option<'timeval'>): number {
  const n = native.getsockopt(fd, level, option, timeval, 0, Int32Array.of(timeval.length));
  return n < 0 ? 0 : native.decodeTimeval(timeval);
}

/**
 * Makes the call again while nudges end it before it has done anything. `isCut`: the last one ended
 * it when it had done a part.
 */
function repeated(
  { fd, result, started }: Nudged,
  option: Option<'timeval'>,
  call: () => number,
): { n: number; isCut: boolean } {
  if (result !== -EINTR) return { n: result, isCut: result > 0 };
  const n = again(fd, option, timeoutOf(fd, option), started, call);
  return { n, isCut: n > 0 && native.wasNudged() };
}

/**
 * Goes on with a call that has `done` a part of `total`, until it is all done, the time is over, or
 * `isOver`. An error is left for the next call, as the kernel leaves it.
 */
function finished(
  { fd, started }: Nudged,
  done: number,
  total: number,
  option: Option<'timeval'>,
  isOver: (events: number) => boolean,
  call: (done: number) => number,
): number {
  const timeout = timeoutOf(fd, option);
  const events = option === SendTimeout ? POLLOUT : POLLIN | POLLPRI;
  let soFar = done;
  while (soFar < total) {
    const left = timeout === 0 ? Infinity : timeLeft(timeout, started);
    const ready = pollDescriptor(fd, events, left);
    if (ready <= 0 || isOver(ready)) break;
    const n = call(soFar);
    if (n === 0 || (n < 0 && n !== -EINTR && n !== -EAGAIN)) break;
    soFar += Math.max(0, n);
  }
  return soFar;
}

function isBlocking(fd: number): boolean {
  return (native.fcntl(fd, constants.F_GETFL) & constants.O_NONBLOCK) === 0;
}

function isStream(fd: number): boolean {
  const type = new Int32Array(1);
  native.getsockopt(fd, constants.SOL_SOCKET, constants.SO_TYPE, type, 0, Int32Array.of(4));
  return type[0] === constants.SOCK_STREAM;
}

function hasError(events: number): boolean {
  return (events & POLLERR) !== 0;
}

/** An error with no bytes before it. */
function isBareError(fd: number, events: number): boolean {
  if (!hasError(events)) return false;
  const available = new Int32Array(1);
  return native.ioctl(fd, constants.FIONREAD, available) < 0 || available[0] === 0;
}

/** A receive: what MSG_WAITALL asked for is finished, to the urgent mark at the most. */
function receive(
  nudged: Nudged,
  total: number,
  flags: number,
  call: (done: number, flags: number) => number,
): number {
  const { fd, started } = nudged;
  const { n, isCut } = repeated(nudged, ReceiveTimeout, () => call(0, flags));
  const takesAll = (flags & MSG_WAITALL) !== 0 && (flags & (MSG_OOB | MSG_ERRQUEUE)) === 0;
  if (!isCut || !takesAll || n >= total || !isStream(fd) || !isBlocking(fd)) return n;
  if ((flags & MSG_PEEK) !== 0) {
    // It begins anew each time, and ends short for a reason of its own when no nudge came.
    let seen = n;
    const peek = (): number => {
      seen = call(0, flags);
      return native.wasNudged() && seen < total ? -EINTR : seen;
    };
    const last = again(fd, ReceiveTimeout, timeoutOf(fd, ReceiveTimeout), started, peek);
    return last === -EAGAIN ? seen : last;
  }
  const rightNow = (flags & ~MSG_WAITALL) | MSG_DONTWAIT;
  const isOver = (events: number): boolean => isAtMark(fd) || isBareError(fd, events);
  return finished(nudged, n, total, ReceiveTimeout, isOver, (done) => call(done, rightNow));
}

/** A send of bytes or messages, or a receive of messages: all of them. */
function all(
  nudged: Nudged,
  total: number,
  flags: number,
  option: Option<'timeval'>,
  call: (done: number, flags: number) => number,
): number {
  const { n, isCut } = repeated(nudged, option, () => call(0, flags));
  const takesAll = (flags & MSG_WAITFORONE) === 0 || option === SendTimeout;
  if (!isCut || !takesAll || n >= total || !isBlocking(nudged.fd)) return n;
  const rightNow = flags | MSG_DONTWAIT;
  return finished(nudged, n, total, option, hasError, (done) => call(done, rightNow));
}

/** What is left of a batch's arguments when `done` messages are. */
function restOfBatch(
  done: number,
  buffer: Bytes,
  size: number,
  names: Bytes | null,
  count: number,
  results: Int32Array,
): [Bytes, number, Bytes | null, number, Int32Array] {
  const namesLeft = names === null ? null : view(names, done * NAME_ROOM);
  const resultsLeft = results.subarray(done * RESULTS);
  return [view(buffer, done * size), size, namesLeft, count - done, resultsLeft];
}

/** A wait with a timeout of its own, in milliseconds; less than 0 is for ever. */
function wait(
  { result, started }: Nudged,
  timeout: number,
  call: (timeout: number) => number,
): number {
  let n = result;
  while (n === -EINTR) n = call(timeout < 0 ? timeout : Math.ceil(timeLeft(timeout, started)));
  return n;
}

/** The arguments of `Name`, and how to go on with it. */
type GoOn<Name extends keyof Native> = (
  nudged: Nudged,
  ...args: Native[Name] extends (...args: infer Args) => unknown ? Args : never
) => number;

/** Every call that may block, by its name. */
const calls: {
  readonly [
    Name in
      | 'accept'
      | 'accept4'
      | 'connect'
      | 'epoll_wait'
      | 'poll'
      | 'recv'
      | 'recvfrom'
      | 'recvmmsg'
      | 'recvmsg'
      | 'send'
      | 'sendfile'
      | 'sendmmsg'
      | 'sendmsg'
      | 'sendto'
  ]: GoOn<Name>;
} = {
  accept: (nudged, ...args) => repeated(nudged, ReceiveTimeout, () => native.accept(...args)).n,
  accept4: (nudged, ...args) => repeated(nudged, ReceiveTimeout, () => native.accept4(...args)).n,
  connect: (nudged, ...args) => {
    const { n } = repeated(nudged, SendTimeout, () => native.connect(...args));
    // The time was over for a connect that is under way: the first call would have said so thus.
    return n === -EALREADY || n === -EAGAIN ? -EINPROGRESS : n;
  },
  epoll_wait: (nudged, epfd, events, most, timeout) =>
    wait(nudged, timeout, (left) => native.epoll_wait(epfd, events, most, left)),
  poll: (nudged, fds, count, timeout) =>
    wait(nudged, timeout, (left) => native.poll(fds, count, left)),
  recv: (nudged, fd, buffer, offset, length, flags) =>
    receive(nudged, length, flags, (done, now) =>
      native.recv(fd, buffer, offset + done, length - done, now),
    ),
  recvfrom: (nudged, fd, buffer, offset, length, flags, ...name) =>
    receive(nudged, length, flags, (done, now) =>
      done === 0
        ? native.recvfrom(fd, buffer, offset, length, now, ...name)
        : native.recv(fd, buffer, offset + done, length - done, now),
    ),
  recvmmsg: (nudged, fd, buffer, size, names, count, results, flags) =>
    all(nudged, count, flags, ReceiveTimeout, (done, now) =>
      native.recvmmsg(fd, ...restOfBatch(done, buffer, size, names, count, results), now),
    ),
  recvmsg: (nudged, fd, name, iov, control, flags, results) =>
    // With control messages it ends here: more of them would not be told with the first.
    receive(
      nudged,
      totalLength(iov),
      control === null ? flags : flags & ~MSG_WAITALL,
      (done, now) =>
        done === 0
          ? native.recvmsg(fd, name, iov, control, control === null ? now : flags, results)
          : native.recvmsg(fd, null, rest(iov, done), null, now),
    ),
  send: (nudged, fd, buffer, offset, length, flags) =>
    all(nudged, length, flags, SendTimeout, (done, now) =>
      native.send(fd, buffer, offset + done, length - done, now),
    ),
  sendfile: (nudged, fd, file, offset, count) =>
    all(nudged, count, 0, SendTimeout, (done) =>
      native.sendfile(fd, file, offset === null ? null : offset + done, count - done),
    ),
  sendmmsg: (nudged, fd, buffer, size, names, count, results, flags) =>
    all(nudged, count, flags, SendTimeout, (done, now) =>
      native.sendmmsg(fd, ...restOfBatch(done, buffer, size, names, count, results), now),
    ),
  sendmsg: (nudged, fd, name, iov, control, flags) =>
    all(nudged, totalLength(iov), flags, SendTimeout, (done, now) =>
      done === 0
        ? native.sendmsg(fd, name, iov, control, now)
        : native.sendmsg(fd, name, rest(iov, done), null, now),
    ),
  sendto: (nudged, fd, buffer, offset, length, flags, address) =>
    all(nudged, length, flags, SendTimeout, (done, now) =>
      native.sendto(fd, buffer, offset + done, length - done, now, address),
    ),
};

/**
 * The addon calls it for a call that a nudge has ended, by its name, with its arguments, its result
 * and its age in milliseconds; that it is called at all ends a thread that is to end. A wait of the
 * addon's own has no name here; it goes on unless it is given back -EINTR.
 */
function goOn(call: string, args: unknown[], result: number, elapsed: number): number {
  if (interruption.isLetIn) return result;
  if (!(call in calls)) return 0;
  const nudged = { fd: args[0] as number, result, started: performance.now() - elapsed };
  return calls[call as 'recv'](nudged, ...(args as Parameters<Native['recv']>));
}

/**
 * The addon for who calls it directly: in a worker, a loop around nothing but calls of the addon
 * would not be left when the thread is to end.
 */
export const endable: Native = isMainThread
  ? addon
  : { ...addon, ...ending([...Object.keys(calls), 'getaddrinfo', 'getnameinfo']) };

/** Whether the runtime has what the watchdog looks at, libuv's event loop. */
const isWatchable = !['bun', 'deno'].some((runtime) => runtime in process.versions);

/** Nobody ends the main thread from outside: its calls are watched when it asks for it. */
if (!isMainThread && isWatchable) native.watchCalls(goOn);

/**
 * Whether a blocking call of this thread ends with `EINTR` when its event loop has something to do,
 * a signal handler in JavaScript (Ctrl-C) or a message among it: the program can return to the loop
 * then, and make the call again. Bytes that were received or sent before are told as the call's
 * result, or as `bytesSent`. Off by default.
 */
export function setInterruptible(on: boolean): void {
  if (boolean('on', on) && !(isWatchable && native.watchCalls(goOn))) {
    throw unavailable('setInterruptible');
  }
  interruption.isLetIn = on;
}
