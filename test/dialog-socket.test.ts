/**
 * `DialogSocket` where a dialogue does not go smoothly: would-block, timeouts, ends, limits, urgent
 * data, bad input. The peer is Python.
 */
import {
  ConnectionAbortedError,
  DialogSocket,
  InvalidSocketError,
  SELECT_READ,
  SELECT_URGENT,
  ServerSocket,
  StreamSocket,
  TimeoutError,
  WOULD_BLOCK,
} from '../lib/index';
import { Peer, outcome, pythonAddress, transports } from './support/peer';

const peer = new Peer();
let socket: DialogSocket;

function connect(): void {
  socket = new DialogSocket(peer.connection('tcp4'));
  socket.setReceiveTimeout(20_000);
}

beforeEach(connect);
afterEach(() => {
  socket.close();
  peer.run('s.close()');
});
afterAll(() => {
  peer.close();
});

/** The peer sends this text, every character a byte; it is here when this returns. */
function send(text: string): void {
  peer.run(`s.sendall(${JSON.stringify(text)}.encode('latin-1'))`);
  expect(socket.poll(5000, SELECT_READ)).toBe(true);
}

function sendEnd(): void {
  peer.run('s.shutdown(socket.SHUT_WR)');
}

/** All that is in the buffer, or comes by one receive. */
function rawText(): string {
  const buffer = Buffer.alloc(65536);
  return buffer.toString('latin1', 0, socket.receiveRawBytes(buffer));
}

describe('nothing is lost', () => {
  test('would-block inside a line and between CR and LF is a value', () => {
    socket.setBlocking(false);
    expect(socket.receiveMessage()).toBe(WOULD_BLOCK);
    send('ab');
    expect([socket.receiveMessage(), socket.buffered()]).toEqual([WOULD_BLOCK, 2]);
    send('c\r');
    expect([socket.receiveMessage(), socket.buffered()]).toEqual([WOULD_BLOCK, 4]);
    send('\nd\n');
    expect([socket.receiveMessage(), socket.receiveMessage()]).toEqual(['abc', 'd']);
    expect([socket.receiveMessage(), socket.buffered()]).toEqual([WOULD_BLOCK, 0]);
  });

  test('would-block inside a reply leaves its lines in the buffer', () => {
    socket.setBlocking(false);
    expect(socket.receiveStatusMessage()).toBe(WOULD_BLOCK);
    send('220-one\r\n220');
    expect([socket.receiveStatusMessage(), socket.buffered()]).toEqual([WOULD_BLOCK, 12]);
    send(' two\r\n221 bye\r\n');
    expect(socket.receiveStatusMessage()).toEqual({ status: 220, message: '220-one\n220 two' });
    expect(socket.receiveStatusMessage()).toEqual({ status: 221, message: '221 bye' });
  });

  test('a timeout leaves a part of a line and of a reply in the buffer', () => {
    socket.setReceiveTimeout(10);
    expect(() => socket.get()).toThrow(TimeoutError);
    send('220-ab');
    expect(() => socket.receiveMessage()).toThrow(TimeoutError);
    expect(() => socket.receiveStatusMessage()).toThrow(TimeoutError);
    expect(socket.buffered()).toBe(6);
    send('c\r\n220 d\r\n');
    expect(socket.receiveStatusMessage()).toEqual({ status: 220, message: '220-abc\n220 d' });
  });

  test('lines of every length, in one piece and byte by byte', () => {
    const lines = Array.from(
      { length: 300 },
      (_, index) => 'x'.repeat((index * 7) % 41) + String(index),
    );
    send(lines.map((line) => `${line}\r\n`).join(''));
    expect(lines.map(() => socket.receiveMessage())).toEqual(lines);
    peer.run('s.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)');
    socket.setBlocking(false);
    for (const byte of '220-a\r\n220 b\r') {
      send(byte);
      expect(socket.receiveStatusMessage()).toBe(WOULD_BLOCK);
    }
    send('\n');
    expect(socket.receiveStatusMessage()).toEqual({ status: 220, message: '220-a\n220 b' });
  });

  test('a handle on the same implementation has the same buffer, limits and encoding', () => {
    send('one\ntwo\nthree\n');
    expect(socket.receiveMessage()).toBe('one');
    const other = new DialogSocket(socket);
    socket.setLineLimit(10);
    expect([other.receiveMessage(), other.getLineLimit()]).toEqual(['two', 10]);
    const third = new DialogSocket().assign(socket);
    expect(third.receiveMessage()).toBe('three');
  });

  test('a new connection does not begin with what was left of the old one', () => {
    send('one\nleft over\n');
    expect(socket.receiveMessage()).toBe('one');
    const server = new ServerSocket('127.0.0.1:0');
    // Another handle closes it and connects it again.
    const handle = new StreamSocket(socket);
    handle.close();
    expect(() => socket.receiveMessage()).toThrow(InvalidSocketError);
    handle.connect(server.address());
    expect(socket.buffered()).toBe(0);
    server.acceptConnection()?.sendBytes('two\n');
    expect(socket.receiveMessage()).toBe('two');
    server.close();
  });
});

