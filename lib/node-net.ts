/** Beside Node's own `net`: connections made as it makes them, and a look at those it has. */
import type * as net from 'node:net';
import { connectAsync } from './async-transfer';
import { SocketAddress, type Family } from './address';
import { constants, withoutWaiting } from './constants';
import { invalidArgType } from './errors';
import { native } from './native';
import type { SocketStream, SocketStreamOptions } from './socket-stream';
import { StreamSocket } from './stream-socket';

/** The options of `net.createConnection`, and those of the stream. */
export interface ConnectionOptions extends SocketStreamOptions {
  /** A Unix path, or an abstract name behind a NUL; then no host and port. */
  path?: string;
  host?: string;
  port?: number | string;
  family?: 0 | 4 | 6 | 'ipv4' | 'ipv6';
  localAddress?: string;
  localPort?: number;
  noDelay?: boolean;
  keepAlive?: boolean;
  keepAliveInitialDelay?: number;
  /** `'timeout'` after so many milliseconds without traffic. */
  timeout?: number;
}

async function addressesOf({
  path,
  host,
  port,
  family,
}: ConnectionOptions): Promise<SocketAddress[]> {
  if (path !== undefined) return [new SocketAddress({ path })];
  if (port === undefined) throw invalidArgType('options', 'an object with port or path', port);
  const asked: Record<string, Exclude<Family, 'unix' | 'vsock'>> = {
    4: 'ipv4',
    6: 'ipv6',
    ipv4: 'ipv4',
    ipv6: 'ipv6',
  };
  const wanted = asked[String(family ?? 0)];
  return SocketAddress.resolve(
    host ?? 'localhost',
    port,
    wanted === undefined ? {} : { family: wanted },
  );
}

/**
 * A connecting stream, as `net.createConnection` makes one: for agents and drivers that take a
 * stream or a function for it. A name's addresses are tried one after the other.
 */
export function createConnection(options: ConnectionOptions, onConnect?: () => void): SocketStream {
  if (typeof options !== 'object' || (options as unknown) === null) {
    throw invalidArgType('options', 'an object with port or path', options);
  }
  const socket = new StreamSocket();
  const stream = socket.toConnectingStream(options);
  if (onConnect) stream.once('connect', onConnect);
  if (options.noDelay === true) stream.setNoDelay(true);
  if (options.keepAlive === true) stream.setKeepAlive(true, options.keepAliveInitialDelay);
  if (options.timeout !== undefined) stream.setTimeout(options.timeout);
  connect(stream, socket, options).then(
    () => {
      stream.connected();
    },
    (error: unknown) => {
      stream.destroy(error as Error);
    },
  );
  return stream;
}

async function connect(
  stream: SocketStream,
  socket: StreamSocket,
  options: ConnectionOptions,
): Promise<void> {
  const addresses = await addressesOf(options);
  let reason: unknown;
  for (const address of addresses) {
    if (stream.destroyed) return;
    try {
      if (options.localAddress !== undefined || options.localPort !== undefined) {
        const any = address.family() === 'ipv6' ? '::' : '0.0.0.0';
        socket.bind({ host: options.localAddress ?? any, port: options.localPort ?? 0 });
      }
      await connectAsync(socket.impl(), address, {});
      return;
    } catch (error) {
      reason = error;
      socket.close();
    }
  }
  throw reason;
}

/**
 * Whether a connection that should be idle still is one, by one recv(2) with `MSG_PEEK |
 * MSG_DONTWAIT`, which takes nothing: `'idle'`—nothing is there; `'pending'`—bytes are there;
 * `'closed'`—the peer has ended or reset it, or the socket is destroyed. Over TLS pending bytes may
 * be a session ticket or the close_notify alert: between requests take `'pending'` for not usable.
 */
export function probe(netSocket: net.Socket | StreamSocket): 'idle' | 'pending' | 'closed' {
  const isOurs = netSocket instanceof StreamSocket;
  if (!isOurs && netSocket.destroyed) return 'closed';
  const socket = isOurs ? netSocket : StreamSocket.borrow(netSocket);
  const fd = socket.sockfd();
  if (fd === -1) return 'closed';
  const { MSG_PEEK, EAGAIN } = constants;
  const receive = socket.impl().neverWaiting(native.recv);
  const n = receive(fd, Buffer.alloc(1), 0, 1, withoutWaiting(MSG_PEEK));
  if (n > 0) return 'pending';
  return n === -EAGAIN ? 'idle' : 'closed';
}
