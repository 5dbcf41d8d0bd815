/** The public members of `DialogSocket`. The peer is Python. */
import { DialogSocket, SELECT_READ, SELECT_URGENT, WOULD_BLOCK } from '../../lib/index';
import { testMembers } from '../support/members';
import { Peer, outcome } from '../support/peer';

const peer = new Peer();
let socket: DialogSocket;

beforeEach(() => {
  socket = new DialogSocket(peer.connection('tcp4'));
  socket.setReceiveTimeout(20_000);
});
afterEach(() => {
  socket.close();
  peer.run('s.close()');
});
afterAll(() => {
  peer.close();
});

/** The peer sends this text, every character a byte. */
function send(text: string): void {
  peer.run(`s.sendall(${JSON.stringify(text)}.encode('latin-1'))`);
}

/** What the peer has received, of so many bytes. */
function peerReceives(length: number): unknown {
  return peer.run(`s.recv(${String(length)}, socket.MSG_WAITALL)`);
}

function expectSent(count: number, bytes: string): void {
  expect(count).toBe(bytes.length);
  expect(peerReceives(bytes.length)).toBe(bytes);
}

function rawText(size: number): string {
  const buffer = Buffer.alloc(size);
  return buffer.toString('latin1', 0, socket.receiveRawBytes(buffer));
}

const telnet = {
  '.TELNET_SE': 240,
  '.TELNET_NOP': 241,
  '.TELNET_DM': 242,
  '.TELNET_BRK': 243,
  '.TELNET_IP': 244,
  '.TELNET_AO': 245,
  '.TELNET_AYT': 246,
  '.TELNET_EC': 247,
  '.TELNET_EL': 248,
  '.TELNET_GA': 249,
  '.TELNET_SB': 250,
  '.TELNET_WILL': 251,
  '.TELNET_WONT': 252,
  '.TELNET_DO': 253,
  '.TELNET_DONT': 254,
  '.TELNET_IAC': 255,
};