describe('the end of the stream', () => {
  test('inside a line is an error, and the part is there', () => {
    send('whole\r\npart');
    sendEnd();
    expect(socket.receiveMessage()).toBe('whole');
    for (let times = 0; times < 2; times++) {
      expect(() => socket.receiveMessage()).toThrow(ConnectionAbortedError);
      expect(() => socket.receiveMessage()).toThrow(/recv ECONNABORTED: .*inside a line/);
    }
    expect([rawText(), socket.receiveMessage()]).toEqual(['part', null]);
  });

  test('inside a reply is an error, and its lines are there', () => {
    send('220-one\r\n220-two\r\n22');
    sendEnd();
    expect(() => socket.receiveStatusMessage()).toThrow(ConnectionAbortedError);
    expect(() => socket.receiveStatusMessage()).toThrow(/inside a reply/);
    expect([socket.receiveMessage(), socket.receiveMessage()]).toEqual(['220-one', '220-two']);
    expect(rawText()).toBe('22');
    expect(socket.receiveStatusMessage()).toBeNull();
  });

  test('after a CR ends the line', () => {
    send('220 bye\r');
    sendEnd();
    expect(socket.receiveStatusMessage()).toEqual({ status: 220, message: '220 bye' });
    expect(socket.receiveMessage()).toBeNull();
  });

  test('a reset is told, and the part before it stays', () => {
    socket.setBlocking(false);
    send('part');
    expect(socket.receiveMessage()).toBe(WOULD_BLOCK);
    peer.run("s.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack('ii', 1, 0))");
    peer.run('s.close()');
    socket.setBlocking(true);
    expect(outcome(() => socket.receiveMessage())).toBe('ECONNRESET');
    expect(outcome(() => socket.receiveMessage())).toBe('ECONNABORTED');
    expect(rawText()).toBe('part');
  });
});

describe('limits', () => {
  test('a line of the limit passes, one byte more is told, and can still be read', () => {
    const line = 'x'.repeat(4096);
    send(`${line}\r\n${line}\r${line}y\r\n`);
    expect([socket.receiveMessage(), socket.receiveMessage()]).toEqual([line, line]);
    expect(outcome(() => socket.receiveMessage())).toBe('EMSGSIZE');
    expect(outcome(() => socket.receiveStatusMessage())).toBe('EMSGSIZE');
    socket.setLineLimit(4097);
    expect(socket.receiveMessage()).toBe(`${line}y`);
  });

  test('a line without end is told as soon as it is too long, not at its end', () => {
    socket.setLineLimit(4);
    send('abcde');
    expect(outcome(() => socket.receiveMessage())).toBe('EMSGSIZE');
    expect(rawText()).toBe('abcde');
  });

  test('a reply without end is told, and its lines can be read', () => {
    socket.setReplyLimit(20);
    send('220-aaaa\r\n'.repeat(3));
    expect(outcome(() => socket.receiveStatusMessage())).toBe('EMSGSIZE');
    expect([1, 2, 3].map(() => socket.receiveMessage())).toEqual(Array(3).fill('220-aaaa'));
  });

  test('a long line with a limit to fit', () => {
    socket.setLineLimit(1 << 20);
    const server = new ServerSocket('127.0.0.1:0');
    peer.run(`t = socket.create_connection(${pythonAddress(server.address())})`);
    const long = new DialogSocket(server.acceptConnection() as StreamSocket);
    long.setLineLimit(1 << 20);
    peer.start("t.sendall(b'z' * (1 << 20) + b'\\r\\nnext\\r\\n')");
    expect(long.receiveMessage()).toBe('z'.repeat(1 << 20));
    expect(long.receiveMessage()).toBe('next');
    peer.finish();
    long.close();
    server.close();
  });
});

