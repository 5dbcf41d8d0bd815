/** What toys miss: signals, timeouts, partial sends, reused descriptors, the garbage collector. */
import { createHash } from 'node:crypto';
import { closeSync, openSync, readFileSync, readlinkSync } from 'node:fs';
import { Worker } from 'node:worker_threads';
import { join } from 'node:path';
import {
  ConnectionRefusedError,
  FIFOBuffer,
  InvalidSocketError,
  SELECT_ERROR,
  SELECT_READ,
  SELECT_URGENT,
  SELECT_WRITE,
  ServerSocket,
  Socket,
  SocketAddress,
  StreamSocket,
  TimeoutError,
  WOULD_BLOCK,
  constants,
} from '../lib/index';
import { run } from './support/child';
import { until } from './support/facts';
import { testWith } from './support/programs';
import {
  Peer,
  anyAddress,
  atOnce,
  fill,
  localPair,
  outcome,
  text,
  transports,
} from './support/peer';

const { MSG_PEEK } = constants;
const open: Socket[] = [];
function keep<T extends Socket>(socket: T): T {
  open.push(socket);
  return socket;
}
afterEach(() => {
  for (const socket of open.splice(0)) socket.close();
});

function pair(transport: (typeof transports)[number] = 'tcp4'): [StreamSocket, StreamSocket] {
  const [client, accepted] = localPair(transport);
  return [keep(client), keep(accepted)];
}

describe('signals', () => {
  test('do not lengthen a receive timeout', () => {
    const { stdout } = run(`function main() {
      const server = new ServerSocket('127.0.0.1:0');
      const socket = new StreamSocket(server.address());
      socket.setReceiveTimeout(300);
      signalWhenBlocked(45, 20);
      const started = performance.now();
      try { socket.receiveBytes(Buffer.alloc(8)); } catch (error) { console.log(error.name); }
      console.log(Math.floor((performance.now() - started) / 100), socket.getReceiveTimeout() >= 300);
      process.exit();
    }`);
    expect(stdout).toMatch(/^TimeoutError\n[3-9] true\n$/);
  });

  test('do not break an accept with a timeout, or lengthen it', () => {
    const { stdout } = run(`function main() {
      const server = new ServerSocket('127.0.0.1:0');
      server.setReceiveTimeout(300);
      signalWhenBlocked(288, 20);
      const started = performance.now();
      try { server.acceptConnection(); } catch (error) { console.log(error.name); }
      console.log(Math.floor((performance.now() - started) / 100));
      process.exit();
    }`);
    expect(stdout).toMatch(/^TimeoutError\n[3-9]\n$/);
  });

  test('do not break a connect, which goes on', () => {
    const { stdout } = run(`function main() {
      const server = new ServerSocket();
      server.bind('127.0.0.1:0', true);
      server.listen(0);
      const first = new StreamSocket(server.address());
      const socket = new StreamSocket('ipv4');
      socket.setSendTimeout(500);
      // The backlog is full: the connect waits.
      signalWhenBlocked(42, 1);
      try { socket.connect(server.address()); } catch (error) { console.log(error.code); }
      process.exit();
    }`);
    // Nobody accepts; what counts is that EINTR was not the end, but the send timeout.
    expect(stdout).toBe('ETIMEDOUT\n');
  });

  test('do not make a connection of a Unix connect that waits for the backlog', () => {
    const { stdout } = run(`function main() {
      const server = new ServerSocket();
      server.bind(new bsd.SocketAddress('unix'));
      server.listen(0);
      const first = new StreamSocket(server.address());
      const socket = new StreamSocket('unix');
      socket.setSendTimeout(500);
      signalWhenBlocked(42, 3);
      try { console.log(socket.connect(server.address())); } catch (error) { console.log(error.code); }
      process.exit();
    }`);
    expect(stdout).toBe('ETIMEDOUT\n');
  });

  test('do not keep sendZeroCopy(), which waits for room, from its timeout', () => {
    const { stdout } = run(`function main() {
      const server = new ServerSocket('127.0.0.1:0');
      const socket = new StreamSocket(server.address());
      socket.setZeroCopy(true);
      const buffer = Buffer.alloc(65536);
      socket.setSendTimeout(200);
      try { for (;;) socket.sendBytes(buffer); } catch {}
      socket.setSendTimeout(500);
      signalWhenBlocked(44, 3);
      console.log(socket.sendZeroCopy(buffer));
      process.exit();
    }`);
    expect(stdout).toBe('-1\n');
  });
});

