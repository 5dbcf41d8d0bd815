/** Facts of flags, shutdown, poll, accept and options, F1–F30, seen through the library. */
import {
  SELECT_READ,
  SELECT_WRITE,
  ServerSocket,
  StreamSocket,
  WOULD_BLOCK,
  constants,
} from '../../lib/index';
import * as raw from '../../lib/raw';
import { run } from '../support/child';
import { Peer, anyAddress, localPair, outcome, text, transports } from '../support/peer';

const {
  EAGAIN,
  EINVAL,
  ENOTCONN,
  EPIPE,
  MSG_DONTWAIT,
  MSG_MORE,
  MSG_PEEK,
  MSG_TRUNC,
  MSG_WAITALL,
  POLLHUP,
  POLLIN,
  POLLOUT,
  POLLRDHUP,
  POLLERR,
  SOL_SOCKET,
} = constants as Required<typeof constants>;

let peer: Peer;
beforeAll(() => {
  peer = new Peer();
});
afterAll(() => {
  peer.close();
});

function events(fd: number, asked = POLLIN | POLLOUT | POLLRDHUP): number {
  const entry = Int32Array.of(fd, asked, 0);
  raw.poll(entry, 1, 0);
  return entry[2] ?? 0;
}

function pollFor(socket: StreamSocket | ServerSocket, bits: number): void {
  const entry = Int32Array.of(socket.sockfd(), bits, 0);
  expect(raw.poll(entry, 1, 5000)).toBe(1);
}

