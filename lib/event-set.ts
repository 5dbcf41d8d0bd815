/** What `PollSet` asks the kernel by: epoll(7), or poll(2) where the system has no epoll. */
import { constants } from './constants';
import { Descriptor } from './descriptor';
import { socketError } from './errors';
import { addon, native, unavailable } from './native';

const { EPOLL_CTL_ADD = -1, EPOLL_CTL_DEL = -1, EPOLL_CTL_MOD = -1, EPOLLET = 0 } = constants;

/** Descriptors, and the poll(2) events that are waited for with each. */
export interface EventSet {
  /** What becomes readable when one of the others is ready, if there is such a thing. */
  readonly descriptor: Descriptor | undefined;
  /** The call that waits, for errors. */
  readonly syscall: string;
  /** `isEdge`—a change is told once. */
  add(fd: number, events: number, isEdge: boolean): void;
  update(fd: number, events: number, isEdge: boolean): void;
  remove(fd: number): void;
  /** Pairs of descriptor and events, `most` at the most; their number, or -errno. */
  wait(pairs: Int32Array, most: number, timeout: number): number;
  close(): void;
}

/** epoll(7): a wait costs what is ready, not what is in the set. */
class EpollSet implements EventSet {
  readonly descriptor = new Descriptor();
  readonly syscall = 'epoll_wait';

  constructor() {
    const fd = native.epoll_create1(0);
    if (fd < 0) throw socketError(fd, 'epoll_create1');
    this.descriptor.attach(fd);
  }

  #control(operation: number, fd: number, events: number): void {
    const n = native.epoll_ctl(this.descriptor.fd, operation, fd, events, fd);
    if (n < 0) throw socketError(n, 'epoll_ctl');
  }

  add(fd: number, events: number, isEdge: boolean): void {
    this.#control(EPOLL_CTL_ADD, fd, events | (isEdge ? EPOLLET : 0));
  }

  update(fd: number, events: number, isEdge: boolean): void {
    this.#control(EPOLL_CTL_MOD, fd, events | (isEdge ? EPOLLET : 0));
  }

  remove(fd: number): void {
    this.#control(EPOLL_CTL_DEL, fd, 0);
  }

  wait(pairs: Int32Array, most: number, timeout: number): number {
    return native.epoll_wait(this.descriptor.fd, pairs, most, timeout);
  }

  close(): void {
    this.descriptor.close();
  }
}

/** How many numbers an entry of poll(2) has: descriptor, events, and what came. */
const FIELDS = 3;

/** poll(2): all entries go to the kernel with each wait. */
class PolledSet implements EventSet {
  readonly descriptor = undefined;
  readonly syscall = 'poll';
  #entries = new Int32Array(FIELDS * 16);
  /** Where each descriptor's entry begins. */
  readonly #places = new Map<number, number>();
  /** Where the search for what is ready begins, so that each has its turn. */
  #turn = 0;

  add(fd: number, events: number, isEdge: boolean): void {
    if (isEdge) throw unavailable('PollSet.POLL_EDGE');
    const place = FIELDS * this.#places.size;
    if (place === this.#entries.length) {
      const longer = new Int32Array(2 * place);
      longer.set(this.#entries);
      this.#entries = longer;
    }
    this.#places.set(fd, place);
    this.#entries.set([fd, events, 0], place);
  }

  update(fd: number, events: number, isEdge: boolean): void {
    if (isEdge) throw unavailable('PollSet.POLL_EDGE');
    this.#entries[(this.#places.get(fd) ?? 0) + 1] = events;
  }

  remove(fd: number): void {
    const place = this.#places.get(fd);
    if (place === undefined) return;
    const last = FIELDS * (this.#places.size - 1);
    this.#entries.copyWithin(place, last, last + FIELDS);
    this.#places.set(this.#entries[place] ?? -1, place);
    this.#places.delete(fd);
  }

  wait(pairs: Int32Array, most: number, timeout: number): number {
    const { size } = this.#places;
    const ready = native.poll(this.#entries, size, timeout);
    let count = 0;
    for (let i = 0; i < size && count < Math.min(ready, most); i++) {
      const place = FIELDS * ((this.#turn + i) % size);
      const events = this.#entries[place + 2] ?? 0;
      if (events === 0) continue;
      pairs[2 * count] = this.#entries[place] ?? -1;
      pairs[2 * count + 1] = events;
      count++;
    }
    this.#turn++;
    return Math.min(ready, count);
  }

  close(): void {
    this.#places.clear();
  }
}

export function createEventSet(): EventSet {
  return 'epoll_create1' in addon ? new EpollSet() : new PolledSet();
}