describe('connect', () => {
  test('a timeout closes, tells the address, and the object connects again, still blocking', () => {
    const full = keep(new ServerSocket());
    full.bind('127.0.0.1:0', true);
    full.listen(0);
    keep(new StreamSocket(full.address()));
    const socket = keep(new StreamSocket());
    expect(() => {
      socket.connect(full.address(), 100);
    }).toThrow(TimeoutError);
    expect(socket.sockfd()).toBe(-1);
    const server = keep(new ServerSocket('127.0.0.1:0'));
    socket.connect(server.address(), 1000);
    expect(socket.getBlocking()).toBe(true);
    expect(socket.peerAddress().equals(server.address())).toBe(true);
  });

  test('a Unix connect to a full backlog keeps its timeout too', () => {
    const full = keep(new ServerSocket());
    full.bind(new SocketAddress('unix'));
    full.listen(0);
    keep(new StreamSocket(full.address()));
    const socket = keep(new StreamSocket());
    expect(() => {
      socket.connect(full.address(), 100);
    }).toThrow(TimeoutError);
    expect(socket.isNull()).toBe(true);
  });

  test('with a timeout a nonblocking socket stays nonblocking', () => {
    const server = keep(new ServerSocket('127.0.0.1:0'));
    const socket = keep(new StreamSocket());
    socket.setBlocking(false);
    socket.connect(server.address(), 1000);
    expect(socket.getBlocking()).toBe(false);
    expect(text(socket)).toBe(WOULD_BLOCK);
  });

  test('close and connect again: the mode is really the one that is told', () => {
    const server = keep(new ServerSocket('127.0.0.1:0'));
    const socket = keep(new StreamSocket(server.address()));
    socket.setBlocking(false);
    socket.close();
    expect(socket.getBlocking()).toBe(false);
    socket.connect(server.address());
    expect(socket.getBlocking()).toBe(false);
    expect(text(socket)).toBe(WOULD_BLOCK);
  });

  test('refused: blocking, with a timeout, and nonblocking by poll and getError', () => {
    const server = new ServerSocket('127.0.0.1:0');
    const gone = server.address();
    server.close();
    expect(() => new StreamSocket(gone)).toThrow(ConnectionRefusedError);
    expect(() => {
      new StreamSocket().connect(gone, 1000);
    }).toThrow(ConnectionRefusedError);
    const socket = keep(new StreamSocket());
    socket.connectNB(gone);
    expect(socket.poll(5000, SELECT_WRITE)).toBe(true);
    expect(socket.getError()?.code).toBe('ECONNREFUSED');
    expect(socket.getError()).toBeNull();
  });

  test.each(transports)('%s: connectNB ends with a connection', (transport) => {
    const server = keep(new ServerSocket());
    server.bind(anyAddress(transport));
    server.listen();
    const socket = keep(new StreamSocket());
    socket.connectNB(server.address());
    expect(socket.poll(5000, SELECT_WRITE)).toBe(true);
    expect(socket.getError()).toBeNull();
    expect(socket.getBlocking()).toBe(false);
    expect(socket.sendBytes('hello')).toBe(5);
  });
});

