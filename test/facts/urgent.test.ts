/** Facts of urgent data, U1–U29: what the kernel does, seen through the library. */
import { SELECT_READ, SELECT_URGENT, WOULD_BLOCK, constants } from '../../lib/index';
import * as raw from '../../lib/raw';
import { Peer, outcome, text, transports } from '../support/peer';
import type { StreamSocket } from '../../lib/index';

const { MSG_DONTWAIT, MSG_OOB, MSG_PEEK, MSG_TRUNC, MSG_WAITALL, POLLIN, POLLOUT, POLLPRI } =
  constants;

let peer: Peer;
beforeAll(() => {
  peer = new Peer();
});
afterAll(() => {
  peer.close();
});

/** Python sends normal data, and urgent data where a part begins with '!'. */
function send(...parts: string[]): void {
  for (const part of parts) {
    const [data, flags] = part.startsWith('!') ? [part.slice(1), 'socket.MSG_OOB'] : [part, '0'];
    peer.run(`s.send(b${JSON.stringify(data)}, ${flags})`);
  }
}

function waitForUrgent(socket: StreamSocket): void {
  expect(socket.poll(5000, SELECT_URGENT)).toBe(true);
}

function events(socket: StreamSocket): number {
  const entry = Int32Array.of(socket.sockfd(), POLLIN | POLLOUT | POLLPRI, 0);
  raw.poll(entry, 1, 0);
  return entry[2] ?? 0;
}

