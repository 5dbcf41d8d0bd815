/** `DatagramSocket`: UDP, Unix datagrams and raw sockets, with POCO's members and meaning. */
import { SocketAddress, familyNumber, type Family, type SocketAddressLike } from './address';
import { receiveMessageAsync, sendMessageAsync, whenReady } from './async-transfer';
import { copyOfVector, isBytes, type SocketBufVec } from './buffers';
import { constants, withoutWaiting } from './constants';
import type { QueuedError } from './control';
import { DatagramBatch } from './datagram-batch';
import { invalidArgType, invalidArgValue, socketError } from './errors';
import { native, unavailable, type Bytes } from './native';
import { NOT_YET, settled, type WaitOptions } from './readiness';
import { Socket, WOULD_BLOCK } from './socket';
import { SocketImpl } from './socket-impl';
import {
  receive,
  receiveMessage,
  receiveVector,
  received,
  send,
  sendMessage,
  sendVector,
  type IncomingMessage,
  type MessageRequest,
  type OutgoingMessage,
} from './transfer';
import { startedAt } from './waiting';

const { EAGAIN, EINTR } = constants;

/** Room for one entry of the error queue. */
const ERROR_ROOM = 512;

/** What a receive of a datagram tells. */
export interface Datagram {
  /** How many bytes came into the buffer, or `WOULD_BLOCK`. A datagram may have none. */
  bytes: number;
  /** The sender; null where it has no name. */
  address: SocketAddress | null;
  /** Whether the datagram was longer than the buffer; the rest of it is lost. */
  truncated: boolean;
}

/** Where a group is joined, and for whose datagrams. */
export interface GroupOptions {
  /** The interface, by its index or name; left out, the route's. */
  interface?: number | string;
  /** The only source that is wanted (RFC 4607). */
  source?: SocketAddressLike;
}

/** How a send or receive on the event loop is done. */
export interface DatagramOptions extends WaitOptions {
  flags?: number;
}

function datagram({ bytes, address, flags }: IncomingMessage): Datagram {
  return { bytes, address, truncated: (flags & constants.MSG_TRUNC) !== 0 };
}

/**
 * A socket that keeps messages apart, UDP or Unix: connected to a peer or not, broadcast and multicast,
 * one datagram for a call or many.
 */
export class DatagramSocket extends Socket {
  /** No call; the descriptor is made by bind, connect or sendTo. */
  constructor();
  /** socket(2) at once, so that options can be set before bind. */
  constructor(family: Family);
  /** Bound. */
  constructor(address: SocketAddressLike, reuseAddress?: boolean, reusePort?: boolean);
  /** Another handle on `socket`'s implementation, which must be a datagram socket's. */
  constructor(socket: Socket | SocketImpl);
  constructor(
    what?: SocketAddressLike | Family | Socket | SocketImpl,
    reuseAddress = false,
    reusePort = false,
  ) {
    if (what instanceof Socket || what instanceof SocketImpl) {
      super(Socket.share(what, 'datagram'));
      return;
    }
    super(new SocketImpl('datagram'));
    if (what === undefined) return;
    try {
      if (what === 'ipv4' || what === 'ipv6' || what === 'unix' || what === 'vsock') {
        this.implementation.open(familyNumber(what));
      } else {
        this.bind(what, reuseAddress, reusePort);
      }
    } catch (error) {
      this.close();
      throw error;
    }
  }

  /** bind(2), with `SO_REUSEADDR` and `SO_REUSEPORT` if asked for. */
  bind(address: SocketAddressLike, reuseAddress = false, reusePort = false): void {
    this.bindTo(address, reuseAddress, reusePort);
  }

  /** bind(2) to an IPv6 address; `IPV6_V6ONLY`—whether IPv4 datagrams are left out. */
  bind6(
    address: SocketAddressLike,
    reuseAddress = false,
    reusePort = false,
    ipV6Only = false,
  ): void {
    this.bindTo6(address, reuseAddress, reusePort, ipV6Only);
  }

