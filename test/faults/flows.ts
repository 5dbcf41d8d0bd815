/**
 * Longer work than one call: what a program makes of counts that are only a part, and of calls that
 * are refused. Each gives the same whatever calls were cut short.
 */
import { once } from 'node:events';
import { setImmediate as nextTurn } from 'node:timers/promises';
import {
  DatagramBatch,
  DatagramSocket,
  DialogSocket,
  FIFOBuffer,
  PollSet,
  ServerSocket,
  SocketAddress,
  StreamSocket,
  WOULD_BLOCK,
  constants,
} from '../../lib/index';
import * as raw from '../../lib/raw';
import { localPair } from '../support/peer';
import {
  MESSAGE,
  SENT,
  drain,
  file,
  hash,
  nonblocking,
  outcomeOf,
  pairScene,
  type Operation,
  type Scene,
} from './operations';

const { EINTR, MSG_DONTWAIT, MSG_PEEK, MSG_WAITALL, MSG_WAITFORONE = 0 } = constants;

/** What it gives, whatever calls were cut short. */
export interface Flow extends Operation {
  gives: unknown;
}

/** More than goes in a call, and than one receive of this file takes. */
const LONG = Buffer.alloc(100_000, MESSAGE);
const ROOM = 9_000;

const whole = (...parts: Buffer[]): string => hash(Buffer.concat(parts));
const A_CONNECTION = 'a connection';

const TCP = new SocketAddress('127.0.0.1', 0);
const UNIX = new SocketAddress('unix');

function flow(
  run: (ours: StreamSocket, theirs: StreamSocket) => unknown,
  transport: 'tcp4' | 'unix' = 'tcp4',
): () => Scene {
  return () => pairScene((ours, theirs) => () => run(ours, theirs), undefined, transport);
}

/** What comes until the end of the stream. */
async function all(receive: (room: Buffer) => number | Promise<number>): Promise<string> {
  const parts: Buffer[] = [];
  const room = Buffer.alloc(ROOM);
  for (let n; (n = await receive(room)) > 0;) parts.push(Buffer.from(room.subarray(0, n)));
  return hash(Buffer.concat(parts));
}

/** Sends, ends the stream, and receives meanwhile. */
function across(
  ours: StreamSocket,
  send: () => Promise<unknown>,
  receive: () => Promise<unknown>,
): Promise<unknown> {
  const sending = send().then((result) => {
    ours.shutdownSend();
    return result;
  });
  return Promise.all([sending, receive()]);
}

function readStream(stream: NodeJS.ReadableStream): Promise<string> {
  const parts: Buffer[] = [];
  stream.on('data', (part: Buffer) => parts.push(part));
  return once(stream, 'end').then(() => hash(Buffer.concat(parts)));
}

/** Sends what is left until nothing is. */
async function sendRest(
  length: number,
  send: (done: number) => number | Promise<number>,
): Promise<number> {
  let done = 0;
  while (done < length) done += Math.max(0, await send(done));
  return done;
}

const REFUSED = ['ECONNABORTED', 'EMFILE', 'EPROTO'];

/** Accepts until a connection comes; each time before it was refused by a documented error. */
async function untilAccepted(
  first: Promise<unknown>,
  call: () => Promise<unknown>,
): Promise<string> {
  for (let outcome = await first; ; outcome = await outcomeOf(call)) {
    if (outcome instanceof StreamSocket) {
      outcome.close();
      return A_CONNECTION;
    }
    const { code } = Object(outcome) as { code?: string };
    if (outcome !== null && !REFUSED.includes(String(code))) throw outcome as Error;
  }
}

function accepting(accept: (server: ServerSocket) => unknown): () => Scene {
  return () => {
    const server = new ServerSocket(TCP);
    const client = new StreamSocket(server.address());
    const call = (): Promise<unknown> => outcomeOf(() => accept(server));
    const act = (): Promise<string> => untilAccepted(call(), call);
    return { act, sockets: [server, client] };
  };
}

