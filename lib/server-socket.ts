/** `ServerSocket`: binding, listening and accepting. */
import { EventEmitter } from 'node:events';
import { AddressRoom, SocketAddress, type SocketAddressLike } from './address';
import { whenReady } from './async-transfer';
import { constants, isDarwin, waitsAsAsked } from './constants';
import { invalidArgType, boolean, socketError, timeoutError } from './errors';
import { native } from './native';
import { NOT_YET, settled, type WaitOptions } from './readiness';
import { Socket } from './socket';
import { SocketImpl } from './socket-impl';
import { StreamSocket } from './stream-socket';
import { SELECT_READ, pollDescriptor, startedAt } from './waiting';

const { EAGAIN, EINTR } = constants;

/** How many connections may wait to be accepted, unless told otherwise. */
const BACKLOG = 64;

/** How long a listener waits after an error, such as too many open files, in milliseconds. */
const PAUSE = 100;

/** How many connections are accepted before the event loop goes on. */
const MOST_AT_ONCE = 64;

export interface ConnectionListenerEvents {
  connection: [connection: StreamSocket];
  /** accept(2) failed (`EMFILE`, say); it is tried again a little later. */
  error: [error: Error];
  close: [];
}

/** The connections of a `ServerSocket`, as events. */
export class ConnectionListener extends EventEmitter<ConnectionListenerEvents> {
  readonly #server: ServerSocket;
  #watch: { stop: () => void } | undefined;
  #timer: NodeJS.Timeout | undefined;
  #isClosed = false;

  /** @internal See {@link ServerSocket.listenAsync}. */
  constructor(server: ServerSocket) {
    super();
    this.#server = server;
    this.#start();
    const leave = (): void => {
      server.impl().forget(leave);
      this.close();
    };
    server.impl().beforeClose(leave);
  }

  #start(): void {
    this.#watch = this.#server.watch(SELECT_READ, () => {
      this.#accept();
    });
  }

  #accept(): void {
    for (let i = 0; i < MOST_AT_ONCE && !this.#isClosed; i++) {
      let connection: StreamSocket | null;
      try {
        connection = this.#server.impl().withoutBlocking(() => this.#server.acceptConnection());
      } catch (error) {
        this.#pause();
        this.emit('error', error as Error);
        return;
      }
      if (connection === null) return;
      this.emit('connection', connection);
    }
  }

  #pause(): void {
    this.#watch?.stop();
    this.#timer = setTimeout(() => {
      this.#start();
    }, PAUSE);
  }

  /** Accepts no more; the socket goes on listening until it is closed. `'close'`, once. */
  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    clearTimeout(this.#timer);
    this.#watch?.stop();
    this.emit('close');
  }
}

/** A socket that listens, and accepts connections. */
export class ServerSocket extends Socket {
  /** No call; the descriptor is made by bind. */
  constructor();
  /** Bound, with `SO_REUSEADDR` and without `SO_REUSEPORT`, and listening. */
  constructor(address: SocketAddressLike, backlog?: number);
  /** Another handle on `socket`'s implementation, which must be a server's. */
  constructor(socket: Socket | SocketImpl);
  constructor(what?: SocketAddressLike | Socket | SocketImpl, backlog = BACKLOG) {
    if (what instanceof Socket || what instanceof SocketImpl) {
      super(Socket.share(what, 'server'));
      return;
    }
    super(new SocketImpl('server'));
    if (what === undefined) return;
    try {
      this.bind(what, true);
      this.listen(backlog);
    } catch (error) {
      this.close();
      throw error;
    }
  }

  /**
   * bind(2), with `SO_REUSEADDR` and `SO_REUSEPORT` if asked for (Unix sockets have neither). The
   * file of a Unix path must not exist, and stays after close.
   */
  bind(address: SocketAddressLike, reuseAddress = false, reusePort = false): void {
    this.bindTo(address, reuseAddress, reusePort);
  }

  /** bind(2) to an IPv6 address; `IPV6_V6ONLY`—whether IPv4 peers are left out. */
  bind6(
    address: SocketAddressLike,
    reuseAddress = false,
    reusePort = false,
    ipV6Only = false,
  ): void {
    this.bindTo6(address, reuseAddress, reusePort, ipV6Only);
  }

