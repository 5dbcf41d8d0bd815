/** What a program does with the library: each operation with all that it needs, and what comes of it. */
import { createHash } from 'node:crypto';
import { readdirSync, readlinkSync, mkdtempSync, openSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  DatagramBatch,
  DatagramSocket,
  GrowableBuffer,
  PollSet,
  SELECT_READ,
  ServerSocket,
  Socket,
  SocketAddress,
  StreamSocket,
  constants,
} from '../../lib/index';
import * as raw from '../../lib/raw';
import { localPair } from '../support/peer';

type Form = 'blocking' | 'nonblocking' | 'async' | 'stream' | 'raw';

/** One thing that a program does, and all that it needs. */
export interface Scene {
  /** The operation. What it gives is compared with what it gives without a fault. */
  act: () => unknown;
  /** Bytes under way must all arrive once: what is still to be done, and the hash of all. */
  finish?: (outcome: unknown) => string;
  /** What is closed at the end. */
  sockets: { close: () => void }[];
}

export interface Operation {
  name: string;
  form: Form;
  scene: () => Scene;
  /** Where the outcome is another than the rules say. */
  exceptions?: Record<string, unknown>;
}

export const MESSAGE = Buffer.from('The quick brown fox jumps over the lazy dog. '.repeat(20));
export const hash = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex');
export const SENT = hash(MESSAGE);

/** Everything that comes until the end of the stream. */
export function drain(socket: StreamSocket): Buffer {
  const parts: Buffer[] = [];
  const buffer = Buffer.alloc(65536);
  socket.setBlocking(true);
  socket.setReceiveTimeout(5000);
  for (let n; (n = socket.receiveBytes(buffer)) > 0;)
    parts.push(Buffer.from(buffer.subarray(0, n)));
  return Buffer.concat(parts);
}

/** Holds MESSAGE; the end of the process closes it. */
function openMessage(): number {
  const folder = mkdtempSync(join(tmpdir(), 'bsd-sockets-file-'));
  writeFileSync(join(folder, 'file'), MESSAGE);
  const fd = openSync(join(folder, 'file'), 'r');
  rmSync(folder, { recursive: true });
  return fd;
}

export const file = openMessage();

export function pairScene(
  act: (ours: StreamSocket, theirs: StreamSocket) => Scene['act'],
  finish?: (ours: StreamSocket, theirs: StreamSocket) => Scene['finish'],
  transport: 'tcp4' | 'unix' = 'tcp4',
): Scene {
  const [ours, theirs] = localPair(transport);
  return {
    act: act(ours, theirs),
    finish: finish?.(ours, theirs),
    sockets: [ours, theirs],
  };
}

/** How much a call moved: it says so, or its error does. */
function bytesOf(outcome: unknown): number {
  if (typeof outcome === 'number') return Math.max(0, outcome);
  const { bytesSent = 0, bytesReceived = bytesSent } = Object(outcome) as Record<string, number>;
  return bytesReceived;
}

/** A receive that the fault may have kept from its bytes: they are all there afterwards. */
function receiving(call: (ours: StreamSocket, buffer: Buffer) => unknown): () => Scene {
  return () => {
    const buffer = Buffer.alloc(MESSAGE.length);
    return pairScene(
      (ours, theirs) => {
        theirs.sendBytes(MESSAGE);
        return () => call(ours, buffer);
      },
      (ours, theirs) => (outcome) => {
        theirs.shutdownSend();
        const first = bytesOf(outcome);
        return hash(Buffer.concat([buffer.subarray(0, first), drain(ours)]));
      },
    );
  };
}

/** A send that the fault may have kept from going: what is left is sent, and all comes once. */
function sending(
  call: (ours: StreamSocket) => unknown,
  mode: (ours: StreamSocket) => void = () => undefined,
): () => Scene {
  return () =>
    pairScene(
      (ours) => {
        mode(ours);
        return () => call(ours);
      },
      (ours, theirs) => (outcome) => {
        const went = bytesOf(outcome);
        ours.setBlocking(true);
        ours.sendBytes(MESSAGE, 0, went);
        ours.shutdownSend();
        return hash(drain(theirs));
      },
    );
}

export const nonblocking = (socket: Socket): void => {
  socket.setBlocking(false);
};

