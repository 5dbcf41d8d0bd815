/**
 * Waiting on the event loop: who waits for what on one descriptor. One watcher (libuv's uv_poll)
 * serves them all; it stays armed between two waits, and is disarmed when it tells what nobody
 * waits for.
 */
import { constants } from './constants';
import type { Descriptor } from './descriptor';
import { InvalidSocketError, abortError, socketError, timeoutError } from './errors';
import { Ready, native } from './native';
import { milliseconds, pollDescriptor } from './waiting';

/** The longest time that a timer of Node's can have; beyond it a wait is for ever. */
const LONGEST_TIMER = 0x7fffffff;

/** After so many times in vain an error that no call finds is left alone, for so many ms. */
const MOST_IN_VAIN = 8;
const BACK_OFF = 10;

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

/** One call that waits. */
interface Wait {
  readonly direction: Direction;
  /** The `Ready` bits that may let it go on. */
  events: number;
  /** Makes the call; true when the wait is over. */
  attempt: (ready: number) => boolean;
  fail: (error: Error) => void;
}

/** Who is called each time. */
export interface Watch {
  readonly events: number;
  readonly callback: (ready: number) => void;
}

/** Whoever waits is kept alive by this; a socket that nobody waits on can be collected. */
const waiting = new Set<Readiness>();

const ALL = Ready.Readable | Ready.Writable | Ready.Disconnect | Ready.Prioritized;

/** libuv must watch for something, so that an error is told. */
function watchable(events: number): number {
  return (events & ALL) === 0 && events !== 0 ? Ready.Prioritized : events & ALL;
}

/** Bun ends the process when uv_poll is called; Deno calls back after uv_close, into freed memory. */
const isWithoutPolling = 'bun' in process.versions || 'deno' in process.versions;