describe.each(transports)('%s: send', (transport) => {
  test('a blocking send is finished while a Python peer reads slowly', () => {
    const peer = new Peer();
    const socket = keep(peer.connection(transport));
    const data = Buffer.alloc(8_000_000);
    for (let i = 0; i < data.length; i += 4) data.writeUInt32LE(i, i);
    peer.start(
      'import hashlib; h = hashlib.sha256()\nwhile True:\n  d = s.recv(100000)\n  if not d: break\n  h.update(d)',
    );
    expect(socket.sendBytes(data)).toBe(data.length);
    expect(socket.sendBytes([data.subarray(0, 5), data.subarray(5)])).toBe(data.length);
    socket.shutdownSend();
    peer.finish();
    const hash = createHash('sha256').update(data).update(data).digest('hex');
    expect(peer.run('h.hexdigest()')).toBe(hash);
    peer.close();
  });

  test('a send timeout tells how much had gone', () => {
    const [client] = pair(transport);
    client.setSendTimeout(50);
    const error = outcome(() => {
      try {
        return client.sendBytes(Buffer.alloc(20_000_000));
      } catch (e) {
        return e;
      }
    }) as TimeoutError;
    expect(error).toBeInstanceOf(TimeoutError);
    expect(error.bytesSent).toBeGreaterThan(0);
    expect(error.bytesSent).toBeLessThan(20_000_000);
  });

  test('a full send buffer would block, as a value', () => {
    const [client] = pair(transport);
    expect(fill(client)).toBeGreaterThan(0);
    // What the peer's kernel acknowledges late makes room again.
    until(() => fill(client) === 0 && atOnce(client, () => client.sendBytes('x')) === WOULD_BLOCK);
    const parts = [Buffer.from('x')];
    until(
      () => fill(client) === 0 && atOnce(client, () => client.sendBytes(parts)) === WOULD_BLOCK,
    );
  });

  test('a FIFO keeps what was not sent', () => {
    const [client] = pair(transport);
    let fifo = new FIFOBuffer(0);
    until(() => {
      fill(client);
      fifo = new FIFOBuffer(Buffer.from('abc'));
      return atOnce(client, () => client.sendBytes(fifo)) === WOULD_BLOCK;
    });
    expect(fifo.begin().toString()).toBe('abc');
  });
});

describe('nothing received is lost', () => {
  test('a FIFO without room, at its end or with an error is refused before the call', () => {
    const [client, accepted] = pair();
    client.sendBytes('abc');
    const full = new FIFOBuffer(Buffer.from('x'));
    const ended = new FIFOBuffer(8);
    ended.setEOF();
    for (const fifo of [full, ended]) {
      expect(() => accepted.receiveBytes(fifo)).toThrow(RangeError);
    }
    expect(text(accepted)).toBe('abc');
  });

  test('flags are honoured for vectors', () => {
    const [client, accepted] = pair();
    client.sendBytes('abcdef');
    expect(accepted.poll(5000, SELECT_READ)).toBe(true);
    const parts = Socket.makeBufVec(2, 3);
    expect(accepted.receiveBytes(parts, MSG_PEEK)).toBe(6);
    expect(Buffer.concat(parts as Buffer[]).toString()).toBe('abcdef');
    expect(text(accepted)).toBe('abcdef');
    expect(atOnce(accepted, () => accepted.receiveBytes(parts))).toBe(WOULD_BLOCK);
  });
});

describe('shutdown', () => {
  test('ENOTCONN for a socket that never connected, silent when the peer is gone', () => {
    const socket = keep(new StreamSocket('ipv4'));
    expect(
      outcome(() => {
        socket.shutdown();
      }),
    ).toBe('ENOTCONN');
    const [client, accepted] = pair();
    accepted.setLinger(true, 0);
    accepted.close();
    expect(client.poll(5000, SELECT_READ)).toBe(true);
    expect(outcome(() => text(client))).toBe('ECONNRESET');
    expect(
      outcome(() => {
        client.shutdown();
      }),
    ).toBeUndefined();
    expect(
      outcome(() => {
        client.shutdownSend();
      }),
    ).toBeUndefined();
  });
});