function serverScene(act: (server: ServerSocket, client: StreamSocket) => unknown): () => Scene {
  return () => {
    const server = new ServerSocket('127.0.0.1:0');
    const client = new StreamSocket(server.address());
    const accepted: Socket[] = [];
    const close = (): void => {
      for (const socket of accepted) socket.close();
    };
    const keep = (socket: unknown): unknown => {
      if (!(socket instanceof Socket)) return socket;
      accepted.push(socket);
      return 'a connection';
    };
    return {
      act: () => {
        const result = act(server, client);
        return result instanceof Promise ? result.then(keep) : keep(result);
      },
      sockets: [server, client, { close }],
    };
  };
}

/** What makes a socket: closed at the end, if it was made. */
function making(make: (server: ServerSocket) => { close: () => void }): () => Scene {
  return () => {
    const server = new ServerSocket('127.0.0.1:0');
    const made: { close: () => void }[] = [];
    return {
      act: () => {
        made.push(make(server));
        return 'made';
      },
      sockets: [
        server,
        {
          close: () => {
            made.forEach((socket) => {
              socket.close();
            });
          },
        },
      ],
    };
  };
}

/** One call on an open socket. */
function asking(call: (socket: StreamSocket) => unknown): () => Scene {
  return () => pairScene((ours) => () => call(ours));
}

/** What a stream gives until its end, or the error's code. */
function fromStream(ours: StreamSocket): Promise<unknown> {
  return new Promise((resolve) => {
    const parts: Buffer[] = [];
    const stream = ours.toStream();
    stream.on('data', (part: Buffer) => parts.push(part));
    stream.once('error', (error: NodeJS.ErrnoException) => {
      resolve(error.code);
    });
    stream.once('end', () => {
      resolve(hash(Buffer.concat(parts)) === SENT);
    });
  });
}

function toStream(ours: StreamSocket): Promise<unknown> {
  return new Promise((resolve) => {
    const stream = ours.toStream();
    stream.once('error', (error: NodeJS.ErrnoException) => {
      resolve(error.code);
    });
    stream.once('finish', () => {
      resolve('finished');
    });
    stream.end(MESSAGE);
  });
}

const unixServer = (): ServerSocket => {
  const server = new ServerSocket();
  server.bind(new SocketAddress('unix'));
  server.listen();
  return server;
};

const datagrams =
  (act: (socket: DatagramSocket) => unknown): (() => Scene) =>
  () => {
    const socket = new DatagramSocket('127.0.0.1:0');
    return { act: () => act(socket), sockets: [socket] };
  };

const pollSet =
  (act: (set: PollSet, socket: StreamSocket) => unknown): (() => Scene) =>
  () => {
    const set = new PollSet();
    const [ours, theirs] = localPair('tcp4');
    theirs.sendBytes('x');
    return { act: () => act(set, ours), sockets: [set, ours, theirs] };
  };

export const same = 'as without a fault';

/**
 * libuv makes the descriptor nonblocking (again after EINTR), and it is made blocking again: where
 * that fails it stays nonblocking, and getBlocking() tells.
 */
const untold = { fcntl: same, 'ioctl 1 EINTR': same, 'ioctl 2': same };