describe.each(transports)('%s', (transport) => {
  const isUnix = transport === 'unix';
  let socket: StreamSocket;
  const send = (data: string): unknown => peer.run(`s.send(b${JSON.stringify(data)})`);
  const arrives = (bytes: number): void => {
    while (socket.available() < bytes);
  };
  const raws = (flags: number, length: number): number =>
    raw.recv(socket.sockfd(), Buffer.alloc(length), 0, length, flags);

  beforeEach(() => {
    socket = peer.connection(transport);
    socket.setReceiveTimeout(100);
  });
  afterEach(() => {
    peer.run('s.close()');
    socket.close();
  });

  test('F1: MSG_WAITALL ends short at timeout, O_NONBLOCK, MSG_DONTWAIT and end of stream', () => {
    send('abc');
    arrives(3);
    expect(text(socket, MSG_WAITALL, 10)).toBe('abc');
    expect(outcome(() => text(socket, MSG_WAITALL, 10))).toBe('ETIMEDOUT');
    send('abc');
    arrives(3);
    expect(text(socket, MSG_WAITALL | MSG_DONTWAIT, 10)).toBe('abc');
    expect(text(socket, MSG_WAITALL | MSG_DONTWAIT, 10)).toBe(WOULD_BLOCK);
    send('abc');
    peer.run('s.shutdown(socket.SHUT_WR)');
    expect(text(socket, MSG_WAITALL, 10)).toBe('abc');
    expect(text(socket, MSG_WAITALL, 10)).toBe(0);
  });

  test('F4: MSG_WAITALL of more than the receive buffer holds works', () => {
    socket.setReceiveTimeout(5000);
    socket.setReceiveBufferSize(32768);
    peer.start("s.sendall(b'x' * 400000)");
    expect(socket.receiveBytes(Buffer.alloc(400_000), MSG_WAITALL)).toBe(400_000);
    peer.finish();
  });

  test('F5: MSG_WAITALL | MSG_PEEK waits on TCP, not on Unix', () => {
    send('abc');
    arrives(3);
    socket.setReceiveTimeout(5000);
    peer.start(`${isUnix ? '0' : `wait_until_blocked(${process.pid})`}; s.send(b'def')`);
    expect(text(socket, MSG_WAITALL | MSG_PEEK, 6)).toMatch(isUnix ? /^abc/ : /^abcdef$/);
    peer.finish();
    arrives(6);
    expect(text(socket)).toBe('abcdef');
  });

  test('F6: MSG_TRUNC on TCP takes bytes away and writes none, on Unix it copies', () => {
    send('abcdefgh');
    arrives(8);
    const buffer = Buffer.from('......');
    expect(socket.receiveBytes(buffer, MSG_TRUNC, 0, 3)).toBe(3);
    expect(buffer.toString()).toBe(isUnix ? 'abc...' : '......');
    expect(text(socket)).toBe('defgh');
  });

  test('F7: SO_PEEK_OFF lets peeks go on', () => {
    socket.setOption(SOL_SOCKET, constants.SO_PEEK_OFF ?? -1, 0);
    send('abcdefgh');
    arrives(8);
    expect([text(socket, MSG_PEEK, 3), text(socket, MSG_PEEK, 3)]).toEqual(['abc', 'def']);
    expect(text(socket, 0, 2)).toBe('ab');
    expect(socket.getOption(SOL_SOCKET, constants.SO_PEEK_OFF ?? -1)).toBe(4);
  });

  test('F8: a receive of 0 bytes waits for data; at the timeout TCP says 0, Unix EAGAIN', () => {
    expect(raws(0, 0)).toBe(isUnix ? -EAGAIN : 0);
    expect(raws(MSG_DONTWAIT, 0)).toBe(-EAGAIN);
    send('a');
    arrives(1);
    expect(raws(0, 0)).toBe(0);
    expect(text(socket)).toBe('a');
  });

  test('F10, F11: a reset comes after the bytes before it, once (Unix: only when unread)', () => {
    if (isUnix) {
      socket.sendBytes('unread');
      peer.run('s.close()');
    } else {
      send('abc');
      arrives(3);
      peer.run(
        "s.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack('ii', 1, 0)); s.close()",
      );
      expect(text(socket)).toBe('abc');
    }
    expect(outcome(() => text(socket))).toBe('ECONNRESET');
    expect(text(socket)).toBe(0);
  });

  test('F12: after SHUT_RD what is pending comes, then 0', () => {
    send('abc');
    arrives(3);
    socket.shutdownReceive();
    expect(text(socket)).toBe('abc');
    expect(text(socket)).toBe(0);
    expect(peer.run("s.send(b'def')")).toBe(isUnix ? 'EPIPE' : 3);
    if (!isUnix) {
      arrives(3);
      expect(text(socket)).toBe('def');
    }
  });

  test('F13: after the peer closed, a send ends in EPIPE', () => {
    peer.run('s.close()');
    pollFor(socket, POLLIN);
    if (!isUnix) {
      expect(socket.sendBytes('x')).toBe(1);
      pollFor(socket, POLLERR | POLLHUP);
      while ((events(socket.sockfd()) & POLLHUP) === 0);
    }
    expect(outcome(() => socket.sendBytes('x'))).toBe('EPIPE');
  });

  test('F14: poll at the end of the stream', () => {
    peer.run('s.shutdown(socket.SHUT_WR)');
    pollFor(socket, POLLRDHUP);
    expect(events(socket.sockfd())).toBe(POLLIN | POLLOUT | POLLRDHUP);
    socket.shutdownSend();
    expect(events(socket.sockfd()) & POLLHUP).toBe(POLLHUP);
  });

  test('F18, F19: a send timeout gives the partial count; POLLOUT comes back after draining', () => {
    const fd = socket.sockfd();
    socket.setSendTimeout(50);
    const data = Buffer.alloc(8_000_000);
    const n = raw.send(fd, data, 0, data.length, 0);
    expect(n).toBeGreaterThan(0);
    expect(n).toBeLessThan(data.length);
    expect(socket.poll(0, SELECT_WRITE)).toBe(false);
    peer.start(`s.recv(${String(n)}, socket.MSG_WAITALL)`);
    expect(socket.poll(5000, SELECT_WRITE)).toBe(true);
    peer.finish();
  });

  test('F22: the receive timeout is rounded up, never down', () => {
    for (const timeout of [0.001, 1.5, 250, 999.999]) {
      socket.setReceiveTimeout(timeout);
      expect(socket.getReceiveTimeout()).toBeGreaterThanOrEqual(timeout);
      expect(socket.getReceiveTimeout()).toBeLessThan(timeout + 20);
    }
  });

  test('F24: accept inherits options, but not the mode', () => {
    const server = new ServerSocket();
    server.bind(anyAddress(transport));
    server.setKeepAlive(true);
    server.setReceiveTimeout(3000);
    server.listen();
    server.setBlocking(false);
    const client = new StreamSocket(server.address());
    const accepted = server.acceptConnection();
    expect(accepted?.getBlocking()).toBe(true);
    if (!isUnix)
      expect([accepted?.getKeepAlive(), accepted?.getReceiveTimeout()]).toEqual([true, 3000]);
    for (const one of [server, client, accepted]) one?.close();
  });

  test('F25: SO_RCVLOWAT hides little data from poll on TCP, not from a receive', () => {
    socket.setOption(SOL_SOCKET, constants.SO_RCVLOWAT, 5);
    send('abc');
    arrives(3);
    expect(socket.poll(0, SELECT_READ)).toBe(isUnix);
    expect(text(socket, MSG_DONTWAIT)).toBe('abc');
  });

  test('F28: unknown flag bits are ignored', () => {
    send('ab');
    arrives(2);
    expect(text(socket, 0x10000000)).toBe('ab');
  });
});

test('F2: a signal ends a MSG_WAITALL that has something, though SA_RESTART is set', () => {
  const { stdout } = run(`function main() {
    const server = new ServerSocket('127.0.0.1:0');
    const client = new StreamSocket(server.address());
    const accepted = server.acceptConnection();
    accepted.sendBytes('abc');
    signalWhenBlocked(45, 1);
    console.log(raw.recv(client.sockfd(), Buffer.alloc(10), 0, 10, constants.MSG_WAITALL));
    process.exit();
  }`);
  expect(stdout).toBe('3\n');
});