describe('urgent data', () => {
  test('the buffer is not filled past the mark; at the mark the byte can be taken first', () => {
    peer.run("s.sendall(b'ab\\r\\n'); s.send(b'X', socket.MSG_OOB); s.sendall(b'cd\\r\\n')");
    expect(socket.poll(5000, SELECT_URGENT)).toBe(true);
    expect([socket.receiveMessage(), socket.atUrgentMark()]).toEqual(['ab', true]);
    expect(socket.receiveUrgent()).toBe(0x58);
    expect(socket.receiveMessage()).toBe('cd');
  });

  test('filling the buffer at the mark destroys a byte that was not taken', () => {
    peer.run("s.sendall(b'ab\\r\\n'); s.send(b'X', socket.MSG_OOB); s.sendall(b'cd\\r\\n')");
    expect(socket.poll(5000, SELECT_URGENT)).toBe(true);
    expect([socket.receiveMessage(), socket.receiveMessage()]).toEqual(['ab', 'cd']);
    expect(socket.receiveUrgent()).toBeNull();
  });

  test('the other side of a Synch: the buffer, up to the mark, the byte', () => {
    send('line\r\nrest');
    expect(socket.receiveMessage()).toBe('line');
    peer.run("s.sendall(b'junk'); s.send(b'\\xff\\xf2', socket.MSG_OOB); s.sendall(b'go\\r\\n')");
    expect(socket.poll(5000, SELECT_URGENT)).toBe(true);
    expect(rawText()).toBe('rest');
    expect(socket.readToMark(Buffer.alloc(64))).toEqual({ bytes: 5, atMark: true });
    expect(socket.receiveUrgent()).toBe(DialogSocket.TELNET_DM);
    expect(socket.receiveMessage()).toBe('go');
  });
});

test.each(transports)('a dialogue over %s', (transport) => {
  const dialog = new DialogSocket(peer.connection(transport, 'd'));
  peer.run("f = d.makefile('rwb')");
  peer.start("f.write(b'250-' + f.readline() + b'250 ok\\r\\n'); f.flush()");
  dialog.sendMessage('HELO', 'example.com');
  expect(dialog.receiveStatusMessage()).toEqual({
    status: 250,
    message: '250-HELO example.com\n250 ok',
  });
  peer.finish();
  dialog.close();
  peer.run('f.close(); d.close()');
});

test('constructors: as of StreamSocket', () => {
  const server = new ServerSocket('127.0.0.1:0');
  const client = new DialogSocket(server.address());
  const accepted = server.acceptConnection() as StreamSocket;
  client.sendMessage('hello');
  expect(new DialogSocket(accepted.impl()).receiveMessage()).toBe('hello');
  const opened = new DialogSocket('ipv4');
  expect([new DialogSocket().isNull(), opened.isNull()]).toEqual([true, false]);
  expect(outcome(() => new DialogSocket(server))).toBe('ERR_INVALID_ARG_TYPE');
  for (const each of [client, accepted, server, opened]) each.close();
});

test('a nonblocking line that does not fit: a short count, then would-block', () => {
  socket.setBlocking(false);
  const line = 'x'.repeat(1 << 25);
  let sent = socket.sendMessage(line);
  expect(sent).toBeGreaterThan(0);
  expect(sent).toBeLessThan(line.length);
  let n: number;
  while ((n = socket.sendString(line)) > 0) sent += n;
  expect(n).toBe(WOULD_BLOCK);
  expect(peer.run(`len(s.recv(${String(sent)}, socket.MSG_WAITALL))`)).toBe(sent);
});