testMembers('DialogSocket', {
  [Object.keys(telnet).join(' ')]: () => {
    for (const [key, value] of Object.entries(telnet)) {
      expect(DialogSocket[key.slice(1) as keyof typeof DialogSocket]).toBe(value);
    }
  },
  '#sendByte': () => {
    expectSent(socket.sendByte(0xff), '\xff');
    expect(outcome(() => socket.sendByte(256))).toBe('ERR_OUT_OF_RANGE');
  },
  '#sendString': () => {
    expectSent(socket.sendString('ab\r'), 'ab\r');
    expect(socket.sendString('ü')).toBe(2);
    expect(peerReceives(2)).toBe('\xc3\xbc');
  },
  '#sendMessage': () => {
    expectSent(socket.sendMessage('Hello, world!'), 'Hello, world!\r\n');
    expectSent(socket.sendMessage('EHLO', 'appinf.com'), 'EHLO appinf.com\r\n');
    expectSent(socket.sendMessage('QUIT', ''), 'QUIT\r\n');
    expectSent(
      socket.sendMessage('PUT', 'local.txt', 'remote.txt'),
      'PUT local.txt remote.txt\r\n',
    );
    expectSent(socket.sendMessage('PUT', '', ''), 'PUT \r\n');
    expectSent(socket.sendMessage('a', 'b', 'c', 'd'), 'a b c d\r\n');
    const data = [Buffer.from('a'), Buffer.from('b')];
    expectSent(socket.sendMessage({ data }), 'ab');
  },
  '#receiveMessage': () => {
    send('one\r\ntwo\n\r\nthree\rfour\r\nabcde');
    const lines = Array.from({ length: 5 }, () => socket.receiveMessage());
    expect(lines).toEqual(['one', 'two', '', 'three', 'four']);
    expect(rawText(8)).toBe('abcde');
    send('xy');
    const buffers = [Buffer.alloc(2)];
    expect(socket.receiveMessage({ buffers }).bytes).toBe(2);
    expect(buffers.join('')).toBe('xy');
    peer.run('s.shutdown(socket.SHUT_WR)');
    expect(socket.receiveMessage()).toBeNull();
  },
  '#receiveStatusMessage': () => {
    const replies = [
      ['220 Hello, world!', 220],
      ['220-line1\n220 line2', 220],
      ['220-line1\nline2\n220 line3', 220],
      ['Hello, world!', 0],
      ['250', 250],
      ['2500 is no status', 0],
      ['211-Features:\n 211 of many\n226 files\n211-more\n211', 211],
    ] as const;
    for (const [message, status] of replies) {
      send(`${message.replaceAll('\n', '\r\n')}\r\n`);
      expect(socket.receiveStatusMessage()).toEqual({ status, message });
    }
    send('Header\nMore Bytes');
    expect(socket.receiveStatusMessage()).toEqual({ status: 0, message: 'Header' });
    expect(rawText(16)).toBe('More Bytes');
    send('Even More Bytes');
    expect(rawText(16)).toBe('Even More Bytes');
    peer.run('s.shutdown(socket.SHUT_WR)');
    expect(socket.receiveStatusMessage()).toBeNull();
  },
  '#get #peek': () => {
    send('a\xff');
    expect([socket.peek(), socket.peek(), socket.get()]).toEqual([97, 97, 97]);
    expect([socket.peek(), socket.get()]).toEqual([255, 255]);
    socket.setBlocking(false);
    expect([socket.peek(), socket.get()]).toEqual([WOULD_BLOCK, WOULD_BLOCK]);
    socket.setBlocking(true);
    peer.run('s.shutdown(socket.SHUT_WR)');
    expect([socket.peek(), socket.get()]).toEqual([null, null]);
  },
  '#receiveRawBytes': () => {
    send('line\nabcdef');
    expect(socket.receiveMessage()).toBe('line');
    const buffer = Buffer.from('........');
    expect(socket.receiveRawBytes(new Uint16Array(buffer.buffer, buffer.byteOffset, 1))).toBe(2);
    expect(socket.receiveRawBytes(buffer, 3, 1)).toBe(1);
    expect(socket.receiveRawBytes(buffer, 5)).toBe(3);
    expect(buffer.toString()).toBe('ab.c.def');
    send('xyz');
    expect(socket.receiveRawBytes(buffer, 6)).toBe(2);
    expect(buffer.toString()).toBe('ab.c.dxy');
    expect(socket.receiveRawBytes(new ArrayBuffer(8))).toBe(1);
    socket.setBlocking(false);
    expect(socket.receiveRawBytes(buffer)).toBe(WOULD_BLOCK);
    socket.setBlocking(true);
    peer.run('s.shutdown(socket.SHUT_WR)');
    expect(socket.receiveRawBytes(buffer)).toBe(0);
  },
  '#buffered #available': () => {
    expect([socket.buffered(), socket.available()]).toEqual([0, 0]);
    send('abc\r\nde');
    expect(socket.poll(5000, SELECT_READ)).toBe(true);
    expect([socket.buffered(), socket.available()]).toEqual([0, 7]);
    expect(socket.receiveMessage()).toBe('abc');
    send('f');
    expect(socket.poll(5000, SELECT_READ)).toBe(true);
    expect([socket.buffered(), socket.available()]).toEqual([2, 3]);
  },
  '#synch': () => {
    socket.sendString('ls');
    expect(socket.synch()).toBe(2);
    socket.sendString('pwd');
    expect(peer.run('select.select([], [], [s], 20)[2] == [s]')).toBe(true);
    expect(peer.run('s.recv(1, socket.MSG_OOB)')).toBe('\xf2');
    // SIOCATMARK: what a receive gives ends before the mark.
    expect(peerReceives(3)).toBe('ls\xff');
    expect(peer.run("struct.unpack('i', fcntl.ioctl(s, 0x8905, bytes(4)))[0]")).toBe(1);
    expect(peerReceives(3)).toBe('pwd');
  },
  '#sendTelnetCommand': () => {
    expectSent(socket.sendTelnetCommand(DialogSocket.TELNET_AYT), '\xff\xf6');
    expectSent(socket.sendTelnetCommand(DialogSocket.TELNET_WILL, 24), '\xff\xfb\x18');
    expectSent(socket.sendTelnetCommand(DialogSocket.TELNET_DO, 0), '\xff\xfd\x00');
  },
  '#getLineLimit #setLineLimit': () => {
    expect(socket.getLineLimit()).toBe(4096);
    socket.setLineLimit(3);
    expect(socket.getLineLimit()).toBe(3);
    send('abc\r\n');
    expect(socket.receiveMessage()).toBe('abc');
    send('abcd\r\n');
    expect(outcome(() => socket.receiveMessage())).toBe('EMSGSIZE');
  },
  '#getReplyLimit #setReplyLimit': () => {
    expect(socket.getReplyLimit()).toBe(65536);
    socket.setReplyLimit(14);
    expect(socket.getReplyLimit()).toBe(14);
    send('220-a\r\n220 b\r\n');
    expect(socket.receiveStatusMessage()).toEqual({ status: 220, message: '220-a\n220 b' });
    send('220-a\r\n220 bc\r\n');
    expect(outcome(() => socket.receiveStatusMessage())).toBe('EMSGSIZE');
  },
  '#getEncoding #setEncoding': () => {
    expect(socket.getEncoding()).toBe('utf8');
    send('\xc3\xbc\n\xfc\n\xfc\n');
    expect([socket.receiveMessage(), socket.receiveMessage()]).toEqual(['ü', '\ufffd']);
    socket.setEncoding('latin1');
    expect([socket.getEncoding(), socket.receiveMessage()]).toEqual(['latin1', 'ü']);
    expectSent(socket.sendMessage('ü', 'ÿ'), '\xfc \xff\r\n');
    expectSent(socket.sendString('é'), '\xe9');
  },
  '#dup': () => {
    const copy = socket.dup();
    send('abc\n');
    expect(copy).toBeInstanceOf(DialogSocket);
    expect([copy.equals(socket), copy.receiveMessage()]).toEqual([false, 'abc']);
    copy.close();
  },
  '.fromFileDescriptor': () => {
    const other = DialogSocket.fromFileDescriptor(socket.detach());
    send('abc\n');
    expect([socket.isNull(), other.receiveMessage()]).toEqual([true, 'abc']);
    other.close();
  },
  '.pair': () => {
    const [first, second] = DialogSocket.pair();
    first.sendMessage('abc');
    expect(second.receiveMessage()).toBe('abc');
    expect(first.poll(0, SELECT_URGENT)).toBe(false);
    first.close();
    second.close();
  },
});
