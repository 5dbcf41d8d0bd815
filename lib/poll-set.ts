/** `PollSet`: waiting for many sockets at once, by epoll(7) or poll(2). */
import { constants, withoutWaiting } from './constants';
import {
  InvalidSocketError,
  TimeoutError,
  invalidArgType,
  outOfRange,
  socketError,
} from './errors';
import { createEventSet } from './event-set';
import { Ready, native } from './native';
import { CallWait, NOT_YET, Readiness, settled, type WaitOptions } from './readiness';
import { Socket } from './socket';
import type { SocketImpl } from './socket-impl';
import {
  SELECT_ERROR,
  SELECT_READ,
  SELECT_URGENT,
  SELECT_WRITE,
  eventsOf,
  milliseconds,
  modeOf,
  waitFor,
} from './waiting';

const { POLLHUP, POLLIN } = constants;
const POLLRDHUP = constants.POLLRDHUP ?? 0;

const POLL_HANGUP = 16;
const POLL_EDGE = 32;

interface Entry {
  socket: Socket;
  mode: number;
  leave: () => void;
}

/** poll(2)'s events for a mode; epoll(7) has the same numbers. */
function eventsOfMode(mode: number): number {
  if (typeof mode !== 'number') throw invalidArgType('mode', 'a number', mode);
  return eventsOf(mode & ~(POLL_HANGUP | POLL_EDGE)) | ((mode & POLL_HANGUP) !== 0 ? POLLRDHUP : 0);
}

/** The mode bits that the events mean. */
function modeOfEvents(events: number): number {
  return modeOf(events) | ((events & (POLLHUP | POLLRDHUP)) !== 0 ? POLL_HANGUP : 0);
}

function isEdge(mode: number): boolean {
  return (mode & POLL_EDGE) !== 0;
}

/**
 * A set of sockets and what is waited for with each. Level-triggered unless {@link POLL_EDGE} is
 * asked for: what is not served is told again. A socket that is closed leaves the set.
 *
 * Where the system has no epoll(7) it is poll(2): a wait costs what is in the set, not what is
 * ready, and POLL_EDGE is unavailable.
 */
export class PollSet {
  /** Modes, the same numbers as `SELECT_READ` and its siblings. */
  static readonly POLL_READ = SELECT_READ;
  static readonly POLL_WRITE = SELECT_WRITE;
  static readonly POLL_ERROR = SELECT_ERROR;
  static readonly POLL_URGENT = SELECT_URGENT;
  /** The peer sends no more, or both directions are shut. */
  static readonly POLL_HANGUP = POLL_HANGUP;
  /** Tell each change once (`EPOLLET`); needs epoll(7). */
  static readonly POLL_EDGE = POLL_EDGE;

  readonly #events = createEventSet();
  #isClosed = false;
  /** By descriptor. */
  readonly #entries = new Map<number, Entry>();
  /** poll() waits on one end; who writes to the other wakes it up. */
  readonly #sleeper: SocketImpl;
  readonly #waker: SocketImpl;
  readonly #drained = Buffer.alloc(64);
  #wakeUps = 0;
  #ready = new Int32Array(2 * 256);
  readonly #wait: (results: Int32Array, count: number, timeout: number) => number;

