/**
 * Waiting on the event loop: who waits for what on one descriptor. One watcher (libuv's uv_poll)
 * serves them all; it stays armed between two waits, and is disarmed when it tells what nobody
 * waits for.
 */
import { constants } from './constants';
import type { Descriptor } from './descriptor';
import {
  InvalidSocketError,
  abortError,
  invalidArgType,
  socketError,
  timeoutError,
} from './errors';
import { Ready, native } from './native';
import { milliseconds, pollDescriptor, readyEvents, readyMode } from './waiting';

/** The longest time that a timer of Node's can have; beyond it a wait is for ever. */
export const LONGEST_TIMER = 0x7fffffff;

/** After so many times in vain an error that no call finds is left alone, for so many ms. */
const MOST_IN_VAIN = 8;
const BACK_OFF = 10;
/** So many calls in a row are over at once before one waits for the loop to turn. */
const MOST_AT_ONCE = 64;

/** What ends a wait early. */
export interface WaitOptions {
  /** Milliseconds; left out it is for ever. */
  timeout?: number | undefined;
  /** Ends the wait with the signal's reason. */
  signal?: AbortSignal | undefined;
}

/** What an attempt gives that has to be made again when the socket is ready. */
export const NOT_YET = Symbol('not yet');

/** Waits of one direction keep their order; polls are for themselves. */
export type Direction = 'receive' | 'send' | 'urgent' | 'poll';

/** One call that waits: one object, as it is made for every receive that cannot be answered at once. */
export abstract class Wait<T> {
  #resolve: ((result: T) => void) | undefined;
  #reject: ((error: unknown) => void) | undefined;
  #timer: NodeJS.Timeout | undefined;
  #signal: AbortSignal | undefined;
  #onAbort: (() => void) | undefined;

  constructor(
    readonly syscall: string,
    readonly direction: Direction,
    /** The `Ready` bits that may let it go on. */
    public events: number,
  ) {}

  /** Makes the call; {@link NOT_YET} when it has to be made again. */
  abstract attempt(ready: number): T | typeof NOT_YET;

  /** Whether the last attempt took all that was there. */
  isDrained = false;

  /** What has been done already when the wait ends by `error`; else {@link NOT_YET}. */
  abstract onEarlyEnd(error: Error): T | typeof NOT_YET;

  /** The result is not there at once. */
  begin(limit: number, signal: AbortSignal | undefined, end: (error: Error) => void): Promise<T> {
    if (limit <= LONGEST_TIMER) {
      this.#timer = setTimeout(() => {
        end(timeoutError(this.syscall));
      }, limit);
    }
    if (signal !== undefined) {
      this.#signal = signal;
      this.#onAbort = (): void => {
        end(abortError(signal));
      };
      signal.addEventListener('abort', this.#onAbort, { once: true });
    }
    return new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
  }

  /** Whether the time that it has keeps the process alive. */
  reference(on: boolean): void {
    if (on) this.#timer?.ref();
    else this.#timer?.unref();
  }

  #finish(): void {
    if (this.#timer !== undefined) clearTimeout(this.#timer);
    if (this.#onAbort !== undefined) this.#signal?.removeEventListener('abort', this.#onAbort);
  }

  succeed(result: T): void {
    this.#finish();
    this.#resolve?.(result);
  }

  fail(error: unknown): void {
    this.#finish();
    this.#reject?.(error);
  }
}

/** A wait for a call that is a function. */
export class CallWait<T> extends Wait<T> {
  readonly #call: (ready: number) => T | typeof NOT_YET;
  readonly #early: ((error: Error) => T | typeof NOT_YET) | undefined;

  constructor(
    syscall: string,
    direction: Direction,
    events: number,
    call: (ready: number) => T | typeof NOT_YET,
    early?: (error: Error) => T | typeof NOT_YET,
  ) {
    super(syscall, direction, events);
    this.#call = call;
    this.#early = early;
  }

  override attempt(ready: number): T | typeof NOT_YET {
    return this.#call(ready);
  }

  override onEarlyEnd(error: Error): T | typeof NOT_YET {
    return this.#early === undefined ? NOT_YET : this.#early(error);
  }
}

/** Who is called each time. */
export class Watch {
  readonly #readiness: Readiness;

