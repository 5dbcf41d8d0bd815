/** `DatagramBatch`: the memory of many datagrams, for recvmmsg(2) and sendmmsg(2). */
import { SocketAddress, type SocketAddressLike } from './address';
import { bytesOf, count } from './buffers';
import { constants } from './constants';
import { outOfRange } from './errors';
import { native, type Bytes } from './native';

/** Room for the largest sockaddr there is. */
const NAME = 128;

/** How many numbers a datagram has in the results: length, length of its name, flags. */
const FIELDS = 3;

/** `count` datagrams of at most `size` bytes each in one slab, made once and used again. */
export class DatagramBatch {
  readonly count: number;
  readonly size: number;
  /** Datagram i has its place at i × `size`. */
  readonly slab: Buffer;
  readonly #names: Buffer;
  readonly #results: Int32Array;

  constructor(messages: number, size: number) {
    this.count = count('count', messages, 1024);
    this.size = count('size', size, 0x10000);
    this.slab = Buffer.alloc(this.count * this.size);
    this.#names = Buffer.alloc(this.count * NAME);
    this.#results = new Int32Array(this.count * FIELDS);
  }

  #field(index: number, field: number): number {
    if (Number.isInteger(index) && index >= 0 && index < this.count) {
      return this.#results[index * FIELDS + field] ?? 0;
    }
    throw outOfRange('index', `an integer from 0 to ${String(this.count - 1)}`, index);
  }

  /** How long datagram `index` is. */
  length(index: number): number {
    return this.#field(index, 0);
  }

  /** The bytes of datagram `index`, not a copy. */
  data(index: number): Buffer {
    const length = Math.min(this.length(index), this.size);
    const begin = index * this.size;
    return this.slab.subarray(begin, begin + length);
  }

  /** Who sent datagram `index`; null where it has no name. */
  address(index: number): SocketAddress | null {
    const length = this.#field(index, 1);
    const begin = index * NAME;
    return length > 0 ? SocketAddress.fromBytes(this.#names.subarray(begin, begin + length)) : null;
  }

  /** msg_flags of datagram `index`: `MSG_TRUNC`—it was longer than its place. */
  flags(index: number): number {
    return this.#field(index, 2);
  }

  /** Puts in what datagram `index` shall be; without an address it goes to the connected peer. */
  set(index: number, data: Bytes | string, address?: SocketAddressLike): void {
    const bytes = bytesOf('data', data);
    this.#field(index, 0);
    if (bytes.length > this.size) {
      throw outOfRange('data', `at most ${String(this.size)} bytes`, bytes.length);
    }
    bytes.copy(this.slab, index * this.size);
    const name = address === undefined ? null : SocketAddress.from(address).sockaddr;
    name?.copy(this.#names, index * NAME);
    this.#results.set([bytes.length, name?.length ?? 0, 0], index * FIELDS);
  }

  /** @internal recvmmsg(2) */
  receive(fd: number, flags: number): number {
    return native.recvmmsg(
      fd,
      this.slab,
      this.size,
      this.#names,
      this.count,
      this.#results,
      // A length beyond the place would be told by MSG_TRUNC here; the flag says the same.
      flags & ~constants.MSG_TRUNC,
    );
  }

  /** @internal sendmmsg(2) */
  send(fd: number, messages: number, flags: number): number {
    const wanted = count('count', messages, this.count);
    return native.sendmmsg(fd, this.slab, this.size, this.#names, wanted, this.#results, flags);
  }
}