  /**
   * connect(2): from now on sends go to this address, only its datagrams come, and errors of the
   * way to it (`ECONNREFUSED`) are told by the next call. Another address may follow.
   */
  connect(address: SocketAddressLike): void {
    const peer = SocketAddress.from(address);
    const impl = this.implementation;
    impl.open(peer.af());
    const n = native.connect(impl.fd, peer.sockaddr);
    if (n < 0) throw socketError(n, 'connect', peer.toEndpoint());
    impl.connected = true;
  }

  /** connect(2) with `AF_UNSPEC`: the socket has no peer any more. */
  disconnect(): void {
    const impl = this.implementation;
    const nobody = Buffer.alloc(16);
    const n = native.connect(impl.fd, nobody);
    if (n < 0) throw socketError(n, 'connect');
    impl.connected = false;
  }

  /** One send(2) or sendmsg(2) to the connected peer: a datagram. Its length, or `WOULD_BLOCK`. */
  sendBytes(buffer: Bytes | string, flags?: number, offset?: number, length?: number): number;
  sendBytes(buffers: SocketBufVec, flags?: number): number;
  sendBytes(
    data: Bytes | string | SocketBufVec,
    flags = 0,
    offset?: number,
    length?: number,
  ): number {
    const impl = this.implementation;
    if (typeof data === 'string') return send(impl, Buffer.from(data), flags, offset, length);
    if (isBytes(data)) return send(impl, data, flags, offset, length);
    if (!Array.isArray(data)) throw invalidArgType('data', 'a buffer, a string or a vector', data);
    return sendVector(impl, [...data], flags);
  }

  /**
   * One recv(2) or recvmsg(2): a datagram, 0 if it is empty, or `WOULD_BLOCK`. What the buffer has
   * no room for is lost; with `MSG_TRUNC` in `flags` the result is the whole length all the same.
   */
  receiveBytes(buffer: Bytes, flags?: number, offset?: number, length?: number): number;
  receiveBytes(buffers: SocketBufVec, flags?: number): number;
  receiveBytes(buffer: Bytes | SocketBufVec, flags = 0, offset?: number, length?: number): number {
    if (isBytes(buffer)) return receive(this.implementation, buffer, flags, offset, length);
    if (!Array.isArray(buffer)) throw invalidArgType('buffer', 'a buffer or a vector', buffer);
    return receiveVector(this.implementation, copyOfVector(buffer), flags);
  }

  /** One sendmsg(2) to this address: a datagram. Its length, or `WOULD_BLOCK`. */
  sendTo(data: Bytes | string | SocketBufVec, address: SocketAddressLike, flags = 0): number {
    const to = SocketAddress.from(address);
    const buffers = typeof data === 'string' ? Buffer.from(data) : data;
    this.implementation.open(to.af());
    return sendMessage(this.implementation, { data: buffers, address: to, flags });
  }

  /** One recvmsg(2): a datagram, who sent it, and whether it was longer than the buffers. */
  receiveFrom(buffer: Bytes | SocketBufVec, flags = 0): Datagram {
    const buffers = isBytes(buffer) ? [buffer] : buffer;
    return datagram(this.receiveMessage({ buffers, flags }));
  }

  /** One sendmsg(2): data, control messages, address and flags. */
  sendMessage(message: OutgoingMessage): number {
    const { address } = (message as OutgoingMessage | null | undefined) ?? {};
    if (address !== undefined) this.implementation.open(SocketAddress.from(address).af());
    return sendMessage(this.implementation, message);
  }

  /** One recvmsg(2): with `MSG_TRUNC` in the result's flags the datagram was longer. */
  receiveMessage(request: MessageRequest = {}): IncomingMessage {
    return receiveMessage(this.implementation, request);
  }

  /** {@link sendTo} on the event loop, whatever the mode. */
  sendToAsync(
    data: Bytes | string | SocketBufVec,
    address: SocketAddressLike,
    { flags = 0, ...wait }: DatagramOptions = {},
  ): Promise<number> {
    return settled(() => {
      const to = SocketAddress.from(address);
      const buffers = typeof data === 'string' ? Buffer.from(data) : data;
      this.implementation.open(to.af());
      return sendMessageAsync(this.implementation, { data: buffers, address: to, flags }, wait);
    });
  }