/** A connection that connect(2) told of is one: a byte goes to it. */
function connecting(
  address: SocketAddress,
  connect: (socket: StreamSocket, address: SocketAddress) => unknown,
): () => Scene {
  return () => {
    const server = new ServerSocket();
    server.bind(address);
    server.listen();
    const socket = new StreamSocket();
    const act = async (): Promise<unknown> => {
      await connect(socket, server.address());
      return socket.sendBytes('x');
    };
    return { act, sockets: [server, socket] };
  };
}

/** A raw call, made again while signals interrupt it. */
function uninterrupted(call: () => number): number {
  let n: number;
  do n = call();
  while (n === -EINTR);
  return n;
}

/** Sends in pieces, with turns of the event loop between them, in which nothing is there. */
async function trickle(ours: StreamSocket): Promise<void> {
  for (let at = 0; at < MESSAGE.length; at += 200) {
    for (let turns = 0; turns < 5; turns++) await nextTurn();
    ours.sendBytes(MESSAGE.subarray(at, at + 200));
  }
}

/** Datagrams that were not refused come, whole and in order. */
function datagrams(run: (from: DatagramSocket, to: DatagramSocket) => unknown): () => Scene {
  return () => {
    const to = new DatagramSocket(TCP);
    const from = new DatagramSocket();
    from.connect(to.address());
    to.setReceiveTimeout(5000);
    return { act: () => run(from, to), sockets: [from, to] };
  };
}

const numbers = Array.from({ length: 20 }, (_, i) => `${String(i)} ${MESSAGE.toString()}`);

async function untilTaken<T>(send: () => T | Promise<T>): Promise<T> {
  for (;;) {
    const outcome = await outcomeOf(send);
    if (!(outcome instanceof Error)) return outcome as T;
    if ((outcome as { code?: string }).code !== 'ENOBUFS') throw outcome;
  }
}

/** Five messages, three of them with a descriptor: how many bytes and descriptors come. */
async function passing(
  ours: StreamSocket,
  theirs: StreamSocket,
  send: (message: Parameters<StreamSocket['sendMessage']>[0]) => number | Promise<number>,
): Promise<unknown> {
  for (let i = 0; i < 5; i++) {
    const control = i % 2 === 0 ? [{ type: 'SCM_RIGHTS' as const, descriptors: [ours] }] : [];
    const data = [MESSAGE.subarray(0, 100), MESSAGE.subarray(100)];
    await send({ data, control });
  }
  ours.shutdownSend();
  let descriptors = 0;
  const came = await all(async (room) => {
    const request = { buffers: [room.subarray(0, 50), room.subarray(50)], controlLength: 64 };
    const { bytes, control } = await theirs.receiveMessageAsync(request);
    for (const message of control) {
      if (!('descriptors' in message)) continue;
      descriptors += message.descriptors.length;
      message.descriptors.close();
    }
    return bytes;
  });
  return [came, descriptors];
}

/** The byte in the middle comes once, before anything behind it, and the others all. */
function withUrgent(read: (theirs: StreamSocket) => Promise<unknown>): () => Scene {
  return flow(async (ours, theirs) => {
    ours.sendBytes(MESSAGE);
    ours.sendUrgent(33);
    ours.sendBytes(MESSAGE);
    ours.shutdownSend();
    return read(theirs);
  });
}

async function byMark(theirs: StreamSocket): Promise<unknown> {
  const byte = theirs.receiveUrgent();
  const room = Buffer.alloc(ROOM);
  const before: Buffer[] = [];
  for (let isAtMark = false; !isAtMark;) {
    const { bytes, atMark } = theirs.readToMark(room);
    if (bytes > 0) before.push(Buffer.from(room.subarray(0, bytes)));
    isAtMark = atMark;
  }
  return [byte, hash(Buffer.concat(before)), await all((part) => theirs.receiveBytes(part))];
}