describe.each(transports)('%s', (transport) => {
  const isUnix = transport === 'unix';
  let socket: StreamSocket;
  const now = (flags = 0): string | number | undefined =>
    outcome(() => text(socket, flags | MSG_DONTWAIT));
  const urgent = (): string | null => {
    const byte = socket.receiveUrgent();
    return byte === null ? null : String.fromCharCode(byte);
  };

  beforeEach(() => {
    socket = peer.connection(transport);
    socket.setReceiveTimeout(5000);
  });
  afterEach(() => {
    peer.run('s.close()');
    socket.close();
  });

  test('U1: of several bytes sent with MSG_OOB only the last is urgent', () => {
    send('!abcX');
    waitForUrgent(socket);
    expect(urgent()).toBe('X');
    expect(now()).toBe('abc');
  });

  test('U1: sendUrgent and MSG_OOB reach a Python receiver', () => {
    expect(socket.sendBytes('abcX', MSG_OOB)).toBe(4);
    expect(peer.run('select.select([], [], [s], 5)[2] == [s]')).toBe(true);
    expect(peer.run('s.recv(9, socket.MSG_OOB)')).toBe('X');
    expect(peer.run('s.recv(9)')).toBe('abc');
    expect(socket.sendUrgent(0x59)).toBe(1);
    expect(peer.run('select.select([], [], [s], 5)[2] == [s]')).toBe(true);
    expect(peer.run('s.recv(9, socket.MSG_OOB)')).toBe('Y');
  });

  test('U2: a receive stops before the mark, also when the urgent byte was taken', () => {
    send('abc', '!X', 'def');
    waitForUrgent(socket);
    expect(urgent()).toBe('X');
    expect(text(socket)).toBe('abc');
    expect(text(socket)).toBe('def');
  });

  test('U3: MSG_OOB without an urgent byte is EINVAL, at once; receiveUrgent gives null', () => {
    expect(outcome(() => text(socket, MSG_OOB))).toBe('EINVAL');
    send('abc');
    expect(socket.poll(5000, SELECT_READ)).toBe(true);
    expect(outcome(() => text(socket, MSG_OOB))).toBe('EINVAL');
    send('!X');
    waitForUrgent(socket);
    socket.setOOBInline(true);
    expect(outcome(() => text(socket, MSG_OOB))).toBe('EINVAL');
    expect(socket.receiveUrgent()).toBeNull();
  });

  test('U6: a receive at the mark passes it, and the urgent byte is gone', () => {
    send('ab', '!X');
    waitForUrgent(socket);
    expect(text(socket)).toBe('ab');
    expect(now()).toBe(WOULD_BLOCK);
    expect(outcome(() => text(socket, MSG_OOB))).toBe('EINVAL');
    expect(socket.poll(0, SELECT_URGENT)).toBe(false);
  });

  test('U7: an urgent byte taken before a second one came, on TCP comes again as data', () => {
    send('abc', '!X');
    waitForUrgent(socket);
    expect(urgent()).toBe('X');
    send('de', '!Y', 'fg');
    waitForUrgent(socket);
    expect(urgent()).toBe('Y');
    expect(now()).toBe(isUnix ? 'abc' : 'abcXde');
    expect(now()).toBe(isUnix ? 'de' : 'fg');
  });

  test('U8: an urgent byte alone, then another: the first is lost on TCP, data on Unix', () => {
    send('!X');
    waitForUrgent(socket);
    send('!Y');
    const arrived = (): boolean => text(socket, MSG_OOB | MSG_PEEK) === 'Y';
    while (!arrived());
    expect(urgent()).toBe('Y');
    expect(now()).toBe(isUnix ? 'X' : WOULD_BLOCK);
  });

  test('U9: an urgent byte inside data, then another: the first becomes data at its place', () => {
    send('abc', '!X', 'de', '!Y', 'fg');
    while (outcome(() => text(socket, MSG_OOB | MSG_PEEK)) !== 'Y');
    expect(urgent()).toBe('Y');
    expect(now()).toBe('abcXde');
    expect(now()).toBe('fg');
  });

  test('U10: a receive that is blocked when a lone urgent byte comes swallows it', () => {
    socket.setReceiveTimeout(300);
    peer.start(`wait_until_blocked(${process.pid}); s.send(b'X', socket.MSG_OOB)`);
    expect(outcome(() => text(socket))).toBe('ETIMEDOUT');
    peer.finish();
    expect(outcome(() => text(socket, MSG_OOB))).toBe('EINVAL');
  });

  test('U10: readToMark waits for both, and keeps the byte', () => {
    peer.start(`wait_until_blocked(${process.pid}, 7); s.send(b'X', socket.MSG_OOB)`);
    expect(socket.readToMark(Buffer.alloc(8))).toEqual({ bytes: 0, atMark: true });
    peer.finish();
    expect(urgent()).toBe('X');
  });

  test('U11: MSG_PEEK at the mark shows what is behind it, and keeps the mark', () => {
    send('ab', '!X', 'cd');
    waitForUrgent(socket);
    while (socket.available() < 2);
    expect(now()).toBe('ab');
    while (now(MSG_PEEK) !== 'cd');
    expect(socket.atUrgentMark()).toBe(true);
    expect(urgent()).toBe('X');
    expect(now()).toBe('cd');
  });

  test('U12: a receive of 0 bytes at the mark keeps the byte, one with MSG_OOB destroys it', () => {
    send('ab', '!X', 'c');
    waitForUrgent(socket);
    expect(now()).toBe('ab');
    const nothing = Buffer.alloc(0);
    // On Unix the receive of 0 bytes was seen to take the byte away; only TCP promises to keep it.
    if (!isUnix) while (socket.receiveBytes(nothing, MSG_DONTWAIT) !== 0);
    expect(text(socket, MSG_OOB | MSG_PEEK)).toBe('X');
    expect(socket.receiveBytes(nothing, MSG_OOB)).toBe(isUnix ? 1 : 0);
    expect(outcome(() => text(socket, MSG_OOB))).toBe('EINVAL');
  });

  test('U13: MSG_OOB with MSG_PEEK repeats; with MSG_WAITALL gives 1; msg_flags says MSG_OOB', () => {
    send('!X');
    waitForUrgent(socket);
    expect(text(socket, MSG_OOB | MSG_PEEK)).toBe('X');
    expect(text(socket, MSG_OOB | MSG_PEEK)).toBe('X');
    const message = socket.receiveMessage({
      buffers: [Buffer.alloc(4)],
      flags: MSG_OOB | MSG_PEEK,
    });
    expect(message.bytes).toBe(1);
    expect(message.flags & MSG_OOB).toBe(MSG_OOB);
    expect(text(socket, MSG_OOB | MSG_WAITALL)).toBe('X');
    expect(outcome(() => text(socket, MSG_OOB))).toBe('EINVAL');
  });

  (isUnix ? test.skip : test)('U14 (TCP): MSG_OOB | MSG_TRUNC gives 1 and writes nothing', () => {
    send('!X');
    waitForUrgent(socket);
    const buffer = Buffer.from('..');
    expect(socket.receiveBytes(buffer, MSG_OOB | MSG_TRUNC)).toBe(1);
    expect(buffer.toString()).toBe('..');
  });

  test('U15: MSG_WAITALL stops at the mark, and a waiting one returns when urgent data comes', () => {
    send('ab', '!X', 'cdef');
    waitForUrgent(socket);
    expect(text(socket, MSG_WAITALL, 6)).toBe('ab');
    expect(text(socket, MSG_WAITALL, 4)).toBe('cdef');
    send('gh');
    peer.start(`wait_until_blocked(${process.pid}); s.send(b'Y', socket.MSG_OOB)`);
    expect(text(socket, MSG_WAITALL, 6)).toBe('gh');
    peer.finish();
    expect(urgent()).toBe('Y');
  });

  test('U16: with only an urgent byte poll says PRI, on Unix IN too', () => {
    send('!X');
    waitForUrgent(socket);
    expect(events(socket)).toBe(POLLPRI | POLLOUT | (isUnix ? POLLIN : 0));
    expect(socket.poll(0, SELECT_READ)).toBe(isUnix);
  });

  test('U17: the mark is told from where it is reached until a receive passes it', () => {
    send('abc', '!X', 'def');
    waitForUrgent(socket);
    expect(socket.atUrgentMark()).toBe(false);
    expect(text(socket)).toBe('abc');
    expect(socket.atUrgentMark()).toBe(true);
    expect(urgent()).toBe('X');
    expect(socket.atUrgentMark()).toBe(true);
    expect(text(socket)).toBe('def');
    expect(socket.atUrgentMark()).toBe(false);
  });

  test('U18: SO_OOBINLINE set after arrival brings the byte inline', () => {
    send('abc', '!X', 'def');
    waitForUrgent(socket);
    socket.setOOBInline(true);
    expect(text(socket)).toBe('abc');
    while (socket.available() < 4);
    expect(text(socket)).toBe('Xdef');
  });

  test('U19: of two marks in line only the last breaks a receive', () => {
    socket.setOOBInline(true);
    send('abc', '!X', 'de', '!Y', 'fg');
    peer.run('s.shutdown(socket.SHUT_WR)');
    const all: unknown[] = [];
    // Wait until all has come, without reading.
    while (socket.available() < 9);
    for (let part = text(socket); part !== 0; part = text(socket)) all.push(part);
    expect(all).toEqual(['abcXde', 'Yfg']);
  });

  test('U20: at the end of the stream the byte is there until data and end were received', () => {
    send('ab', '!X');
    peer.run('s.shutdown(socket.SHUT_WR)');
    waitForUrgent(socket);
    expect(text(socket)).toBe('ab');
    expect(urgent()).toBe('X');
    expect(text(socket)).toBe(0);
    expect(outcome(() => text(socket, MSG_OOB))).toBe('EINVAL');
  });

  test('U20: when data and end were received first, it is gone', () => {
    send('ab', '!X');
    peer.run('s.shutdown(socket.SHUT_WR)');
    waitForUrgent(socket);
    expect(text(socket)).toBe('ab');
    expect(text(socket)).toBe(0);
    expect(outcome(() => text(socket, MSG_OOB))).toBe('EINVAL');
  });

  test('U22: FIONREAD counts up to the mark on TCP, everything on Unix', () => {
    send('abc', '!X', 'def');
    waitForUrgent(socket);
    expect(socket.available()).toBe(isUnix ? 7 : 3);
  });

  test('U23: MSG_OOB with 0 bytes does nothing on TCP, and is EOPNOTSUPP on Unix', () => {
    const result = outcome(() => socket.sendBytes(Buffer.alloc(0), MSG_OOB));
    expect(result).toBe(isUnix ? 'EOPNOTSUPP' : 0);
  });

  test('U24: with a full send buffer sendUrgent would block', () => {
    socket.setBlocking(false);
    const block = Buffer.alloc(65536);
    while (socket.sendBytes(block) !== WOULD_BLOCK);
    expect(socket.sendUrgent(1)).toBe(WOULD_BLOCK);
    expect(socket.sendUrgent(1)).toBe(WOULD_BLOCK);
  });

  test('U28: OOBINLINE of a listener is inherited by what it accepts', () => {
    socket.setOOBInline(true);
    send('ab', '!X');
    while (socket.available() < 3);
    expect(text(socket)).toBe('ab');
    expect(text(socket)).toBe('X');
  });
});

test('U25: MSG_OOB on sockets that are not connected', () => {
  const codes = [];
  for (const family of [constants.AF_INET, constants.AF_UNIX]) {
    const fd = raw.socket(family, constants.SOCK_STREAM, 0);
    const byte = Buffer.alloc(1);
    codes.push(raw.recv(fd, byte, 0, 1, MSG_OOB), raw.send(fd, byte, 0, 1, MSG_OOB));
    raw.close(fd);
  }
  const { EINVAL, EPIPE, ENOTCONN } = constants;
  expect(codes).toEqual([-EINVAL, -EPIPE, -EINVAL, -ENOTCONN]);
});