  /** @internal See {@link Readiness.watch}. */
  constructor(
    readiness: Readiness,
    /** @internal The `Ready` bits. */
    readonly events: number,
    /** @internal */
    readonly callback: (mode: number) => void,
  ) {
    this.#readiness = readiness;
  }

  /** Ends it; any number of times. Made when it is asked for, as thousands of watches may be idle. */
  get stop(): () => void {
    return () => {
      this.#readiness.unwatch(this);
    };
  }
}

const ALL = Ready.Readable | Ready.Writable | Ready.Disconnect | Ready.Prioritized;

/** libuv must watch for something, so that an error is told. */
function watchable(events: number): number {
  return (events & ALL) === 0 && events !== 0 ? Ready.Prioritized : events & ALL;
}

/** Bun ends the process when uv_poll is called; Deno calls back after uv_close, into freed memory. */
const isWithoutPolling = 'bun' in process.versions || 'deno' in process.versions;

/**
 * Whoever is waited for, by descriptor, is kept alive by this; a socket that nobody waits on can be
 * collected.
 */
const waiting: (Readiness | undefined)[] = [];

/** Shared with the addon: whether it is telling {@link told} something, and what that waits for. */
const telling = new Int32Array(2);
let told: Readiness | undefined;

function onReady(fd: number, events: number): void {
  told = waiting[fd];
  told?.dispatch(events);
}

const none: readonly Watch[] = [];

/** `signal`, if it can be listened to. */
export function abortSignal(signal: AbortSignal | undefined): AbortSignal | undefined {
  const { addEventListener } = Object(signal) as Partial<AbortSignal>;
  if (signal === undefined || typeof addEventListener === 'function') return signal;
  throw invalidArgType('signal', 'an AbortSignal', signal);
}

export class Readiness {
  readonly #descriptor: Descriptor;
  readonly #waits: Wait<unknown>[] = [];
  #watches = none;
  #hasWatcher = false;
  /** What the watcher was told that is waited for. */
  #told = 0;
  #isReferenced = true;
  /** How often the watcher told something and no wait ended. */
  #vain = 0;
  #isBackingOff = false;
  #atOnce = 0;
  /** An urgent byte that nobody takes keeps its event set: not asked for until it is taken. */
  #isUrgentUntaken = false;
  /** Whether what is told now has been received to the last byte. */
  #isDrained = false;
  /** An error (-errno) that a receive met behind bytes that it had: the next one tells it. */
  deferred = 0;

  private constructor(descriptor: Descriptor) {
    this.#descriptor = descriptor;
  }

  /** The one of this open descriptor. */
  static of(descriptor: Descriptor): Readiness {
    return Readiness.existing(descriptor) ?? (descriptor.readiness = new Readiness(descriptor));
  }

  /** The one that there is already. */
  static existing(descriptor: Descriptor): Readiness | undefined {
    return descriptor.readiness as Readiness | undefined;
  }

  /**
   * Makes the attempt at once if nobody of the same direction waits, and again whenever one of the
   * wait's events comes, until it gives something else than {@link NOT_YET}.
   */
  wait<T>(wait: Wait<T>, { timeout, signal }: WaitOptions): Promise<T> {
    try {
      if (abortSignal(signal)?.aborted === true) throw abortError(signal as AbortSignal);
      const limit = milliseconds('timeout', timeout);
      if (this.#mayTry(wait.direction)) {
        const result = wait.attempt(0);
        if (result !== NOT_YET) {
          this.#atOnce++;
          return Promise.resolve(result);
        }
      }
      return this.#queue(wait, limit, signal);
    } catch (error) {
      return rejected(error);
    }
  }

  /** Whether a call can be made at once. */
  #mayTry(direction: Direction): boolean {
    if (direction === 'poll') return true;
    // The promises alone would let nothing else run.
    const isEnough = this.#atOnce >= MOST_AT_ONCE && !isWithoutPolling;
    if (isEnough && direction !== 'urgent') return false;
    if (this.#waits.some((other) => other.direction === direction)) return false;
    if (direction !== 'receive') return true;
    // A receive that finds nothing could meet urgent data that came meanwhile, and destroy it.
    const isUrgentWanted = (this.#wanted() & Ready.Prioritized) !== 0;
    const isEmpty = this.#isDrained && told === this && telling[0] === 1;
    return !isUrgentWanted && !isEmpty;
  }

  #queue<T>(wait: Wait<T>, limit: number, signal: AbortSignal | undefined): Promise<T> {
    const result = wait.begin(limit, signal, (error) => {
      this.#endEarly(wait, error);
    });
    if (!this.#isReferenced) wait.reference(false);
    this.#waits.push(wait as Wait<unknown>);
    this.#arm();
    return result;
  }

  #endEarly<T>(wait: Wait<T>, error: Error): void {
    this.#remove(this.#waits.indexOf(wait as Wait<unknown>));
    const partial = wait.onEarlyEnd(error);
    if (partial === NOT_YET) wait.fail(error);
    else wait.succeed(partial);
    this.#arm();
  }

