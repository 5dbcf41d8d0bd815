/**
 * The other end of a connection, which is not ours: a Python process, told line by line what to do
 * over a connection of its own, so that the test stays in step with it without waiting for time.
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { join } from 'node:path';
import { ServerSocket, SocketAddress, StreamSocket, type Socket } from '../../lib/index';

export const transports = ['tcp4', 'tcp6', 'unix'] as const;
export type Transport = (typeof transports)[number];

/** Where a server of this transport listens: a port, or an abstract name, of the kernel's choice. */
export function anyAddress(transport: Transport): SocketAddress {
  if (transport === 'tcp4') return new SocketAddress('127.0.0.1', 0);
  if (transport === 'tcp6') return new SocketAddress('::1', 0);
  return new SocketAddress('unix');
}

export class Peer {
  readonly #control: StreamSocket;
  readonly #child: ChildProcess;
  #received = '';

  constructor() {
    const server = new ServerSocket('127.0.0.1:0');
    server.setReceiveTimeout(25_000);
    // Under wine more than a name is needed to start what is outside.
    const [program = '', ...options] = (process.env['PYTHON'] ?? 'python3').split(' ');
    const args = [...options, join(__dirname, 'peer.py'), String(server.address().port())];
    this.#child = spawn(program, args, { stdio: 'inherit' });
    this.#control = server.acceptConnection() as StreamSocket;
    server.close();
    this.#control.setReceiveTimeout(25_000);
  }

  /** Runs Python, and gives the value of an expression, bytes as latin-1 text. */
  run(source: string): unknown {
    this.start(source);
    return this.finish();
  }

  /** Lets Python run while this thread goes on, perhaps into a blocking call. */
  start(source: string): void {
    this.#control.sendBytes(`${JSON.stringify(source)}\n`);
  }

  /** Waits for what {@link start} started. An errno comes back as its name. */
  finish(): unknown {
    const buffer = Buffer.alloc(65536);
    while (!this.#received.includes('\n')) {
      const n = this.#control.receiveBytes(buffer);
      if (n <= 0) throw new Error('the Python peer has ended');
      this.#received += buffer.toString('latin1', 0, n);
    }
    const end = this.#received.indexOf('\n');
    const line = this.#received.slice(0, end);
    this.#received = this.#received.slice(end + 1);
    const answer = JSON.parse(line) as { value?: unknown; errno?: string; error?: string };
    if (answer.error !== undefined) throw new Error(`peer: ${answer.error}`);
    return answer.errno ?? answer.value;
  }

  /** A connection of ours to Python, which has its end as `name`. */
  connection(transport: Transport, name = 's'): StreamSocket {
    const server = new ServerSocket();
    server.bind(anyAddress(transport), transport !== 'unix');
    server.listen();
    const target = pythonAddress(server.address());
    const family = { tcp4: 'AF_INET', tcp6: 'AF_INET6', unix: 'AF_UNIX' }[transport];
    const refused = this.run(
      `${name} = socket.socket(socket.${family}); ${name}.connect(${target})`,
    );
    if (refused !== null) throw new Error(`the peer cannot connect: ${JSON.stringify(refused)}`);
    server.setReceiveTimeout(5000);
    const accepted = server.acceptConnection();
    server.close();
    if (accepted === null) throw new Error('no connection to accept');
    return accepted;
  }

  close(): void {
    this.#control.close();
    this.#child.kill();
  }
}

/** An address as Python writes it. */
export function pythonAddress(address: SocketAddress): string {
  return address.family() === 'unix'
    ? JSON.stringify(address.path()).replace('\\u0000', '\\x00')
    : `(${JSON.stringify(address.host())}, ${String(address.port())})`;
}

/** Both ends ours, connected. */
export function localPair(transport: Transport): [client: StreamSocket, accepted: StreamSocket] {
  const server = new ServerSocket();
  server.bind(anyAddress(transport), transport !== 'unix');
  server.listen();
  const client = new StreamSocket(server.address());
  const accepted = server.acceptConnection();
  server.close();
  if (accepted === null) throw new Error('no connection to accept');
  return [client, accepted];
}

/** Makes a call that does not wait, by the socket's mode: no flag for it is known everywhere. */
export function atOnce<T>(socket: Socket, call: () => T): T {
  const isBlocking = socket.getBlocking();
  socket.setBlocking(false);
  try {
    return call();
  } finally {
    socket.setBlocking(isBlocking);
  }
}

/** Sends until no more goes without waiting, and gives how much went. */
export function fill(socket: StreamSocket): number {
  const block = Buffer.alloc(65536);
  return atOnce(socket, () => {
    let sent = 0;
    for (let n; (n = socket.sendBytes(block)) > 0;) sent += n;
    return sent;
  });
}

/** Receives and gives text; the numbers 0 and -1 as they are. */
export function text(socket: StreamSocket, flags = 0, size = 64): string | number {
  const buffer = Buffer.alloc(size);
  const n = socket.receiveBytes(buffer, flags);
  return n > 0 ? buffer.toString('latin1', 0, n) : n;
}

/** The name of the error that `call` ends with, or its result. */
export function outcome<T>(call: () => T): T | string {
  try {
    return call();
  } catch (error) {
    return (error as { code?: string }).code ?? String(error);
  }
}