  constructor() {
    let pair: [Socket, Socket] | undefined;
    try {
      pair = Socket.pair();
      for (const socket of pair) socket.setBlocking(false);
      this.#events.add(pair[0].sockfd(), POLLIN, false);
    } catch (error) {
      for (const open of [this.#events, ...(pair ?? [])]) open.close();
      throw error;
    }
    this.#sleeper = pair[0].impl();
    this.#waker = pair[1].impl();
    this.#wait = (results, count, timeout) => this.#events.wait(results, count, timeout);
  }

  #entry(socket: Socket): Entry | undefined {
    if (!(socket instanceof Socket)) throw invalidArgType('socket', 'a Socket', socket);
    const entry = this.#entries.get(socket.sockfd());
    return entry?.socket.impl() === socket.impl() ? entry : undefined;
  }

  /** epoll_ctl(2): waits for `mode` with the socket, too if it is in the set already. */
  add(socket: Socket, mode: number): void {
    const entry = this.#entry(socket);
    const all = mode | (entry?.mode ?? 0);
    const events = eventsOfMode(all);
    const fd = socket.sockfd();
    if (fd === -1) throw new InvalidSocketError(this.#events.syscall);
    if (entry !== undefined) {
      this.#events.update(fd, events, isEdge(all));
      entry.mode = all;
      return;
    }
    this.#requireOpen();
    this.#events.add(fd, events, isEdge(all));
    const leave = (): void => {
      this.#drop(fd);
    };
    this.#entries.set(fd, { socket, mode, leave });
    socket.impl().beforeClose(leave);
  }

  /** epoll_ctl(2): waits for `mode` only. The socket must be in the set. */
  update(socket: Socket, mode: number): void {
    const entry = this.#entry(socket);
    if (entry === undefined) throw outOfRange('socket', 'in the set; add() it first', socket);
    this.#events.update(socket.sockfd(), eventsOfMode(mode), isEdge(mode));
    entry.mode = mode;
  }

  /** epoll_ctl(2): waits for the socket no more. Nothing, if it is not in the set. */
  remove(socket: Socket): void {
    if (this.#entry(socket) !== undefined) this.#drop(socket.sockfd());
  }

  #drop(fd: number): void {
    const entry = this.#entries.get(fd);
    if (entry === undefined) return;
    this.#entries.delete(fd);
    entry.socket.impl().forget(entry.leave);
    this.#events.remove(fd);
  }

  #requireOpen(): void {
    if (this.#isClosed) throw new InvalidSocketError(this.#events.syscall);
  }

  /** Whether the socket is in the set. */
  has(socket: Socket): boolean {
    return this.#entry(socket) !== undefined;
  }

  /** Whether no socket is in the set. */
  empty(): boolean {
    return this.#entries.size === 0;
  }

  /** How many sockets are in the set. */
  count(): number {
    return this.#entries.size;
  }

  /** Waits for none of the sockets any more. */
  clear(): void {
    for (const fd of [...this.#entries.keys()]) this.#drop(fd);
  }

  /** The socket with this descriptor, if it is in the set. */
  socket(fd: number): Socket | undefined {
    return this.#entries.get(fd)?.socket;
  }

  /**
   * epoll_wait(2), or poll(2): waits until one of the sockets is ready, at most `timeout`
   * milliseconds (left out: for ever). The sockets with what holds of each; an error or hang-up is
   * told whatever the mode asks for. Empty when the time is over, or after {@link wakeUp}.
   */
  poll(timeout?: number): Map<Socket, number>;
  /**
   * The same without allocation: pairs of descriptor and mode are put into `results`, as many as
   * fit (256 at the most; the others come with the next call). The number of pairs.
   */
  poll(timeout: number | undefined, results: Int32Array): number;
  poll(timeout?: number, results?: Int32Array): Map<Socket, number> | number {
    if (results !== undefined) return this.#poll(timeout, results);
    const count = this.#poll(timeout, this.#ready);
    const ready = new Map<Socket, number>();
    for (let i = 0; i < count; i++) {
      const socket = this.socket(this.#ready[2 * i] ?? -1);
      if (socket) ready.set(socket, this.#ready[2 * i + 1] ?? 0);
    }
    return ready;
  }

  /**
   * {@link poll} on the event loop: one watcher, on epoll's own descriptor, for all its sockets;
   * without epoll(7), one for each that is in the set when this begins. Empty when the time is over,
   * or after {@link wakeUp}.
   */
  pollAsync(options: WaitOptions = {}): Promise<Map<Socket, number>> {
    return settled(() => {
      this.#requireOpen();
      const attempt = (): Map<Socket, number> | typeof NOT_YET => {
        const before = this.#wakeUps;
        const ready = this.poll(0);
        return ready.size > 0 || this.#wakeUps !== before ? ready : NOT_YET;
      };
      const onEarlyEnd = (error: unknown): Map<Socket, number> | typeof NOT_YET =>
        error instanceof TimeoutError ? new Map<Socket, number>() : NOT_YET;
      const { descriptor, syscall } = this.#events;
      const wait = new CallWait(syscall, 'poll', Ready.Readable, attempt, onEarlyEnd);
      if (descriptor !== undefined) return Readiness.of(descriptor).wait(wait, options);
      const stop = this.#wakeUpByAny();
      return Readiness.of(this.#sleeper).wait(wait, options).finally(stop);
    });
  }

  /** Each socket that gets ready wakes the set up, until the result is called. */
  #wakeUpByAny(): () => void {
    const wakeUp = (): void => {
      this.wakeUp();
    };
    const watches = [...this.#entries.values()].map(({ socket, mode }) =>
      socket.watch(mode & ~(POLL_HANGUP | POLL_EDGE), wakeUp),
    );
    return () => {
      for (const watch of watches) watch.stop();
    };
  }

  #poll(timeout: number | undefined, results: Int32Array): number {
    this.#requireOpen();
    const wait = milliseconds('timeout', timeout);
    if (!(results instanceof Int32Array) || results.length < 2) {
      throw invalidArgType('results', 'an Int32Array of at least 2 elements', results);
    }
    const n = waitFor(this.#wait, results, results.length >> 1, wait);
    if (n < 0) throw socketError(n, this.#events.syscall);
    let count = 0;
    for (let i = 0; i < n; i++) {
      const fd = results[2 * i] ?? -1;
      if (fd === this.#sleeper.fd) {
        this.#drain();
        continue;
      }
      results[2 * count] = fd;
      results[2 * count + 1] = modeOfEvents(results[2 * i + 1] ?? 0);
      count++;
    }
    return count;
  }

  #drain(): void {
    this.#wakeUps++;
    const { fd } = this.#sleeper;
    while (native.recv(fd, this.#drained, 0, this.#drained.length, withoutWaiting(0)) > 0);
  }

  /** Ends the poll() that waits, or the next one, at once. */
  wakeUp(): void {
    PollSet.wakeUp(this.wakeUpDescriptor());
  }

  /** What another thread gives to {@link PollSet.wakeUp}, while the set is open. */
  wakeUpDescriptor(): number {
    this.#requireOpen();
    return this.#waker.fd;
  }

  /** From any thread: ends the poll() of the set that gave this descriptor. */
  static wakeUp(descriptor: number): void {
    const n = native.send(descriptor, Buffer.alloc(1), 0, 1, withoutWaiting(0));
    // A full buffer wakes as well.
    if (n < 0 && n !== -constants.EAGAIN) throw socketError(n, 'send');
  }

  /** Closes the set, not the sockets. Any number of times. */
  close(): void {
    if (this.#isClosed) return;
    this.clear();
    this.#isClosed = true;
    this.#events.close();
    this.#sleeper.close();
    this.#waker.close();
  }

  /** {@link close} */
  [Symbol.dispose](): void {
    this.close();
  }
}
