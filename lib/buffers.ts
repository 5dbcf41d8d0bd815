/** Vectors of buffers, for scatter and gather. */
import { constants, isWinsock } from './constants';
import { invalidArgType, outOfRange } from './errors';
import type { Bytes } from './native';

/** Several buffers that one call fills or sends, in order. */
export type SocketBufVec = Bytes[];

/** Whether `value` is memory that a call can use. */
export function isBytes(value: unknown): value is Bytes {
  return (
    ArrayBuffer.isView(value) || Object.prototype.toString.call(value) === '[object ArrayBuffer]'
  );
}

/** A buffer's own bytes, not a copy, from `offset`. */
export function view(bytes: Bytes, offset = 0): Buffer {
  return ArrayBuffer.isView(bytes)
    ? Buffer.from(bytes.buffer, bytes.byteOffset + offset, bytes.byteLength - offset)
    : Buffer.from(bytes, offset);
}

/** How many bytes the vector has in all. */
export function totalLength(vector: readonly Bytes[]): number {
  let total = 0;
  for (const bytes of vector) {
    if (!isBytes(bytes)) throw invalidArgType('buffers', 'an array of buffers', bytes);
    total += bytes.byteLength;
  }
  return total;
}

/** A copy of a vector; of a longer one than a call takes only so much that the kernel refuses it. */
export function copyOfVector(vector: readonly Bytes[]): Bytes[] {
  return vector.slice(0, isWinsock ? Infinity : constants.IOV_MAX + 1);
}

/** What is left of a vector when its first `done` bytes are gone. */
export function rest(vector: readonly Bytes[], done: number): Bytes[] {
  const left: Bytes[] = [];
  let skip = done;
  for (const bytes of vector) {
    if (skip < bytes.byteLength) left.push(skip > 0 ? view(bytes, skip) : bytes);
    skip = Math.max(0, skip - bytes.byteLength);
  }
  return left;
}

/** A count from 0 to `most`. */
export function count(name: string, value: number, most = Number.MAX_SAFE_INTEGER): number {
  if (typeof value !== 'number') throw invalidArgType(name, 'a number', value);
  if (Number.isSafeInteger(value) && value >= 0 && value <= most) return value;
  const isOpen = most === Number.MAX_SAFE_INTEGER;
  throw outOfRange(
    name,
    isOpen ? 'an integer >= 0' : `an integer from 0 to ${String(most)}`,
    value,
  );
}

/** A buffer's own bytes, not a copy, or a string's in UTF-8. */
export function bytesOf(name: string, from: Bytes | string): Buffer {
  if (typeof from === 'string') return Buffer.from(from);
  if (isBytes(from)) return view(from);
  throw invalidArgType(name, 'a string, an ArrayBufferView or an ArrayBuffer', from);
}

/** A copy of a buffer's bytes. */
export function copyOf(name: string, from: Bytes): Buffer {
  if (isBytes(from)) return Buffer.from(view(from));
  throw invalidArgType(name, 'a length, an ArrayBufferView or an ArrayBuffer', from);
}

/** A buffer of `length` zero bytes, or the buffer's own bytes, or a string's bytes in UTF-8. */
export function makeBuffer(from: number | string | Bytes): Buffer {
  return typeof from === 'number' ? Buffer.alloc(count('length', from)) : bytesOf('from', from);
}

/** `count` buffers of `length` zero bytes, or one for each string or buffer. */
export function makeBufVec(count: number, length: number): SocketBufVec;
export function makeBufVec(parts: readonly (string | Bytes)[]): SocketBufVec;
export function makeBufVec(
  parts: number | readonly (string | Bytes)[],
  length?: number,
): SocketBufVec {
  if (typeof parts === 'number') {
    const room = count('length', length as number);
    return Array.from({ length: count('count', parts) }, () => Buffer.alloc(room));
  }
  if (!Array.isArray(parts)) throw invalidArgType('parts', 'a count or an array', parts);
  return parts.map((part: string | Bytes) => makeBuffer(part));
}

/** Empties the vector; the memory goes when nobody refers to it. */
export function destroyBufVec(vector: SocketBufVec): void {
  if (!Array.isArray(vector)) throw invalidArgType('vector', 'an array', vector);
  vector.length = 0;
}