describe('poll and select', () => {
  test('poll tells only what was asked; a fresh pair is writable and not readable', () => {
    const [client, accepted] = pair();
    expect(client.poll(0, SELECT_READ)).toBe(false);
    expect(client.poll(0, SELECT_WRITE)).toBe(true);
    accepted.sendUrgent(1);
    expect(client.poll(5000, SELECT_URGENT)).toBe(true);
    expect(client.pollEvents(0, SELECT_READ | SELECT_URGENT)).toBe(SELECT_URGENT);
    accepted.setLinger(true, 0);
    accepted.close();
    expect(client.poll(5000, SELECT_ERROR)).toBe(true);
  });

  test('select keeps the ready ones in place and in order; urgent data shows in except', () => {
    const [a, b] = pair();
    const [c, d] = pair();
    b.sendUrgent(1);
    d.sendBytes('x');
    expect(a.poll(5000, SELECT_URGENT)).toBe(true);
    expect(c.poll(5000, SELECT_READ)).toBe(true);
    const read: Socket[] = [a, c, c];
    const write: Socket[] = [];
    const except: Socket[] = [c, a];
    expect(Socket.select(read, write, except, 1000)).toBe(2);
    expect(read).toEqual([c]);
    expect(except).toEqual([a]);
  });

  test('select: nothing in time empties the lists, empty lists are 0, closed ones an error', () => {
    const [a] = pair();
    const read: Socket[] = [a];
    expect(Socket.select(read, [], [], 20)).toBe(0);
    expect(read).toEqual([]);
    expect(Socket.select([], [], [])).toBe(0);
    const closed: Socket[] = [new StreamSocket()];
    expect(() => Socket.select(closed, [], [], 0)).toThrow(InvalidSocketError);
    expect(closed).toHaveLength(1);
  });
});

describe('descriptors', () => {
  test('a closed socket never touches a number that another file took', () => {
    const [client] = pair();
    const fd = client.sockfd();
    client.close();
    // The kernel gives the lowest free number; somewhere among the next ones is the closed one.
    const files = [openSync('/dev/null', 'r')];
    while (!files.includes(fd) && files.length < 100) files.push(openSync('/dev/null', 'r'));
    expect(files).toContain(fd);
    const buffer = Buffer.alloc(8);
    const calls: (() => unknown)[] = [
      () => client.receiveBytes(buffer),
      () => client.receiveBytes([buffer]),
      () => client.receiveBytes(new FIFOBuffer(8)),
      () => client.sendBytes(buffer),
      () => client.sendBytes([buffer]),
      () => client.sendUrgent(1),
      () => client.receiveUrgent(),
      () => client.readToMark(buffer),
      () => {
        client.shutdown();
      },
      () => client.available(),
      () => client.atUrgentMark(),
      () => client.address(),
      () => client.peerAddress(),
      () => client.poll(0, SELECT_READ),
      () => client.getError(),
      () => client.getNoDelay(),
      () => {
        client.setNoDelay(true);
      },
      () => client.getOption(1, 1),
      () => client.sendMessage({ data: buffer }),
      () => client.receiveMessage(),
    ];
    for (const call of calls) expect(call).toThrow(InvalidSocketError);
    client.close();
    client[Symbol.dispose]();
    for (const file of files) closeSync(file);
  });

  test('every descriptor is close-on-exec', () => {
    const server = keep(new ServerSocket('127.0.0.1:0'));
    const client = keep(new StreamSocket(server.address()));
    const accepted = keep(server.acceptConnection() as StreamSocket);
    for (const socket of [server, client, accepted]) {
      const flags = readFileSync(`/proc/self/fdinfo/${socket.sockfd()}`, 'latin1');
      const [, octal = '0'] = /flags:\s*(\d+)/.exec(flags) ?? [];
      expect(parseInt(octal, 8) & 0o2000000).not.toBe(0);
    }
  });

  test('a broken pipe is EPIPE, also where SIGPIPE has its default', () => {
    const source = `function main() {
      const server = new ServerSocket('127.0.0.1:0');
      const socket = new StreamSocket(server.address());
      socket.shutdownSend();
      for (const data of [Buffer.alloc(1), [Buffer.alloc(1)]]) {
        try { socket.sendBytes(data); } catch (error) { console.log(error.code); }
      }
      process.exit();
    }`;
    expect(run(source).stdout).toBe('EPIPE\nEPIPE\n');
  });

  test('the garbage collector closes an unreferenced socket', () => {
    const source = `async function main() {
      const count = () => fs.readdirSync('/proc/self/fd').length;
      const server = new ServerSocket('127.0.0.1:0');
      const before = count();
      for (let i = 0; i < 20; i++) new StreamSocket('ipv4');
      const during = count();
      for (let i = 0; i < 50 && count() > before; i++) {
        global.gc();
        await new Promise((resolve) => setImmediate(resolve));
      }
      console.log(during - before, count() - before);
      server.close();
      process.exit();
    }`;
    expect(run(source, [], ['--expose-gc']).stdout).toBe('20 0\n');
  });

  test('a worker that ends leaves no descriptor behind', async () => {
    const library = JSON.stringify(join(__dirname, '../dist/index.js'));
    const source = `
      const { StreamSocket } = require(${library});
      globalThis.sockets = Array.from({ length: 20 }, () => new StreamSocket('ipv4'));
      const fds = sockets.map((socket) => socket.sockfd());
      require('node:worker_threads').parentPort.postMessage(fds);
      setInterval(() => {}, 1000);
    `;
    const whatIs = (fd: number): string => {
      try {
        return readlinkSync(`/proc/self/fd/${String(fd)}`);
      } catch {
        return 'closed';
      }
    };
    const worker = new Worker(source, { eval: true });
    const fds = await new Promise<number[]>((resolve) => worker.once('message', resolve));
    const before = fds.map(whatIs);
    expect(before.filter((name) => name.startsWith('socket:'))).toHaveLength(20);
    await worker.terminate();
    const left = (): string[] => fds.map(whatIs).filter((name, i) => name === before[i]);
    // Deno is not done when it says so.
    for (const end = Date.now() + 5000; left().length > 0 && Date.now() < end;) {
      await new Promise(setImmediate);
    }
    expect(left()).toEqual([]);
  });
});