  /** {@link receiveFrom} on the event loop, whatever the mode; several keep their order. */
  async receiveFromAsync(
    buffer: Bytes | SocketBufVec,
    { flags = 0, ...wait }: DatagramOptions = {},
  ): Promise<Datagram> {
    const buffers = isBytes(buffer) ? [buffer] : buffer;
    return datagram(await this.receiveMessageAsync({ buffers, flags }, wait));
  }

  /** {@link sendBytes} on the event loop, whatever the mode. */
  sendBytesAsync(
    data: Bytes | string | SocketBufVec,
    { flags = 0, ...wait }: DatagramOptions = {},
  ): Promise<number> {
    return settled(() => {
      const buffers = typeof data === 'string' ? Buffer.from(data) : data;
      return sendMessageAsync(this.implementation, { data: buffers, flags }, wait);
    });
  }

  /** {@link receiveBytes} on the event loop, whatever the mode. */
  async receiveBytesAsync(
    buffer: Bytes | SocketBufVec,
    options: DatagramOptions = {},
  ): Promise<number> {
    return (await this.receiveFromAsync(buffer, options)).bytes;
  }

  /** {@link receiveBatch} on the event loop: what is there, at least one datagram. */
  receiveBatchAsync(
    batch: DatagramBatch,
    { flags = 0, ...wait }: DatagramOptions = {},
  ): Promise<number> {
    return this.#batch('recvmmsg', 'receive', wait, () =>
      this.receiveBatch(batch, withoutWaiting(flags)),
    );
  }

  /** {@link sendBatch} on the event loop: as many as the kernel takes, at least one. */
  sendBatchAsync(
    batch: DatagramBatch,
    count?: number,
    { flags = 0, ...wait }: DatagramOptions = {},
  ): Promise<number> {
    return this.#batch('sendmmsg', 'send', wait, () =>
      this.sendBatch(batch, count, withoutWaiting(flags)),
    );
  }

  static #check(batch: DatagramBatch): void {
    if (!(batch instanceof DatagramBatch)) throw invalidArgType('batch', 'a DatagramBatch', batch);
  }

  #batch(
    syscall: string,
    direction: 'receive' | 'send',
    options: WaitOptions,
    call: () => number,
  ): Promise<number> {
    return settled(() => {
      this.descriptor(syscall);
      const attempt = (): number | typeof NOT_YET => {
        const n = call();
        return n === WOULD_BLOCK ? NOT_YET : n;
      };
      return whenReady(this.implementation, syscall, direction, attempt, options);
    });
  }

  /** {@link sendMessage} on the event loop. */
  sendMessageAsync(message: OutgoingMessage, options: WaitOptions = {}): Promise<number> {
    return sendMessageAsync(this.implementation, message, options);
  }

  /** {@link receiveMessage} on the event loop. */
  receiveMessageAsync(
    request: MessageRequest = {},
    options: WaitOptions = {},
  ): Promise<IncomingMessage> {
    return receiveMessageAsync(this.implementation, request, options);
  }

  /**
   * The next entry of the error queue ({@link setReceiveErrors}), by recvmsg(2) with
   * `MSG_ERRQUEUE`, which never waits: an ICMP error, and the address that was sent to. null if
   * there is none.
   */
  receiveError(): (QueuedError & { address: SocketAddress | null }) | null {
    const { MSG_ERRQUEUE } = constants;
    if (MSG_ERRQUEUE === undefined) throw unavailable('MSG_ERRQUEUE');
    const message = this.receiveMessage({ flags: MSG_ERRQUEUE, controlLength: ERROR_ROOM });
    for (const control of message.control) {
      if ('origin' in control) return { ...control, address: message.address };
    }
    return null;
  }

  /**
   * One recvmmsg(2) into the batch: how many datagrams came, 0 to its count, or `WOULD_BLOCK`. In
   * blocking mode it waits until the batch is full, unless `MSG_WAITFORONE` is in `flags`.
   */
  receiveBatch(batch: DatagramBatch, flags = 0): number {
    DatagramSocket.#check(batch);
    const impl = this.implementation;
    const call = (fd: number): number => batch.receive(fd, flags);
    const started = startedAt(impl.receiveTimeout);
    const n = call(impl.fd);
    return n >= 0 ? n : received(impl, n, 'recvmmsg', flags, started, call);
  }

  /** One sendmmsg(2) of the batch's first `count` datagrams: how many went, or `WOULD_BLOCK`. */
  sendBatch(batch: DatagramBatch, count?: number, flags = 0): number {
    DatagramSocket.#check(batch);
    const impl = this.implementation;
    const call = (fd: number): number => batch.send(fd, count ?? batch.count, flags);
    const started = startedAt(impl.sendTimeout);
    const first = call(impl.fd);
    const n = first === -EINTR ? impl.afterSignal('SendTimeout', started, call) : first;
    if (n >= 0) return n;
    if (n === -EAGAIN && impl.isNonblocking(flags)) return WOULD_BLOCK;
    throw socketError(n === -EAGAIN ? -constants.ETIMEDOUT : n, 'sendmmsg');
  }

  /** `MCAST_JOIN_GROUP`, `MCAST_JOIN_SOURCE_GROUP`—datagrams to this group come too. */
  joinGroup(group: SocketAddressLike, options: GroupOptions = {}): void {
    const { MCAST_JOIN_GROUP, MCAST_JOIN_SOURCE_GROUP } = constants;
    this.#group(MCAST_JOIN_GROUP, MCAST_JOIN_SOURCE_GROUP, group, options);
  }

  /** `MCAST_LEAVE_GROUP`, `MCAST_LEAVE_SOURCE_GROUP`—what joinGroup joined, with the same options. */
  leaveGroup(group: SocketAddressLike, options: GroupOptions = {}): void {
    const { MCAST_LEAVE_GROUP, MCAST_LEAVE_SOURCE_GROUP } = constants;
    this.#group(MCAST_LEAVE_GROUP, MCAST_LEAVE_SOURCE_GROUP, group, options);
  }

  /** `MCAST_BLOCK_SOURCE`—datagrams of this source no longer come from the group. */
  blockSource(
    group: SocketAddressLike,
    options: GroupOptions & Required<Pick<GroupOptions, 'source'>>,
  ): void {
    this.#group(-1, constants.MCAST_BLOCK_SOURCE, group, options);
  }

  /** `MCAST_UNBLOCK_SOURCE`—they come again. */
  unblockSource(
    group: SocketAddressLike,
    options: GroupOptions & Required<Pick<GroupOptions, 'source'>>,
  ): void {
    this.#group(-1, constants.MCAST_UNBLOCK_SOURCE, group, options);
  }

  #group(any: number, ofSource: number, group: SocketAddressLike, options: GroupOptions): void {
    if (typeof options !== 'object' || (options as unknown) === null) {
      throw invalidArgType('options', 'an object with interface, source', options);
    }
    const { interface: wanted = 0, source } = options;
    const address = SocketAddress.from(group);
    const index = typeof wanted === 'number' ? wanted : native.if_nametoindex(wanted);
    if (index < 0) throw invalidArgValue('interface', 'must be the name of an interface', wanted);
    const from = source === undefined ? null : SocketAddress.from(source).sockaddr;
    const request = native.encodeGroup(index, address.sockaddr, from);
    const { IPPROTO_IP, IPPROTO_IPV6 } = constants;
    const level = address.family() === 'ipv6' ? IPPROTO_IPV6 : IPPROTO_IP;
    this.implementation.setOption(level, from === null ? any : ofSource, request, 'bytes');
  }

  static override fromFileDescriptor(fd: number): DatagramSocket {
    return new DatagramSocket(SocketImpl.adopt(fd, 'datagram'));
  }

  static override pair(type: number = constants.SOCK_DGRAM): [DatagramSocket, DatagramSocket] {
    const [first, second] = SocketImpl.pair(type, 'datagram');
    return [new DatagramSocket(first), new DatagramSocket(second)];
  }

  static {
    Socket.register('datagram', (impl) => new DatagramSocket(impl));
  }
}