export const operations: Operation[] = [
  {
    name: 'new StreamSocket(address)',
    form: 'blocking',
    scene: making((s) => new StreamSocket(s.address())),
  },
  {
    name: 'connect(address, timeout)',
    form: 'blocking',
    scene: making((server) => {
      const socket = new StreamSocket();
      try {
        socket.connect(server.address(), 1000);
      } catch (error) {
        socket.close();
        throw error;
      }
      return socket;
    }),
  },
  {
    name: 'connect(path, timeout)',
    form: 'blocking',
    scene: () => {
      const server = unixServer();
      const socket = new StreamSocket();
      return {
        act: () => {
          socket.connect(server.address(), 1000);
        },
        sockets: [server, socket],
      };
    },
  },
  {
    name: 'new ServerSocket(address)',
    form: 'blocking',
    scene: making(() => new ServerSocket('127.0.0.1:0')),
  },
  {
    name: 'acceptConnection()',
    form: 'blocking',
    scene: serverScene((server) => server.acceptConnection()),
  },
  {
    name: 'receiveBytes(buffer)',
    form: 'blocking',
    scene: receiving((ours, buffer) => ours.receiveBytes(buffer)),
  },
  {
    name: 'receiveBytes(buffer), with a timeout',
    form: 'blocking',
    scene: receiving((ours, buffer) => {
      ours.setReceiveTimeout(2000);
      return ours.receiveBytes(buffer);
    }),
  },
  {
    name: 'receiveBytes(vector)',
    form: 'blocking',
    scene: receiving((ours, buffer) => ours.receiveBytes([buffer])),
  },
  {
    name: 'receiveBytes(growable)',
    form: 'blocking',
    scene: () => {
      const growable = new GrowableBuffer(1);
      return pairScene(
        (ours, theirs) => {
          theirs.sendBytes(MESSAGE);
          return () => ours.receiveBytes(growable, 0, 1000);
        },
        (ours, theirs) => (outcome) => {
          theirs.shutdownSend();
          const first = typeof outcome === 'number' ? growable.begin() : Buffer.alloc(0);
          return hash(Buffer.concat([first, drain(ours)]));
        },
      );
    },
  },
  { name: 'receiveUrgent()', form: 'blocking', scene: asking((ours) => ours.receiveUrgent()) },
  {
    name: 'readToMark(buffer)',
    form: 'blocking',
    scene: receiving((ours, buffer) => ours.readToMark(buffer).bytes),
    // The receive behind the poll is one that does not wait.
    exceptions: { 'recvfrom EAGAIN': -1 },
  },
  {
    name: 'sendBytes(buffer)',
    form: 'blocking',
    scene: sending((ours) => ours.sendBytes(MESSAGE)),
  },
  {
    name: 'sendBytes(vector)',
    form: 'blocking',
    scene: sending((ours) => ours.sendBytes([MESSAGE])),
  },
  { name: 'sendUrgent(byte)', form: 'blocking', scene: asking((ours) => ours.sendUrgent(33)) },
  {
    name: 'sendFile(fd)',
    form: 'blocking',
    scene: sending((ours) => ours.sendFile(file)),
  },
  {
    name: 'sendMessage({ control }), receiveMessage()',
    form: 'blocking',
    scene: () =>
      pairScene(
        (ours, theirs) => () => {
          ours.sendMessage({
            data: MESSAGE,
            control: [{ type: 'SCM_RIGHTS', descriptors: [ours] }],
          });
          const message = theirs.receiveMessage({
            buffers: [Buffer.alloc(2000)],
            controlLength: 64,
          });
          for (const control of message.control) {
            if ('descriptors' in control) control.descriptors.close();
          }
          return message.bytes;
        },
        undefined,
        'unix',
      ),
  },
  {
    name: 'shutdown()',
    form: 'blocking',
    scene: asking((ours) => {
      ours.shutdown();
    }),
  },
  { name: 'address()', form: 'blocking', scene: asking((ours) => ours.address().host()) },
  { name: 'peerAddress()', form: 'blocking', scene: asking((ours) => ours.peerAddress().host()) },
  { name: 'available()', form: 'blocking', scene: asking((ours) => ours.available()) },
  {
    name: 'poll(timeout, mode)',
    form: 'blocking',
    scene: asking((ours) => ours.poll(10, SELECT_READ)),
  },
  {
    name: 'Socket.select()',
    form: 'blocking',
    scene: asking((ours) => Socket.select([ours], [ours], [], 1000)),
  },
  { name: 'getBlocking()', form: 'blocking', scene: asking((ours) => ours.getBlocking()) },
  {
    name: 'setBlocking(on)',
    form: 'blocking',
    scene: asking((ours) => {
      ours.setBlocking(false);
    }),
  },
  { name: 'getNoDelay()', form: 'blocking', scene: asking((ours) => ours.getNoDelay()) },
  {
    name: 'setNoDelay(on)',
    form: 'blocking',
    scene: asking((ours) => {
      ours.setNoDelay(true);
    }),
  },
  { name: 'getError()', form: 'blocking', scene: asking((ours) => ours.getError()) },
  {
    name: 'StreamSocket.pair()',
    form: 'blocking',
    scene: making(() => {
      const [first, second] = StreamSocket.pair();
      return {
        close: () => {
          first.close();
          second.close();
        },
      };
    }),
  },
  {
    name: 'dup()',
    form: 'blocking',
    scene: asking((ours) => {
      ours.dup().close();
    }),
    exceptions: { close: same },
  },
  {
    name: 'StreamSocket.fromFileDescriptor(fd)',
    form: 'blocking',
    scene: () => {
      const [ours, theirs] = localPair('tcp4');
      const fd = ours.detach();
      let adopted: StreamSocket | undefined;
      return {
        act: () => {
          adopted = StreamSocket.fromFileDescriptor(fd);
          return 'adopted';
        },
        sockets: [
          theirs,
          {
            close: () => {
              // What could not be taken over is nobody's, and can be taken over now.
              (adopted ?? StreamSocket.fromFileDescriptor(fd)).close();
            },
          },
        ],
      };
    },
    // Then it is taken for one that never was connected.
    exceptions: { getpeername: same },
  },
  { name: 'new PollSet()', form: 'blocking', scene: making(() => new PollSet()) },
  {
    name: 'PollSet.add()',
    form: 'blocking',
    scene: pollSet((set, socket) => {
      set.add(socket, PollSet.POLL_READ);
    }),
  },
  {
    name: 'PollSet.poll()',
    form: 'blocking',
    scene: pollSet((set, socket) => {
      set.add(socket, PollSet.POLL_READ);
      return set.poll(1000).size;
    }),
  },
  {
    name: 'PollSet.wakeUp()',
    form: 'blocking',
    scene: pollSet((set) => {
      set.wakeUp();
    }),
    exceptions: { 'sendto EAGAIN': same, 'sendto EINTR': 'EINTR' },
  },
  {
    name: 'DatagramSocket sendTo, receiveFrom',
    form: 'blocking',
    scene: datagrams((socket) => {
      socket.sendTo(MESSAGE, socket.address());
      return socket.receiveFrom(Buffer.alloc(2000)).bytes;
    }),
  },
  {
    name: 'DatagramSocket sendBatch, receiveBatch',
    form: 'blocking',
    scene: datagrams((socket) => {
      const batch = new DatagramBatch(2, 1000);
      batch.set(0, MESSAGE, socket.address());
      batch.set(1, MESSAGE, socket.address());
      return [socket.sendBatch(batch, 2), socket.receiveBatch(batch, constants.MSG_DONTWAIT)];
    }),
    exceptions: {
      'sendmmsg EINTR': same,
      'recvmmsg EINTR': same,
      'sendmmsg EAGAIN': 'ETIMEDOUT',
      'recvmmsg EAGAIN': [2, -1],
    },
  },
  {
    name: 'receiveBytes(buffer)',
    form: 'nonblocking',
    scene: receiving((ours, buffer) => (nonblocking(ours), ours.receiveBytes(buffer))),
  },
  {
    name: 'sendBytes(buffer)',
    form: 'nonblocking',
    scene: sending((ours) => ours.sendBytes(MESSAGE), nonblocking),
  },
  {
    name: 'acceptConnection()',
    form: 'nonblocking',
    scene: serverScene((server) => (nonblocking(server), server.acceptConnection())),
  },
  {
    name: 'connectNB(address)',
    form: 'nonblocking',
    scene: () => {
      const server = new ServerSocket('127.0.0.1:0');
      const socket = new StreamSocket();
      return {
        act: () => {
          socket.connectNB(server.address());
        },
        sockets: [server, socket],
      };
    },
  },
  {
    name: 'receiveBytesAsync(buffer)',
    form: 'async',
    scene: receiving((ours, buffer) => ours.receiveBytesAsync(buffer)),
    exceptions: untold,
  },
  {
    name: 'receiveBytesAsync(buffer, { flags: MSG_WAITALL })',
    form: 'async',
    scene: receiving((ours, buffer) =>
      ours.receiveBytesAsync(buffer, { flags: constants.MSG_WAITALL }),
    ),
    exceptions: untold,
  },
  {
    name: 'sendBytesAsync(buffer)',
    form: 'async',
    scene: sending((ours) => ours.sendBytesAsync(MESSAGE)),
    exceptions: untold,
  },
  {
    name: 'acceptConnectionAsync()',
    form: 'async',
    scene: serverScene((server) => server.acceptConnectionAsync()),
    // What poll(2) cannot tell, accept(2) does.
    exceptions: { 'ioctl 2': same, poll: same },
  },
  {
    name: 'connectAsync(address)',
    form: 'async',
    scene: () => {
      const server = new ServerSocket('127.0.0.1:0');
      const socket = new StreamSocket();
      return { act: () => socket.connectAsync(server.address()), sockets: [server, socket] };
    },
    exceptions: { 'ioctl 2': same, 'fcntl 2': same, 'ioctl 3 EINTR': same, 'ioctl 4': same },
  },
  {
    name: 'a stream that is read',
    form: 'stream',
    scene: () =>
      pairScene((ours, theirs) => {
        theirs.sendBytes(MESSAGE);
        theirs.shutdownSend();
        return () => fromStream(ours);
      }),
    // An address that cannot be had is undefined; the end has been told before the shutdown.
    exceptions: { ...untold, getsockname: same, getpeername: same, shutdown: same },
  },
  {
    name: 'a stream that is written',
    form: 'stream',
    exceptions: untold,
    scene: () =>
      pairScene(
        (ours) => () => toStream(ours),
        (ours, theirs) => (outcome) => {
          ours.close();
          const came = drain(theirs);
          return outcome === 'finished' || !MESSAGE.subarray(0, came.length).equals(came)
            ? hash(came)
            : SENT;
        },
      ),
  },
  ...(
    [
      ['recv', (fd, buffer) => raw.recv(fd, buffer, 0, 64, constants.MSG_DONTWAIT)],
      ['recvfrom', (fd, buffer) => raw.recvfrom(fd, buffer, 0, 64, constants.MSG_DONTWAIT)],
      ['recvmsg', (fd, buffer) => raw.recvmsg(fd, null, [buffer], null, constants.MSG_DONTWAIT)],
      [
        'recvmmsg',
        (fd, buffer) =>
          raw.recvmmsg(fd, buffer, 32, null, 2, new Int32Array(6), constants.MSG_DONTWAIT),
      ],
      ['send', (fd, buffer) => raw.send(fd, buffer, 0, 64, 0)],
      ['sendto', (fd, buffer) => raw.sendto(fd, buffer, 0, 64, 0)],
      ['sendmsg', (fd, buffer) => raw.sendmsg(fd, null, [buffer], null, 0)],
      [
        'sendmmsg',
        (fd, buffer) => raw.sendmmsg(fd, buffer, 32, null, 2, Int32Array.of(32, 0, 0, 32, 0, 0), 0),
      ],
      ['accept', (fd) => raw.accept(fd)],
      ['accept4', (fd) => raw.accept4(fd, null, null, 0)],
      ['listen', (fd) => raw.listen(fd, 1)],
      ['shutdown', (fd) => raw.shutdown(fd, 1)],
      ['getsockname', (fd, buffer) => raw.getsockname(fd, buffer, Int32Array.of(64))],
      ['getpeername', (fd, buffer) => raw.getpeername(fd, buffer, Int32Array.of(64))],
      ['getsockopt', (fd, buffer) => raw.getsockopt(fd, 1, 2, buffer, 0, Int32Array.of(4))],
      ['setsockopt', (fd, buffer) => raw.setsockopt(fd, 1, 2, buffer, 0, 4)],
      ['ioctl', (fd) => raw.ioctl(fd, constants.FIONREAD, new Int32Array(1))],
      ['fcntl', (fd) => raw.fcntl(fd, constants.F_GETFL)],
      ['poll', (fd) => raw.poll(Int32Array.of(fd, 1, 0), 1, 0)],
    ] as [string, (fd: number, buffer: Buffer) => number][]
  ).map(([name, call]): Operation => ({
    name: `raw.${name}`,
    form: 'raw',
    scene: asking((ours) => call(ours.sockfd(), Buffer.alloc(64))),
  })),
];

/** Sockets and poll sets of this process. */
export function openSockets(): string[] {
  return readdirSync('/proc/self/fd').flatMap((fd) => {
    try {
      const target = readlinkSync(`/proc/self/fd/${fd}`);
      return /^socket|eventpoll/.test(target) ? [target] : [];
    } catch {
      return [];
    }
  });
}

export async function outcomeOf(act: Scene['act']): Promise<unknown> {
  try {
    return await act();
  } catch (error) {
    return error;
  }
}

/** A result, or an error's code. */
export function shown(outcome: unknown): string | undefined {
  const isError = outcome instanceof Error;
  return JSON.stringify(isError ? ((outcome as { code?: string }).code ?? outcome.stack) : outcome);
}