  #remove(index: number): void {
    if (index === this.#waits.length - 1) this.#waits.pop();
    else this.#waits.splice(index, 1);
  }

  /** Calls `callback` with the mode bits whenever something of `mode`, or an error, holds. */
  watch(mode: number, callback: (mode: number) => void): Watch {
    const watch = new Watch(this, readyEvents(mode) | Ready.Error, callback);
    this.#watches = [...this.#watches, watch];
    this.#isUrgentUntaken = false;
    const error = this.#arm();
    if (error !== undefined) throw error;
    return watch;
  }

  /** @internal */
  unwatch(watch: Watch): void {
    const left = this.#watches.filter((other) => other !== watch);
    this.#watches = left.length > 0 ? left : none;
    this.#arm();
  }

  /** Whether a wait keeps the event loop alive. */
  reference(on: boolean): void {
    this.#isReferenced = on;
    for (const wait of this.#waits) wait.reference(on);
    const { owner } = this.#descriptor;
    if (this.#hasWatcher && owner !== undefined) native.refWatcher(owner.number, on);
  }

  hasReference(): boolean {
    return this.#isReferenced;
  }

  /** Something was received; if it was the urgent byte, or what is behind it, the next one is news. */
  received(): void {
    if (!this.#isUrgentUntaken || this.#hasUrgent()) return;
    this.#isUrgentUntaken = false;
    this.#arm();
  }

  #hasUrgent(): boolean {
    const { POLLPRI } = constants;
    return (pollDescriptor(this.#descriptor.fd, POLLPRI, 0) & POLLPRI) !== 0;
  }

  /** The error that a receive met behind bytes that it had, once. */
  takeDeferred(): number {
    const { deferred } = this;
    this.deferred = 0;
    return deferred;
  }

  #wanted(): number {
    if (this.#isBackingOff) return 0;
    let events = 0;
    for (const wait of this.#waits) events |= wait.events;
    for (const watch of this.#watches) events |= watch.events;
    if (!this.#isUrgentUntaken) return events;
    const others = events & ~Ready.Prioritized;
    return (others & ALL) === 0 ? 0 : others;
  }

  /** Tells the watcher what is waited for, unless it knows. An error ends all waits. */
  #arm(): Error | undefined {
    const { owner, fd } = this.#descriptor;
    if (owner === undefined) return undefined;
    const isBusy = this.#waits.length > 0 || this.#watches.length > 0;
    if (isBusy) waiting[fd] = this;
    else if (waiting[fd] === this) waiting[fd] = undefined;
    const wanted = watchable(this.#wanted());
    if (wanted === this.#told) return undefined;
    this.#told = wanted;
    // Most waits begin behind the end of the one before.
    if (told === this && telling[0] === 1) {
      telling[1] = wanted;
      return undefined;
    }
    try {
      if (!this.#hasWatcher) this.#createWatcher(owner.number);
      const n = native.startWatcher(owner.number, wanted);
      if (n < 0) throw socketError(n, 'uv_poll_start');
      return undefined;
    } catch (error) {
      this.#told = 0;
      this.#failAll(() => error as Error);
      return error as Error;
    }
  }

  #createWatcher(owner: number): void {
    if (isWithoutPolling) {
      throw Object.assign(
        new Error(
          'Waiting on the event loop needs uv_poll, which ends the process under Bun and Deno; ' +
            'use the blocking calls in a worker there',
        ),
        { code: 'ERR_FEATURE_UNAVAILABLE_ON_PLATFORM' },
      );
    }
    // Node's own watcher would be put aside by a second one.
    if (this.#descriptor.isBorrowed) throw socketError(-constants.EEXIST, 'uv_poll_init');
    const n = native.createWatcher(owner, onReady, telling);
    if (n < 0) throw socketError(n, 'uv_poll_init');
    this.#hasWatcher = true;
    if (!this.#isReferenced) native.refWatcher(owner, false);
    this.#descriptor.restoreMode();
  }

  /** @internal Urgent before readable before writable. */
  dispatch(told: number): void {
    // libuv stops and tells nothing else when an error is pending; the calls will find it. Beside
    // urgent data it does not tell it.
    const isUrgent = told >= 0 && (told & Ready.Prioritized) !== 0;
    const hasError = told < 0 || (isUrgent && this.#hasError());
    const events = hasError ? ALL | Ready.Error : told;
    if ((events & Ready.Readable) !== 0) this.#isUrgentUntaken = false;
    this.#isDrained = false;
    this.#atOnce = 0;
    const isForNobody = (events & this.#wanted()) === 0;
    const before = this.#waits.length;
    this.#serve('urgent', events);
    try {
      if (this.#watches !== none) this.#tell(events);
    } finally {
      this.#serve('receive', events);
      this.#serve('send', events);
      this.#serve('poll', events);
      if (this.#isVain(before, hasError)) this.#nothingCame();
      else this.#vain = 0;
      if (isForNobody) this.#backOff();
      this.#arm();
    }
  }

  /** Whether nobody has done anything about it; of who watches only an error tells that. */
  #isVain(before: number, hasError: boolean): boolean {
    if (this.#watches === none) return this.#waits.length > 0 && this.#waits.length === before;
    const { fd } = this.#descriptor;
    return hasError && pollDescriptor(fd, constants.POLLIN, 0) === constants.POLLERR;
  }

  /** An entry of the error queue that no call takes stays: it is looked at again a little later. */
  #nothingCame(): void {
    if (++this.#vain < MOST_IN_VAIN) return;
    this.#vain = 0;
    if (this.#hasError()) this.#backOff();
  }

  #hasError(): boolean {
    return (pollDescriptor(this.#descriptor.fd, 0, 0) & constants.POLLERR) !== 0;
  }

  #backOff(): void {
    this.#isBackingOff = true;
    setTimeout(() => {
      this.#isBackingOff = false;
      this.#arm();
    }, BACK_OFF);
  }

  #serve(direction: Direction, ready: number): void {
    const isPoll = direction === 'poll';
    for (let i = 0; i < this.#waits.length;) {
      const wait = this.#waits[i] as Wait<unknown>;
      const isMeant = wait.direction === direction;
      if (!isMeant) {
        i++;
      } else if ((wait.events & ready) !== 0 && this.#isOver(wait, ready)) {
        this.#remove(i);
        this.#isDrained ||= wait.isDrained;
        if (wait.isDrained) return;
      } else if (isPoll) {
        i++;
      } else {
        return;
      }
    }
  }

  #isOver(wait: Wait<unknown>, ready: number): boolean {
    try {
      const result = wait.attempt(ready);
      if (result === NOT_YET) return false;
      wait.succeed(result);
    } catch (error) {
      wait.fail(error);
    }
    return true;
  }

  #tell(events: number): void {
    const watches = this.#watches;
    for (const watch of watches) {
      const bits = events & watch.events;
      const isLeft = watches === this.#watches || this.#watches.includes(watch);
      if (bits !== 0 && isLeft) watch.callback(readyMode(bits));
    }
    if ((events & Ready.Prioritized) === 0) return;
    this.#isUrgentUntaken = this.#hasUrgent();
  }

  #failAll(errorOf: () => Error): void {
    this.#watches = none;
    for (const wait of this.#waits.splice(0)) {
      const error = errorOf();
      // It tells how much was done; there is no result any more.
      wait.onEarlyEnd(error);
      wait.fail(error);
    }
    this.#arm();
  }

  /** @internal The descriptor goes. */
  end(): void {
    this.#descriptor.readiness = undefined;
    const isBusy = this.#waits.length > 0 || this.#watches.length > 0;
    if (isBusy) this.#failAll(() => new InvalidSocketError('poll'));
  }
}

function rejected(error: unknown): Promise<never> {
  const reason = error as Error;
  return Promise.reject(reason);
}

/** What `start` gives, or throws, as a promise: a wrong argument is told like any other error. */
export function settled<T>(start: () => Promise<T>): Promise<T> {
  try {
    return start();
  } catch (error) {
    return rejected(error);
  }
}