export class Readiness {
  readonly #descriptor: Descriptor;
  readonly #waits: Wait[] = [];
  #watches: readonly Watch[] = [];
  /** What the watcher is armed for, and what it should be. */
  #armed = 0;
  #isReferenced = true;
  /** How often the watcher told something and no wait ended. */
  #vain = 0;
  #isKept = false;
  /** An urgent byte that nobody takes keeps its event set: not asked for until it is taken. */
  #isUrgentUntaken = false;
  readonly #onReady = (events: number): void => {
    this.#dispatch(events);
  };

  private constructor(descriptor: Descriptor) {
    this.#descriptor = descriptor;
    if (isWithoutPolling) {
      throw Object.assign(
        new Error(
          'Waiting on the event loop needs uv_poll, which ends the process under Bun and Deno; ' +
            'use the blocking calls in a worker there',
        ),
        { code: 'ERR_FEATURE_UNAVAILABLE_ON_PLATFORM' },
      );
    }
    if (descriptor.owner === undefined) throw new InvalidSocketError('poll');
    const n = native.createWatcher(descriptor.owner, this.#onReady);
    if (n < 0) throw socketError(n, 'uv_poll_init');
    descriptor.restoreMode();
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
   * Makes `attempt` at once if nobody of the same direction waits, and again whenever one of
   * `events` comes, until it gives something else than {@link NOT_YET}. `onEarlyEnd` may give what a
   * call has already done when the time is over.
   */
  wait<T>(
    syscall: string,
    direction: Direction,
    events: number | (() => number),
    attempt: (ready: number) => T | typeof NOT_YET,
    { timeout, signal }: WaitOptions,
    onEarlyEnd?: (error: unknown) => T | typeof NOT_YET,
  ): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      if (signal?.aborted === true) throw abortError(signal);
      const limit = milliseconds('timeout', timeout);
      const asked = typeof events === 'function' ? events : (): number => events;
      let timer: NodeJS.Timeout | undefined;
      const finish = (): void => {
        clearTimeout(timer);
        signal?.removeEventListener('abort', onAbort);
      };
      const wait: Wait = {
        direction,
        events: 0,
        attempt: (ready) => {
          try {
            const result = attempt(ready);
            if (result === NOT_YET) {
              wait.events = asked();
              return false;
            }
            finish();
            resolve(result);
          } catch (error) {
            wait.fail(error as Error);
          }
          return true;
        },
        fail: (error) => {
          finish();
          reject(error);
        },
      };
      const endEarly = (error: Error): void => {
        this.#remove(wait);
        const partial = onEarlyEnd === undefined ? NOT_YET : onEarlyEnd(error);
        if (partial === NOT_YET) {
          wait.fail(error);
        } else {
          finish();
          resolve(partial);
        }
        this.#arm();
      };
      const onAbort = (): void => {
        if (signal !== undefined) endEarly(abortError(signal));
      };
      const mustQueue =
        direction !== 'poll' && this.#waits.some((other) => other.direction === direction);
      if (!mustQueue && wait.attempt(0)) return;
      if (mustQueue) wait.events = asked();
      if (limit <= LONGEST_TIMER) {
        timer = setTimeout(() => {
          endEarly(timeoutError(syscall));
        }, limit);
      }
      signal?.addEventListener('abort', onAbort, { once: true });
      this.#waits.push(wait);
      this.#arm();
    });
  }

  #remove(wait: Wait): void {
    const index = this.#waits.indexOf(wait);
    if (index >= 0) this.#waits.splice(index, 1);
  }

  /** Calls `callback` whenever one of `events` holds, until the result is called. */
  watch(events: number, callback: (ready: number) => void): () => void {
    const watch: Watch = { events, callback };
    this.#watches = [...this.#watches, watch];
    this.#isUrgentUntaken = false;
    this.#arm();
    return () => {
      this.#watches = this.#watches.filter((other) => other !== watch);
      this.#arm();
    };
  }

  /** Whether a wait keeps the event loop alive. */
  reference(on: boolean): void {
    this.#isReferenced = on;
    this.#refer();
  }

  hasReference(): boolean {
    return this.#isReferenced;
  }

  /** The urgent byte was taken, so the next one is news. */
  urgentTaken(): void {
    if (!this.#isUrgentUntaken) return;
    this.#isUrgentUntaken = false;
    this.#arm();
  }

  #wanted(): number {
    let events = 0;
    for (const wait of this.#waits) events |= wait.events;
    for (const watch of this.#watches) events |= watch.events;
    if (!this.#isUrgentUntaken) return events;
    const others = events & ~Ready.Prioritized;
    return (others & ALL) === 0 ? 0 : others;
  }

  /** Arms for what is wanted and not armed yet; what is armed and not wanted stays for now. */
  #arm(): void {
    const wanted = this.#wanted();
    if ((wanted & ~this.#armed) !== 0) this.#start(wanted | this.#armed);
    const isBusy = this.#waits.length > 0 || this.#watches.length > 0;
    if (isBusy === this.#isKept) return;
    this.#isKept = isBusy;
    if (isBusy) waiting.add(this);
    else waiting.delete(this);
    this.#refer();
  }

  #refer(): void {
    const { owner } = this.#descriptor;
    if (owner !== undefined) native.refWatcher(owner, this.#isKept && this.#isReferenced);
  }

  #start(events: number): void {
    const { owner } = this.#descriptor;
    if (owner === undefined || events === this.#armed) return;
    this.#armed = events;
    native.startWatcher(owner, watchable(events));
  }

  /** Urgent before readable before writable. */
  #dispatch(events: number): void {
    // libuv stops and tells nothing else when an error is pending; the calls will find it.
    if (events < 0) {
      this.#armed = 0;
      this.#dispatch(ALL | Ready.Error);
      return;
    }
    if ((events & Ready.Readable) !== 0) this.#isUrgentUntaken = false;
    const before = this.#waits.length;
    const nobodyWants = events & ~this.#wanted();
    if (this.#waits.length > 0) {
      this.#serve('urgent', events);
      this.#serve('receive', events);
      this.#serve('send', events);
      this.#serve('poll', events);
    }
    try {
      this.#tell(events);
    } finally {
      if (nobodyWants !== 0) this.#start(this.#wanted());
      if (this.#waits.length === before && this.#watches.length === 0) this.#nothingCame();
      else this.#vain = 0;
      this.#arm();
    }
  }

  /** An entry of the error queue that no call takes stays: it is looked at again a little later. */
  #nothingCame(): void {
    if (this.#waits.length === 0 || ++this.#vain < MOST_IN_VAIN) return;
    this.#vain = 0;
    const { fd } = this.#descriptor;
    if ((pollDescriptor(fd, 0, 0) & constants.POLLERR) === 0) return;
    this.#start(0);
    this.#armed = ALL;
    setTimeout(() => {
      this.#armed = 0;
      this.#arm();
    }, BACK_OFF);
  }

  #serve(direction: Direction, ready: number): void {
    for (const wait of this.#waits.filter((one) => one.direction === direction)) {
      if ((wait.events & ready) === 0) {
        if (direction === 'poll') continue;
        return;
      }
      if (wait.attempt(ready)) this.#remove(wait);
      else if (direction !== 'poll') return;
    }
  }

  #tell(events: number): void {
    const watches = this.#watches;
    for (const watch of watches) {
      const bits = events & watch.events;
      if (bits !== 0 && this.#watches.includes(watch)) watch.callback(bits);
    }
    if ((events & Ready.Prioritized) === 0 || watches.length === 0) return;
    this.#isUrgentUntaken = pollDescriptor(this.#descriptor.fd, constants.POLLPRI, 0) > 0;
    if (this.#isUrgentUntaken) this.#start(this.#wanted());
  }

  #failAll(error: Error): void {
    this.#watches = [];
    for (const wait of this.#waits.splice(0)) wait.fail(error);
    this.#arm();
  }

  /** @internal The descriptor goes. */
  end(): void {
    this.#descriptor.readiness = undefined;
    this.#armed = 0;
    this.#failAll(new InvalidSocketError('poll'));
  }
}

/** What `start` gives, or throws, as a promise: a wrong argument is told like any other error. */
export function settled<T>(start: () => Promise<T>): Promise<T> {
  return new Promise((resolve) => {
    resolve(start());
  });
}