async function byMarkAsync(theirs: StreamSocket): Promise<unknown> {
  const byte = await theirs.receiveUrgentAsync();
  const room = Buffer.alloc(ROOM);
  const before: Buffer[] = [];
  for (let isAtMark = false; !isAtMark;) {
    const { bytes, atMark } = await theirs.readToMarkAsync(room);
    before.push(Buffer.from(room.subarray(0, bytes)));
    isAtMark = atMark;
  }
  return [byte, hash(Buffer.concat(before)), await all((part) => theirs.receiveBytesAsync(part))];
}

async function byStream(theirs: StreamSocket): Promise<unknown> {
  const stream = theirs.toStream();
  const told: unknown[] = [];
  stream.on('urgent', (byte: number) => told.push(byte));
  return [await readStream(stream), told];
}

export const flows: Flow[] = [
  {
    name: 'sendBytesAsync, receiveBytesAsync',
    form: 'async',
    gives: [LONG.length, hash(LONG)],
    scene: flow((ours, theirs) =>
      across(
        ours,
        () => ours.sendBytesAsync(LONG),
        () => all((room) => theirs.receiveBytesAsync(room)),
      ),
    ),
  },
  {
    name: 'vectors, sendBytesAsync and receiveBytesAsync with MSG_WAITALL',
    form: 'async',
    gives: [LONG.length + 2 * MESSAGE.length, whole(MESSAGE, LONG, MESSAGE)],
    scene: flow((ours, theirs) =>
      across(
        ours,
        () => ours.sendBytesAsync([MESSAGE, LONG, MESSAGE]),
        () =>
          all((room) =>
            theirs.receiveBytesAsync([room.subarray(0, 7), room.subarray(7)], {
              flags: MSG_WAITALL,
            }),
          ),
      ),
    ),
  },
  {
    name: 'sendFileAsync',
    form: 'async',
    gives: [MESSAGE.length, SENT],
    scene: flow((ours, theirs) =>
      across(
        ours,
        () => ours.sendFileAsync(file),
        () => all((room) => theirs.receiveBytesAsync(room)),
      ),
    ),
  },
  {
    name: 'a stream to a stream',
    form: 'stream',
    gives: whole(...Array<Buffer>(50).fill(MESSAGE), LONG),
    scene: flow((ours, theirs) => {
      const stream = ours.toStream();
      stream.cork();
      for (let i = 0; i < 50; i++) stream.write(MESSAGE);
      stream.uncork();
      stream.end(LONG);
      return readStream(theirs.toStream());
    }),
  },
  {
    name: 'urgent data, readToMark',
    form: 'blocking',
    gives: [33, SENT, SENT],
    scene: withUrgent(byMark),
  },
  {
    name: 'urgent data, readToMarkAsync',
    form: 'async',
    gives: [33, SENT, SENT],
    scene: withUrgent(byMarkAsync),
  },
  {
    name: 'urgent data to a stream',
    form: 'stream',
    gives: [whole(MESSAGE, MESSAGE), [33]],
    scene: withUrgent(byStream),
  },
  {
    name: 'counts of send and receive, taken as they are',
    form: 'nonblocking',
    gives: SENT,
    scene: flow(async (ours, theirs) => {
      nonblocking(ours);
      await sendRest(MESSAGE.length, (done) => ours.sendBytes(MESSAGE, 0, done));
      ours.shutdownSend();
      nonblocking(theirs);
      return all((room) => theirs.receiveBytes(room));
    }),
  },
  {
    name: 'receiveBytes(buffer, MSG_WAITALL) cut by signals',
    form: 'blocking',
    gives: hash(LONG.subarray(0, 20_000)),
    scene: flow((ours, theirs) => {
      ours.sendBytes(LONG.subarray(0, 20_000));
      ours.shutdownSend();
      return all((room) => theirs.receiveBytes(room, MSG_WAITALL));
    }),
  },
  {
    name: 'what is peeked at is received',
    form: 'blocking',
    gives: [SENT, SENT],
    scene: flow(async (ours, theirs) => {
      ours.sendBytes(MESSAGE);
      ours.shutdownSend();
      const seen = Buffer.alloc(MESSAGE.length);
      const n = theirs.receiveBytes(seen, MSG_PEEK | MSG_WAITALL);
      return [hash(seen.subarray(0, n)), await all((room) => theirs.receiveBytes(room))];
    }),
  },
  {
    name: 'FIFOBuffer to FIFOBuffer',
    form: 'blocking',
    gives: SENT,
    scene: flow((ours, theirs) => {
      const out = new FIFOBuffer(MESSAGE);
      while (!out.isEmpty()) ours.sendBytes(out, MSG_DONTWAIT);
      ours.shutdownSend();
      const fifo = new FIFOBuffer(2 * MESSAGE.length);
      while (theirs.receiveBytes(fifo) > 0);
      return hash(fifo.begin());
    }),
  },
  {
    name: 'DialogSocket',
    form: 'blocking',
    gives: [
      `RETR ${MESSAGE.toString()}`,
      { status: 250, message: '250-first\n250 last' },
      65,
      null,
    ],
    scene: flow((ours, theirs) => {
      const client = new DialogSocket(ours);
      const server = new DialogSocket(theirs);
      client.sendMessage('RETR', MESSAGE.toString());
      client.sendMessage('250-first\r\n250 last');
      client.sendByte(65);
      client.shutdownSend();
      const line = server.receiveMessage();
      const status = server.receiveStatusMessage();
      return [line, status, server.get(), server.get()];
    }),
  },
  {
    name: 'sendMessage, receiveMessageAsync with descriptors',
    form: 'blocking',
    gives: [whole(...Array<Buffer>(5).fill(MESSAGE)), 3],
    scene: flow(
      (ours, theirs) => passing(ours, theirs, (message) => ours.sendMessage(message)),
      'unix',
    ),
  },
  {
    name: 'sendMessageAsync, receiveMessageAsync with descriptors',
    form: 'async',
    gives: [whole(...Array<Buffer>(5).fill(MESSAGE)), 3],
    scene: flow(
      (ours, theirs) => passing(ours, theirs, (message) => ours.sendMessageAsync(message)),
      'unix',
    ),
  },
  {
    name: 'toNetSocket()',
    form: 'stream',
    gives: [hash(LONG), hash(LONG)],
    scene: flow(async (ours, theirs) => {
      const net = ours.toNetSocket({ allowHalfOpen: true });
      net.end(LONG);
      const came = await all((room) => theirs.receiveBytesAsync(room));
      const back = readStream(net);
      await theirs.sendBytesAsync(LONG);
      theirs.shutdownSend();
      const result = [came, await back];
      net.destroy();
      await once(net, 'close');
      return result;
    }),
  },
  {
    name: 'borrow()',
    form: 'stream',
    gives: [SENT, SENT],
    scene: flow(async (ours, theirs) => {
      const net = ours.toNetSocket({ allowHalfOpen: true });
      const borrowed = StreamSocket.borrow(net);
      theirs.sendBytes(MESSAGE);
      theirs.shutdownSend();
      const came = await all((room) => borrowed.receiveBytes(room));
      await sendRest(MESSAGE.length, (done) => borrowed.sendBytes(MESSAGE, 0, done));
      borrowed.shutdownSend();
      const back = await all((room) => theirs.receiveBytes(room));
      net.destroy();
      await once(net, 'close');
      return [came, back];
    }),
  },
  {
    name: 'sendBytes, receiveFrom',
    form: 'blocking',
    gives: hash(Buffer.from(numbers.join())),
    scene: datagrams(async (from, to) => {
      const room = Buffer.alloc(ROOM);
      const came: string[] = [];
      for (const text of numbers) {
        await untilTaken(() => from.sendBytes(Buffer.from(text)));
        came.push(room.toString('latin1', 0, to.receiveFrom(room).bytes));
      }
      return hash(Buffer.from(came.join()));
    }),
  },
  {
    name: 'sendMessageAsync, receiveFromAsync',
    form: 'async',
    gives: hash(Buffer.from(numbers.join())),
    scene: datagrams(async (from, to) => {
      const room = Buffer.alloc(ROOM);
      const came: string[] = [];
      for (const text of numbers) {
        await untilTaken(() => from.sendMessageAsync({ data: Buffer.from(text) }));
        came.push(room.toString('latin1', 0, (await to.receiveFromAsync(room)).bytes));
      }
      return hash(Buffer.from(came.join()));
    }),
  },
  {
    name: 'sendBatch, receiveBatch',
    form: 'blocking',
    gives: hash(Buffer.from(numbers.join())),
    scene: datagrams(async (from, to) => {
      const came: string[] = [];
      for (let done = 0; done < numbers.length;) {
        const left = numbers.slice(done);
        const batch = new DatagramBatch(left.length, ROOM);
        for (const [i, text] of left.entries()) batch.set(i, text);
        done += await untilTaken(() => from.sendBatch(batch));
        while (came.length < done) {
          const n = to.receiveBatch(batch, MSG_WAITFORONE);
          for (let i = 0; i < n; i++) came.push(batch.data(i).toString());
        }
      }
      return hash(Buffer.from(came.join()));
    }),
  },
  {
    name: 'connect(address)',
    form: 'blocking',
    gives: 1,
    scene: connecting(TCP, (socket, address) => {
      socket.connect(address);
    }),
  },
  {
    name: 'connect(path)',
    form: 'blocking',
    gives: 1,
    scene: connecting(UNIX, (socket, address) => {
      socket.connect(address);
    }),
  },
  {
    name: 'connectAsync(address)',
    form: 'async',
    gives: 1,
    scene: connecting(TCP, (socket, address) => socket.connectAsync(address)),
  },
  {
    name: 'acceptConnection(), again and again',
    form: 'blocking',
    gives: A_CONNECTION,
    scene: accepting((server) => server.acceptConnection()),
  },
  {
    name: 'acceptConnection(), again and again',
    form: 'nonblocking',
    gives: A_CONNECTION,
    scene: accepting((server) => {
      server.setBlocking(false);
      return server.acceptConnection();
    }),
  },
  {
    name: 'acceptConnectionAsync(), again and again',
    form: 'async',
    gives: A_CONNECTION,
    scene: accepting((server) => server.acceptConnectionAsync()),
  },
  {
    name: 'PollSet.poll()',
    form: 'blocking',
    gives: SENT,
    scene: flow(async (ours, theirs) => {
      const set = new PollSet();
      set.add(theirs, PollSet.POLL_READ);
      let turns = 0;
      const came = await all((room) => {
        for (;;) {
          if (turns++ === 5) {
            ours.sendBytes(MESSAGE);
            ours.shutdownSend();
          }
          set.poll(1);
          const n = theirs.receiveBytes(room, MSG_DONTWAIT);
          if (n !== WOULD_BLOCK) return n;
        }
      });
      set.close();
      return came;
    }),
  },
  {
    name: 'PollSet.pollAsync()',
    form: 'async',
    gives: hash(LONG),
    scene: flow(async (ours, theirs) => {
      const set = new PollSet();
      set.add(theirs, PollSet.POLL_READ);
      const sending = ours.sendBytesAsync(LONG).then(() => {
        ours.shutdownSend();
      });
      const came = await all(async (room) => {
        for (;;) {
          await set.pollAsync();
          const n = theirs.receiveBytes(room, MSG_DONTWAIT);
          if (n !== WOULD_BLOCK) return n;
        }
      });
      await sending;
      set.close();
      return came;
    }),
  },
  {
    name: 'a receive that begins before anything is there',
    form: 'async',
    gives: [undefined, SENT],
    scene: flow((ours, theirs) =>
      across(
        ours,
        () => trickle(ours),
        () => all((room) => theirs.receiveBytesAsync(room)),
      ),
    ),
  },
  {
    name: 'a stream that is read before anything is there',
    form: 'stream',
    gives: [undefined, SENT],
    scene: flow((ours, theirs) =>
      across(
        ours,
        () => trickle(ours),
        () => readStream(theirs.toStream()),
      ),
    ),
  },
  {
    name: 'acceptConnectionAsync() before anybody connects',
    form: 'async',
    gives: A_CONNECTION,
    scene: () => {
      const server = new ServerSocket(TCP);
      const client = new StreamSocket();
      const act = async (): Promise<string> => {
        const accepted = outcomeOf(() => server.acceptConnectionAsync());
        for (let turns = 0; turns < 10; turns++) await nextTurn();
        client.connect(server.address());
        return untilAccepted(accepted, () => server.acceptConnectionAsync());
      };
      return { act, sockets: [server, client] };
    },
  },
  {
    name: 'listenAsync(), which goes on after errors',
    form: 'async',
    gives: A_CONNECTION,
    scene: () => {
      const server = new ServerSocket(TCP);
      const client = new StreamSocket(server.address());
      const act = async (): Promise<string> => {
        const listener = server.listenAsync();
        listener.on('error', () => undefined);
        const connection = await new Promise<StreamSocket>((resolve) => {
          listener.on('connection', resolve);
        });
        listener.close();
        connection.close();
        return A_CONNECTION;
      };
      return { act, sockets: [server, client] };
    },
  },
  {
    name: 'raw send, recv; sendto, recvfrom; sendmsg, recvmsg',
    form: 'raw',
    gives: whole(MESSAGE, MESSAGE, MESSAGE),
    scene: flow((ours, theirs) => {
      const [to, from] = [ours.sockfd(), theirs.sockfd()];
      const { length } = MESSAGE;
      const sends = [
        (done: number) => raw.send(to, MESSAGE, done, length - done, 0),
        (done: number) => raw.sendto(to, MESSAGE, done, length - done, 0),
        (done: number) => raw.sendmsg(to, null, [MESSAGE.subarray(done)], null, 0),
      ];
      for (const send of sends) {
        for (let done = 0; done < length;) done += uninterrupted(() => send(done));
      }
      ours.shutdownSend();
      let calls = 0;
      return all((room) => {
        const receives = [
          () => raw.recv(from, room, 0, 100, 0),
          () => raw.recvfrom(from, room, 0, 100, 0),
          () => raw.recvmsg(from, null, [room.subarray(0, 50), room.subarray(50)], null, 0),
        ];
        return uninterrupted(receives[calls++ % 3] as () => number);
      });
    }),
  },
  {
    name: 'sendZeroCopy(buffer)',
    form: 'blocking',
    gives: SENT,
    scene: flow(async (ours, theirs) => {
      ours.setZeroCopy(true);
      await sendRest(MESSAGE.length, (done) => ours.sendZeroCopy(MESSAGE, 0, done));
      ours.shutdownSend();
      return all((room) => theirs.receiveBytes(room));
    }),
  },
];

/** A mistake of a program's, to see that it is found: it takes a count for all. */
export const planted: Flow[] = [
  {
    name: 'a count that is ignored',
    form: 'nonblocking',
    gives: SENT,
    scene: flow((ours, theirs) => {
      nonblocking(ours);
      ours.sendBytes(MESSAGE);
      ours.shutdownSend();
      return hash(drain(theirs));
    }),
  },
  {
    name: 'a connection that is left open',
    form: 'blocking',
    gives: undefined,
    scene: () => ({ act: () => void localPair('tcp4')[0].detach(), sockets: [] }),
  },
];
