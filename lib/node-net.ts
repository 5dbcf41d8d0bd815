/** Beside Node's own `net`: connections made as it makes them, and a look at those it has. */
import { isIP, type Socket as NetSocket } from 'node:net';
import { connectAsync } from './async-transfer';
import { SocketAddress, type Family } from './address';
import { constants, withoutWaiting } from './constants';
import { HostNotFoundError, invalidArgType } from './errors';
import { native } from './native';
import type { SocketStream, SocketStreamOptions } from './socket-stream';
import { StreamSocket } from './stream-socket';
import { milliseconds } from './waiting';

/** As `dns.lookup`, also one that knows nothing of `all`. */
export type LookupFunction = (
  host: string,
  options: { all: boolean; family: number },
  callback: (error: Error | null, found: string | { address: string }[]) => void,
) => void;

/** The options of `net.createConnection`, and those of the stream. */
export interface ConnectionOptions extends SocketStreamOptions {
  /** A Unix path, or an abstract name behind a NUL; then no host and port. */
  path?: string | null;
  /** A name is resolved without blocking; left out it is `'localhost'`. */
  host?: string | null;
  port?: number | string;
  family?: 0 | 4 | 6 | 'ipv4' | 'ipv6';
  /** Resolves a name, instead of `dns.lookup`. */
  lookup?: LookupFunction | null;
  localAddress?: string;
  localPort?: number;
  noDelay?: boolean;
  keepAlive?: boolean;
  keepAliveInitialDelay?: number;
  /** `'timeout'` after so many milliseconds without traffic. */
  timeout?: number | null;
  /**
   * How long an address of a name is tried when there is another, in milliseconds (250, as in Node);
   * Infinity for as long as the kernel tries it.
   */
  autoSelectFamilyAttemptTimeout?: number;
}

const ATTEMPT_TIMEOUT = 250;

const families: Record<string, Exclude<Family, 'unix' | 'vsock'>> = {
  4: 'ipv4',
  6: 'ipv6',
  ipv4: 'ipv4',
  ipv6: 'ipv6',
};

async function addressesOf(options: ConnectionOptions): Promise<SocketAddress[]> {
  // Agents pass null for what is left out.
  const { path, port } = options;
  const host = options.host ?? 'localhost';
  const lookup = options.lookup ?? undefined;
  if (path != null) return [new SocketAddress({ path })];
  if (port === undefined) throw invalidArgType('options', 'an object with port or path', port);
  const family = families[String(options.family ?? 0)];
  if (lookup === undefined || isIP(host) !== 0) {
    return SocketAddress.resolve(host, port, family === undefined ? {} : { family });
  }
  const number = family === undefined ? 0 : family === 'ipv4' ? 4 : 6;
  const found = await new Promise<string | { address: string }[]>((resolve, reject) => {
    lookup(host, { all: true, family: number }, (error, result) => {
      if (error) reject(error);
      else resolve(result);
    });
  });
  const all = typeof found === 'string' ? [found] : found.map(({ address }) => address);
  return all.map((address) => new SocketAddress(address, port));
}

/**
 * A connecting stream, as `net.createConnection` makes one: for agents and drivers that take a
 * stream or a function for it; it has the form with options only. A name's addresses are tried one
 * after the other, in the resolver's order; when none answers the error is an `AggregateError` of
 * theirs, with the first one's `code`.
 */
export function createConnection(options: ConnectionOptions, onConnect?: () => void): SocketStream {
  if (typeof options !== 'object' || (options as unknown) === null) {
    throw invalidArgType('options', 'an object with port or path', options);
  }
  if (onConnect !== undefined && typeof onConnect !== 'function') {
    throw invalidArgType('onConnect', 'a function', onConnect);
  }
  const attempt = options.autoSelectFamilyAttemptTimeout;
  milliseconds('autoSelectFamilyAttemptTimeout', attempt);
  milliseconds('timeout', options.timeout ?? undefined);
  const socket = new StreamSocket();
  const stream = socket.toConnectingStream(options);
  if (onConnect) stream.once('connect', onConnect);
  if (options.noDelay === true) stream.setNoDelay(true);
  if (options.keepAlive === true) stream.setKeepAlive(true, options.keepAliveInitialDelay);
  if (options.timeout != null) stream.setTimeout(options.timeout);
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
  const errors: NodeJS.ErrnoException[] = [];
  for (const [i, address] of addresses.entries()) {
    if (stream.destroyed) return;
    try {
      if (options.localAddress !== undefined || options.localPort !== undefined) {
        const any = address.family() === 'ipv6' ? '::' : '0.0.0.0';
        socket.bind({ host: options.localAddress ?? any, port: options.localPort ?? 0 });
      }
      const { autoSelectFamilyAttemptTimeout = ATTEMPT_TIMEOUT } = options;
      const isLast = i === addresses.length - 1;
      const wait = isLast ? {} : { timeout: autoSelectFamilyAttemptTimeout };
      await connectAsync(socket.impl(), address, wait);
      return;
    } catch (error) {
      errors.push(error as NodeJS.ErrnoException);
      socket.close();
    }
  }
  const [first] = errors;
  if (errors.length <= 1)
    throw first ?? new HostNotFoundError(String(options.host), 'ENOTFOUND', 0);
  throw Object.assign(new AggregateError(errors), { code: first?.code });
}

/**
 * Whether a connection that should be idle still is one, by one recv(2) with `MSG_PEEK |
 * MSG_DONTWAIT`, which takes nothing: `'idle'`—nothing is there; `'pending'`—bytes are there;
 * `'closed'`—the peer has ended or reset it, or the socket is destroyed. Over TLS pending bytes may
 * be a session ticket or the close_notify alert: between requests take `'pending'` for not usable.
 */
export function probe(netSocket: NetSocket | StreamSocket): 'idle' | 'pending' | 'closed' {
  const isOurs = netSocket instanceof StreamSocket;
  const isNothing = typeof netSocket !== 'object' || (netSocket as unknown) === null;
  if (isNothing) throw invalidArgType('netSocket', 'a net.Socket or a StreamSocket', netSocket);
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