test('F3: with SO_RCVTIMEO a signal is EINTR for the raw call', () => {
  const { stdout } = run(`function main() {
    const server = new ServerSocket('127.0.0.1:0');
    const client = new StreamSocket(server.address());
    client.setReceiveTimeout(5000);
    signalWhenBlocked(45, 1);
    console.log(raw.recv(client.sockfd(), Buffer.alloc(10), 0, 10, 0) === -constants.EINTR);
    process.exit();
  }`);
  expect(stdout).toBe('true\n');
});

describe('F9: sockets that are not connected', () => {
  const byte = Buffer.alloc(1);
  const outcomes = (family: number): number[] => {
    const fd = raw.socket(family, constants.SOCK_STREAM, 0);
    const results = [
      raw.send(fd, byte, 0, 1, 0),
      raw.recv(fd, byte, 0, 1, 0),
      raw.shutdown(fd, constants.SHUT_RDWR),
    ];
    raw.close(fd);
    return results;
  };
  test('TCP', () => {
    expect(outcomes(constants.AF_INET)).toEqual([-EPIPE, -ENOTCONN, -ENOTCONN]);
  });
  test('Unix', () => {
    expect(outcomes(constants.AF_UNIX)).toEqual([-ENOTCONN, -EINVAL, 0]);
  });
});

test('F14: poll of a fresh TCP socket says OUT | HUP, of an idle listener nothing', () => {
  const fresh = new StreamSocket('ipv4');
  const server = new ServerSocket('127.0.0.1:0');
  expect([events(fresh.sockfd()), events(server.sockfd())]).toEqual([POLLOUT | POLLHUP, 0]);
  fresh.close();
  server.close();
});

test('F20: a nonblocking connect is told once more, then EISCONN; a pending one is EALREADY', () => {
  const server = new ServerSocket();
  server.bind('127.0.0.1:0');
  server.listen(0);
  const socket = new StreamSocket();
  socket.connectNB(server.address());
  expect(socket.poll(5000, SELECT_WRITE)).toBe(true);
  const address = server.address().addr();
  expect(raw.connect(socket.sockfd(), address)).toBe(0);
  expect(raw.connect(socket.sockfd(), address)).toBe(-constants.EISCONN);
  const pending = new StreamSocket();
  pending.connectNB(server.address());
  expect(
    outcome(() => {
      pending.connectNB(server.address());
    }),
  ).toBe('EALREADY');
  for (const one of [server, socket, pending]) one.close();
});

test('F21: a client that reset before accept: accepted, then ECONNRESET and no address', () => {
  const server = new ServerSocket('127.0.0.1:0');
  const client = new StreamSocket(server.address());
  client.setLinger(true, 0);
  client.close();
  const accepted = server.acceptConnection();
  expect(outcome(() => accepted?.peerAddress())).toBe('ENOTCONN');
  expect(outcome(() => accepted && text(accepted))).toBe('ECONNRESET');
  accepted?.close();
  server.close();
});

test('F23: buffer sizes are doubled, and have a least', () => {
  const socket = new StreamSocket('ipv4');
  socket.setSendBufferSize(50_000);
  expect(socket.getSendBufferSize()).toBe(100_000);
  socket.setSendBufferSize(0);
  expect(socket.getSendBufferSize()).toBeGreaterThan(1000);
  socket.close();
});

test('F28: unknown levels and options', () => {
  const socket = new StreamSocket('ipv4');
  expect(outcome(() => socket.getOption(500, 1))).toBe('EOPNOTSUPP');
  expect(
    outcome(() => {
      socket.setOption(500, 1, 1);
    }),
  ).toBe('ENOPROTOOPT');
  socket.close();
});

test('F29: what is sent with MSG_MORE goes at once with the next send', () => {
  const [client, accepted] = localPair('tcp4');
  client.sendBytes('a', MSG_MORE);
  expect(accepted.poll(0, SELECT_READ)).toBe(false);
  client.sendBytes('b');
  expect(accepted.poll(5000, SELECT_READ)).toBe(true);
  expect(text(accepted)).toBe('ab');
  client.sendBytes('c', MSG_MORE);
  client.shutdownSend();
  expect(text(accepted, MSG_WAITALL, 2)).toBe('c');
  client.close();
  accepted.close();
});

test('F30: with the default of SIGPIPE a broken pipe is EPIPE, and the process lives', () => {
  const { stdout } = run(
    `function main() {
      const server = new ServerSocket('127.0.0.1:0');
      const socket = new StreamSocket(server.address());
      socket.shutdownSend();
      console.log(raw.send(socket.sockfd(), Buffer.alloc(1), 0, 1, 0) === -constants.EPIPE);
      process.exit();
    }`,
    ['env', '--default-signal=PIPE'],
  );
  expect(stdout).toBe('true\n');
});
