/** `FIFOBuffer`: a buffer of fixed size between a producer and a consumer, as POCO's. */
import { EventEmitter } from 'node:events';
import { bytesOf, copyOf, count } from './buffers';
import { boolean, outOfRange } from './errors';
import type { Bytes } from './native';

export interface FIFOBufferEvents {
  /** true: the buffer has data now, and had none; false: the other way round. */
  readable: [isReadable: boolean];
  /** true: the buffer has room now, and had none; false: the other way round. */
  writable: [isWritable: boolean];
}

/**
 * First in, first out, `size` bytes at the most. With notification on, `'readable'` and `'writable'`
 * are emitted, in this order, inside the call that changed the state and after the change. POCO's
 * mutex has no counterpart: one JavaScript thread owns the buffer.
 */
export class FIFOBuffer extends EventEmitter<FIFOBufferEvents> {
  #memory: Buffer;
  #begin = 0;
  #used = 0;
  #notify: boolean;
  #eof = false;
  #error = false;

  /** An empty buffer of `size` bytes, or one full of a copy of `content`. */
  constructor(sizeOrContent: number | Bytes, notify = false) {
    super();
    this.#notify = boolean('notify', notify);
    if (typeof sizeOrContent === 'number') {
      this.#memory = Buffer.alloc(count('size', sizeOrContent));
    } else {
      this.#memory = copyOf('content', sizeOrContent);
      this.#used = this.#memory.length;
    }
  }

  /** How many bytes fit in all. */
  size(): number {
    return this.#memory.length;
  }

  /** How many bytes are in the buffer. */
  used(): number {
    return this.#used;
  }

  /** How many bytes still fit. */
  available(): number {
    return this.#memory.length - this.#used;
  }

  /** Whether it holds nothing. */
  isEmpty(): boolean {
    return this.#used === 0;
  }

  /** Whether it has no room. */
  isFull(): boolean {
    return this.available() === 0;
  }

  /** Whether there is data, and no error. */
  isReadable(): boolean {
    return !this.isEmpty() && this.isValid();
  }

  /** Whether there is room, and neither end of file nor an error. */
  isWritable(): boolean {
    return !this.isFull() && this.isValid() && !this.#eof;
  }

  /** The bytes in the buffer, moved to its front; valid until the next change. */
  begin(): Buffer {
    this.#compact();
    return this.#memory.subarray(0, this.#used);
  }

  /** The room behind the bytes in the buffer; {@link advance} tells how much of it was filled. */
  next(): Buffer {
    this.#compact();
    return this.#memory.subarray(this.#used);
  }

  #compact(): void {
    if (this.#begin === 0) return;
    this.#memory.copyWithin(0, this.#begin, this.#begin + this.#used);
    this.#begin = 0;
  }

  /** `length` bytes were put into {@link next}. */
  advance(length: number): void {
    const room = this.isWritable() ? this.available() : 0;
    this.#change(() => {
      this.#used += count('length', length, room);
    });
  }

  /** Drops `length` bytes from the front; 0, or as many as there are or more, drops all. */
  drain(length = 0): void {
    const drop = count('length', length);
    this.#change(() => {
      this.#drop(drop === 0 ? this.#used : Math.min(drop, this.#used));
    });
  }

  #drop(length: number): void {
    this.#used -= length;
    this.#begin = this.#used === 0 ? 0 : this.#begin + length;
  }

  /** Copies up to `length` bytes out and drops them. How many; 0 if there are none. */
  read(target: Bytes, length?: number): number {
    const n = this.peek(target, length);
    if (n > 0) this.drain(n);
    return n;
  }

  /** Copies up to `length` bytes out. How many; 0 if there are none. */
  peek(target: Bytes, length?: number): number {
    const into = bytesOf('target', target);
    const n = Math.min(this.#used, count('length', length ?? into.length, into.length));
    this.#memory.copy(into, 0, this.#begin, this.#begin + n);
    return n;
  }

  /** Puts in as much as fits of `length` bytes. How many; 0 if the buffer is not writable. */
  write(source: Bytes, length?: number): number {
    const from = bytesOf('source', source);
    const wanted = count('length', length ?? from.length, from.length);
    const n = this.isWritable() ? Math.min(wanted, this.available()) : 0;
    if (n === 0) return 0;
    from.copy(this.next(), 0, 0, n);
    this.advance(n);
    return n;
  }

  /** Puts in `length` bytes, all of them or, with a RangeError, none. */
  copy(source: Bytes, length?: number): void {
    const { length: all } = bytesOf('source', source);
    const room = this.isWritable() ? this.available() : 0;
    this.write(source, count('length', length ?? all, Math.min(room, all)));
  }

  /** Gives the buffer another size; what it holds stays and must fit, unless `preserve` is false. */
  resize(size: number, preserve = true): void {
    const room = count('size', size);
    const kept = boolean('preserve', preserve) ? this.#used : 0;
    if (kept > room) throw outOfRange('size', `at least ${String(kept)}, what it holds`, size);
    this.#change(() => {
      const memory = Buffer.alloc(room);
      this.#memory.copy(memory, 0, this.#begin, this.#begin + kept);
      this.#memory = memory;
      this.#begin = 0;
      this.#used = kept;
    });
  }

  /** The byte at `index`, counted from the front. */
  at(index: number): number {
    const last = this.#used - 1;
    if (Number.isInteger(index) && index >= 0 && index <= last) {
      return this.#memory.readUInt8(this.#begin + index);
    }
    throw outOfRange('index', `an integer from 0 to ${String(last)}`, index);
  }

  /** Nothing more may be put in; what is in the buffer can still be taken out. */
  setEOF(eof = true): void {
    this.#eof = boolean('eof', eof);
    if (this.#notify) this.emit('writable', !eof);
  }

  /** Whether {@link setEOF} was called: nothing more is written. */
  hasEOF(): boolean {
    return this.#eof;
  }

  /** Whether nothing will come any more: end of file, and empty. */
  isEOF(): boolean {
    return this.isEmpty() && this.#eof;
  }

  /** With an error the content is dropped, and the buffer is neither readable nor writable. */
  setError(error = true): void {
    boolean('error', error);
    this.#change(() => {
      this.#error = error;
      if (error) this.#drop(this.#used);
    });
  }

  /** Whether there is no error. */
  isValid(): boolean {
    return !this.#error;
  }

  /** Whether the events are emitted; on at first. */
  setNotify(notify = true): void {
    this.#notify = boolean('notify', notify);
  }

  /** Whether the events are emitted. */
  getNotify(): boolean {
    return this.#notify;
  }

  /** Makes a change, and then tells what it changed. */
  #change(change: () => void): void {
    const wasReadable = this.isReadable();
    const wasWritable = this.isWritable();
    change();
    if (!this.#notify) return;
    const isReadable = this.isReadable();
    const isWritable = this.isWritable();
    if (isReadable !== wasReadable) this.emit('readable', isReadable);
    if (isWritable !== wasWritable) this.emit('writable', isWritable);
  }
}