describe('bad input: an error before any call, and nothing is sent', () => {
  const type = 'ERR_INVALID_ARG_TYPE';
  const range = 'ERR_OUT_OF_RANGE';
  const value = 'ERR_INVALID_ARG_VALUE';
  const cases: [string, () => unknown, string][] = [
    ['a byte that is text', () => socket.sendByte('a' as never), type],
    ['a byte of 256', () => socket.sendByte(256), range],
    ['a byte of -1', () => socket.sendByte(-1), range],
    ['a byte with a fraction', () => socket.sendByte(1.5), range],
    ['a string that is a buffer', () => socket.sendString(Buffer.from('a') as never), type],
    ['no string', () => socket.sendString(undefined as never), type],
    ['a message that is a number', () => socket.sendMessage(5 as never), type],
    ['a message that is null', () => socket.sendMessage(null as never), type],
    ['no message', () => socket.sendMessage(undefined as never), type],
    ['an argument that is a number', () => socket.sendMessage('a', 5 as never), type],
    ['an argument that is undefined', () => socket.sendMessage('a', 'b', undefined as never), type],
    ['an argument with CRLF', () => socket.sendMessage('RCPT', 'a\r\nDATA'), value],
    ['an argument with LF', () => socket.sendMessage('RCPT', 'a', '\n'), value],
    ['an argument with CR', () => socket.sendMessage('RCPT', '\r', 'a'), value],
    ['a request that is null', () => socket.receiveMessage(null as never), type],
    ['a request that is text', () => socket.receiveMessage('a' as never), type],
    ['raw bytes into text', () => socket.receiveRawBytes('a' as never), type],
    ['raw bytes into an array', () => socket.receiveRawBytes([Buffer.alloc(1)] as never), type],
    ['an offset past the end', () => socket.receiveRawBytes(Buffer.alloc(1), 2), range],
    ['an offset that is text', () => socket.receiveRawBytes(Buffer.alloc(1), '0' as never), type],
    ['a length past the end', () => socket.receiveRawBytes(Buffer.alloc(2), 1, 2), range],
    ['a negative length', () => socket.receiveRawBytes(Buffer.alloc(2), 0, -1), range],
    ['no Telnet command', () => socket.sendTelnetCommand(undefined as never), type],
    ['a Telnet command of 256', () => socket.sendTelnetCommand(256), range],
    ['a Telnet option of -1', () => socket.sendTelnetCommand(251, -1), range],
    ['a Telnet option that is null', () => socket.sendTelnetCommand(251, null as never), type],
    [
      'a line limit of 0',
      () => {
        socket.setLineLimit(0);
      },
      range,
    ],
    [
      'a line limit that is text',
      () => {
        socket.setLineLimit('1' as never);
      },
      type,
    ],
    [
      'a reply limit without end',
      () => {
        socket.setReplyLimit(Infinity);
      },
      range,
    ],
    [
      'an encoding that is a number',
      () => {
        socket.setEncoding(8 as never);
      },
      type,
    ],
    [
      'an unknown encoding',
      () => {
        socket.setEncoding('utf-7' as never);
      },
      value,
    ],
  ];
  test.each(cases)('%s', (_, call, code) => {
    expect(outcome(call)).toBe(code);
    socket.shutdownSend();
    expect(peer.run('s.recv(1)')).toBe('');
  });

  test('an argument that becomes a line end in latin-1', () => {
    socket.setEncoding('latin1');
    expect(outcome(() => socket.sendMessage('RCPT', 'a\u010aDATA'))).toBe(value);
  });

  test('nothing in the buffer is lost', () => {
    send('one\ntwo\n');
    expect(socket.receiveMessage()).toBe('one');
    for (const [, call] of cases) expect(outcome(call)).toMatch(/^ERR_/);
    expect(socket.receiveMessage()).toBe('two');
  });

  test('a closed or unopened socket', () => {
    const calls: ((closed: DialogSocket) => unknown)[] = [
      (closed) => closed.sendByte(1),
      (closed) => closed.sendString('a'),
      (closed) => closed.sendMessage('a'),
      (closed) => closed.receiveMessage(),
      (closed) => closed.receiveStatusMessage(),
      (closed) => closed.get(),
      (closed) => closed.peek(),
      (closed) => closed.receiveRawBytes(Buffer.alloc(1)),
      (closed) => closed.synch(),
      (closed) => closed.sendTelnetCommand(241),
      (closed) => closed.available(),
      (closed) => closed.dup(),
    ];
    for (const call of calls) expect(() => call(new DialogSocket())).toThrow(InvalidSocketError);
  });
});

/** tsc fails where a line that is marked as an error compiles; nothing of this runs. */
export function misuseDoesNotCompile(dialog: DialogSocket): void {
  const count: number = dialog.sendMessage('a', 'b') + dialog.sendMessage({ flags: 0 });
  const bytes: number = dialog.receiveMessage({ buffers: [] }).bytes;
  const line: string | number | null = dialog.receiveMessage();
  // @ts-expect-error a line may be missing
  const text: string = dialog.receiveMessage();
  // @ts-expect-error a message for buffers has no arguments
  dialog.sendMessage({ flags: 0 }, 'a');
  // @ts-expect-error there are two encodings
  dialog.setEncoding('hex');
  expect([count, bytes, line, text]).toBeDefined();
}