testWith('strace')(
  'strace (needs strace): one call in JavaScript is one call in the kernel',
  () => {
    const { stderr } = run(
      `function main() {
      const { MSG_OOB, MSG_PEEK, MSG_WAITALL, MSG_DONTWAIT } = constants;
      const server = new ServerSocket('127.0.0.1:0');
      const client = new StreamSocket(server.address());
      const accepted = server.acceptConnection();
      const buffer = Buffer.alloc(8);
      client.sendBytes('abc');
      client.sendBytes([buffer, buffer], MSG_DONTWAIT);
      client.sendUrgent(88);
      accepted.receiveBytes(buffer, MSG_PEEK, 1, 2);
      accepted.receiveBytes(buffer, MSG_PEEK | MSG_WAITALL, 0, 3);
      accepted.receiveBytes([buffer, buffer], MSG_DONTWAIT);
      accepted.receiveBytes(buffer, MSG_DONTWAIT);
      accepted.receiveUrgent();
      client.setNoDelay(true);
      client.getNoDelay();
      client.shutdownSend();
      client.close();
      process.exit();
    }`,
      ['strace', '-f', '-e', 'trace=network', '-e', 'signal=none'],
    );
    const calls = stderr
      .split('\n')
      .map((line) => line.replace(/^\[pid +\d+\] /, ''))
      .filter((line) => /^[a-z0-9]+\(/.test(line))
      .map((line) => {
        const [, name = ''] = /^(\w+)\(/.exec(line) ?? [];
        const flags = line.match(/MSG_\w+/g) ?? [];
        return [name, ...new Set(flags)].join(' ');
      });
    expect(calls.slice(calls.indexOf('socket'))).toEqual([
      'socket',
      'setsockopt',
      'bind',
      'listen',
      'getsockname',
      'socket',
      'connect',
      'accept4',
      'sendto MSG_NOSIGNAL',
      'sendmsg MSG_DONTWAIT MSG_NOSIGNAL',
      'sendto MSG_OOB MSG_NOSIGNAL',
      'recvfrom MSG_PEEK',
      'recvfrom MSG_PEEK MSG_WAITALL',
      'recvmsg MSG_DONTWAIT',
      'recvfrom MSG_DONTWAIT',
      'recvfrom MSG_OOB',
      'setsockopt',
      'getsockopt',
      'shutdown',
    ]);
  },
);
