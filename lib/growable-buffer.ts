/** `GrowableBuffer`: memory that grows to what is put in, as POCO's `Buffer`. */
import { bytesOf, copyOf, count } from './buffers';
import { invalidArgType, outOfRange } from './errors';
import type { Bytes } from './native';

/** POCO's `Buffer<char>`: bytes that a receive makes as many as there are. */
export class GrowableBuffer {
  #memory: Buffer;
  #size: number;

  /** `size` zero bytes, or a copy of `content`. */
  constructor(sizeOrContent: number | Bytes = 0) {
    this.#memory =
      typeof sizeOrContent === 'number'
        ? Buffer.alloc(count('size', sizeOrContent))
        : copyOf('content', sizeOrContent);
    this.#size = this.#memory.length;
  }

  /** How many bytes are in the buffer. */
  size(): number {
    return this.#size;
  }

  /** How many bytes it can have before it needs other memory. */
  capacity(): number {
    return this.#memory.length;
  }

  /** Whether the size is 0. */
  empty(): boolean {
    return this.#size === 0;
  }

  /** The bytes in the buffer, not a copy; valid until it grows. */
  begin(): Buffer {
    return this.#memory.subarray(0, this.#size);
  }

  /** The byte at `index`. */
  at(index: number): number {
    if (Number.isInteger(index) && index >= 0 && index < this.#size) {
      return this.#memory.readUInt8(index);
    }
    throw outOfRange('index', `an integer from 0 to ${String(this.#size - 1)}`, index);
  }

  /**
   * Gives the buffer another size. New bytes are 0; the old ones stay, unless `preserve` is false.
   * The capacity never shrinks.
   */
  resize(size: number, preserve = true): void {
    const wanted = count('size', size);
    const kept = preserve ? Math.min(this.#size, wanted) : 0;
    if (wanted > this.capacity()) this.#move(wanted, kept);
    else this.#memory.fill(0, kept, wanted);
    this.#size = wanted;
  }

  /** Gives the buffer another capacity; it loses what does not fit, or all without `preserve`. */
  setCapacity(capacity: number, preserve = true): void {
    const wanted = count('capacity', capacity);
    const kept = preserve ? Math.min(this.#size, wanted) : 0;
    this.#move(wanted, kept);
    this.#size = Math.min(this.#size, wanted);
  }

  #move(capacity: number, kept: number): void {
    const memory = Buffer.alloc(capacity);
    this.#memory.copy(memory, 0, 0, kept);
    this.#memory = memory;
  }

  /** Makes a copy of `content` the content. */
  assign(content: Bytes | string): void {
    const bytes = bytesOf('content', content);
    // They may be a part of what is here.
    if (bytes.length > this.capacity()) this.#memory = Buffer.from(bytes);
    else bytes.copy(this.#memory);
    this.#size = bytes.length;
  }

  /** Puts bytes, a string's bytes in UTF-8, or one byte behind the content. */
  append(content: Bytes | string | number): void {
    const bytes =
      typeof content === 'number'
        ? Buffer.of(count('content', content, 0xff))
        : bytesOf('content', content);
    const end = this.#size;
    const size = end + bytes.length;
    // Twice the capacity, so that many small pieces are not copied again and again.
    if (size > this.capacity()) this.#move(Math.max(size, 2 * this.capacity()), end);
    this.#size = size;
    bytes.copy(this.#memory, end);
  }

  /** Makes the size 0; the capacity stays. */
  clear(): void {
    this.#size = 0;
  }

  static #check(other: GrowableBuffer): void {
    if (!(other instanceof GrowableBuffer))
      throw invalidArgType('other', 'a GrowableBuffer', other);
  }

  /** Exchanges content and capacity with `other`. */
  swap(other: GrowableBuffer): void {
    GrowableBuffer.#check(other);
    [this.#memory, other.#memory] = [other.#memory, this.#memory];
    [this.#size, other.#size] = [other.#size, this.#size];
  }

  /** Whether both have the same bytes. */
  equals(other: GrowableBuffer): boolean {
    GrowableBuffer.#check(other);
    return this.begin().equals(other.begin());
  }
}
