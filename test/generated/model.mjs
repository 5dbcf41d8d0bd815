/**
 * What sockets should do, small enough to be checked by reading. A direction knows what was sent and
 * not yet received; byte k of it is `byteAt(k)`. Nothing here makes a call.
 */

/** Byte `k` of every direction: no two stretches that meet are alike. */
export const byteAt = (k) => (k * 31 + (k >> 8) * 7) & 0xff;

const PERIOD = 256 * 256;
const LONGEST = 5 * PERIOD;
const all = Buffer.from(Array.from({ length: PERIOD + LONGEST }, (_, k) => byteAt(k)));

/** Where the content of `from` stands in a copy of it all; at most `LONGEST` bytes follow. */
export const placeOf = (from) => from % PERIOD;

/** The bytes from `from`, `length` of them; not to be written. */
export const content = (from, length) => all.subarray(placeOf(from), placeOf(from) + length);

/** What a receive gives that finds no data: 0 at the end of the stream; null, it would block. */
const nothing = (direction) => (direction.isEnded ? { length: 0, from: 0 } : null);

/** A direction of a stream. TCP's urgent byte has a place in it, which the mark tells. */
export class Stream {
  end = 0;
  isEnded = false;
  #at = 0;
  #mark = -1;
  #isUrgentHere = false;

  get pending() {
    return this.end - this.#at;
  }
  get isUrgentHere() {
    return this.#isUrgentHere;
  }
  get isAtMark() {
    return this.#mark === this.#at;
  }
  /** FIONREAD counts up to the mark. */
  get available() {
    return this.#limit() - this.#at;
  }
  /** Whether a receive finds something, data or the end. */
  get isReadable() {
    return this.isEnded || this.end > this.#next();
  }

  #limit() {
    return this.#mark >= this.#at ? this.#mark : this.end;
  }
  /** A receive at the mark goes past the urgent byte. */
  #next() {
    return this.isAtMark ? this.#at + 1 : this.#at;
  }

  sent(length) {
    this.end += length;
  }
  /** The last byte sent was urgent. One that waits at the head is lost by it. */
  sentUrgent() {
    this.#at = this.#next();
    this.#mark = this.end++;
    this.#isUrgentHere = true;
  }
  /** What `room` bytes get. Data before the mark and behind it never come together. */
  peek(room) {
    const from = this.#next();
    const limit = this.isAtMark ? this.end : this.#limit();
    return limit > from ? { from, length: Math.min(room, limit - from) } : nothing(this);
  }
  receive(room) {
    const got = this.peek(room);
    if (this.isAtMark) {
      this.#at++;
      this.#mark = -1;
      this.#isUrgentHere = false;
    }
    if (got !== null) this.#at += got.length;
    return got;
  }
  takeUrgent() {
    if (!this.#isUrgentHere) return null;
    this.#isUrgentHere = false;
    return byteAt(this.#mark);
  }
}

/** A direction that keeps messages apart: one receive takes one, whatever its room. */
export class Messages {
  end = 0;
  isEnded = false;
  #queue = [];
  isUrgentHere = false;
  isAtMark = false;

  get pending() {
    return this.#queue.reduce((sum, { length }) => sum + length, 0);
  }
  get isReadable() {
    return this.isEnded || this.#queue.length > 0;
  }

  sent(length) {
    this.#queue.push({ from: this.end, length });
    this.end += length;
  }
  peek(room) {
    const [first] = this.#queue;
    if (first === undefined) return nothing(this);
    return { from: first.from, length: Math.min(room, first.length), whole: first.length };
  }
  receive(room) {
    const got = this.peek(room);
    this.#queue.shift();
    return got;
  }
}

/** One end: what is open, what its options say, and the direction that it receives. */
export class End {
  isOpen = true;
  isBlocking = true;
  timeout = 0;
  hasShutSend = false;
  /** The peer closed with data unread: told once, behind what had come. */
  isReset = false;
  /** Urgent data that came before can no more be taken. */
  wasReset = false;
  constructor(incoming) {
    this.incoming = incoming;
  }
}