  /** listen(2). */
  listen(backlog: number = BACKLOG): void {
    const n = native.listen(this.implementation.fd, backlog);
    if (n < 0) throw socketError(n, 'listen');
  }

  /**
   * accept(2): the connection, in blocking mode whatever this socket's mode is. null if it would
   * block; {@link TimeoutError} when the receive timeout is over.
   */
  acceptConnection(): StreamSocket | null;
  /** With the address that accept(2) told: peerAddress() has none once the peer has reset. */
  acceptConnection(withAddress: true): [StreamSocket, SocketAddress] | null;
  acceptConnection(withAddress?: true): StreamSocket | [StreamSocket, SocketAddress] | null {
    if (withAddress === undefined) return this.#accept(native.accept);
    boolean('withAddress', withAddress);
    const peer = new AddressRoom();
    const connection = this.#accept((fd) => native.accept(fd, peer.bytes, peer.length));
    return connection && [connection, peer.address()];
  }

  /** {@link acceptConnection} on the event loop, whatever the mode. */
  acceptConnectionAsync(options: WaitOptions = {}): Promise<StreamSocket> {
    return settled(() => {
      const impl = this.implementation;
      this.descriptor('accept');
      const call = (): StreamSocket | typeof NOT_YET => {
        // Asked first: the mode needs no change for the many waits that find nobody.
        const isReady = pollDescriptor(impl.fd, constants.POLLIN, 0) !== 0;
        return (isReady && impl.withoutBlocking(() => this.acceptConnection())) || NOT_YET;
      };
      return whenReady(impl, 'accept', 'receive', call, options);
    });
  }

  /** The connections as they come, until the socket is closed. */
  async *[Symbol.asyncIterator](): AsyncGenerator<StreamSocket, void> {
    while (this.implementation.fd !== -1) {
      try {
        yield await this.acceptConnectionAsync();
      } catch (error) {
        if (this.implementation.fd !== -1) throw error;
      }
    }
  }

  /**
   * Accepts on the event loop from now on: each connection is an event of the result. The socket
   * must listen already.
   */
  listenAsync(onConnection?: (connection: StreamSocket) => void): ConnectionListener {
    if (onConnection !== undefined && typeof onConnection !== 'function') {
      throw invalidArgType('onConnection', 'a function', onConnection);
    }
    const listener = new ConnectionListener(this);
    if (onConnection) listener.on('connection', onConnection);
    return listener;
  }

  #accept(accept: (fd: number) => number): StreamSocket | null {
    const impl = this.implementation;
    const started = startedAt(impl.receiveTimeout);
    if (!waitsAsAsked) this.#waitForConnection();
    const n = accept(impl.fd);
    const fd = n === -EINTR ? impl.afterSignal('ReceiveTimeout', started, accept) : n;
    if (fd >= 0) return this.#connection(fd);
    if (fd !== -EAGAIN) throw socketError(fd, 'accept');
    if (impl.isNonblocking(0)) return null;
    throw timeoutError('accept');
  }

  /** Within the receive timeout, which not every system's accept keeps. */
  #waitForConnection(): void {
    const { fd, blocking, receiveTimeout } = this.implementation;
    if (!blocking || receiveTimeout === 0) return;
    if (pollDescriptor(fd, constants.POLLIN, receiveTimeout) === 0) throw timeoutError('accept');
  }

  static override fromFileDescriptor(fd: number): ServerSocket {
    return new ServerSocket(SocketImpl.adopt(fd, 'server'));
  }

  static {
    Socket.register('server', (impl) => new ServerSocket(impl));
  }

  /**
   * The kernel hands the listener's timeouts down (macOS does not); the deadlines across signals
   * follow it.
   */
  #connection(fd: number): StreamSocket {
    const accepted = new SocketImpl('stream', this.type());
    accepted.attach(fd);
    accepted.connected = true;
    if (!isDarwin) {
      accepted.receiveTimeout = this.implementation.receiveTimeout;
      accepted.sendTimeout = this.implementation.sendTimeout;
    }
    return new StreamSocket(accepted);
  }
}
