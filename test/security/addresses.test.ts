/** Names of Unix sockets: none can be taken for another. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  DatagramSocket,
  ServerSocket,
  SocketAddress,
  StreamSocket,
  constants,
} from '../../lib/index';
import * as raw from '../../lib/raw';
import { Peer, outcome } from '../support/peer';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'bsd-sockets-'));
});
afterAll(() => {
  rmSync(folder, { recursive: true });
});

test('a path and the abstract name of the same letters are two sockets', () => {
  const path = join(folder, 'name');
  const servers = [path, `\0${path}`].map((name) => new ServerSocket(new SocketAddress(name)));
  expect(servers.map((server) => server.address().path())).toEqual([path, `\0${path}`]);
  const [file, abstract] = servers.map((server) => server.address()) as [
    SocketAddress,
    SocketAddress,
  ];
  expect(file.equals(abstract)).toBe(false);
  const client = new StreamSocket(abstract);
  expect(servers[1]?.poll(5000, 1)).toBe(true);
  expect(servers[0]?.poll(0, 1)).toBe(false);
  for (const socket of [client, ...servers]) socket.close();
});

test.each([
  ['a path with a NUL', '/a\0b'],
  ['a relative path with a NUL', { path: 'a\0b' }],
  ['a path with a NUL at its end', '/a\0'],
  ['a path as bytes with a NUL', { path: 'x\0' }],
])('%s is refused: the kernel would stop at it', (_, address) => {
  expect(outcome(() => new SocketAddress(address))).toBe('ERR_INVALID_ARG_VALUE');
});

test('abstract names have their exact length: NULs in them and behind them count', () => {
  const names = ['\0a', '\0a\0', '\0a\0\0', '\0\0a', '\0'].map((name) => new SocketAddress(name));
  const sockets = names.map((name) => new DatagramSocket(name));
  expect(sockets.map((socket) => socket.address().path())).toEqual(names.map((n) => n.path()));
  for (const [i, name] of names.entries()) {
    for (const [j, other] of names.entries()) expect(name.equals(other)).toBe(i === j);
  }
  for (const socket of sockets) socket.close();
});

test('names that are no text keep their bytes, and are told apart by them', () => {
  const [first, second] = [0xfe, 0xff].map((byte) => {
    const bytes = raw.encodeAddress(constants.AF_UNIX, Buffer.from([0, 0x6e, byte]));
    return SocketAddress.fromBytes(bytes as Buffer);
  }) as [SocketAddress, SocketAddress];
  expect(first.equals(second)).toBe(false);
  const socket = new DatagramSocket(first);
  expect(socket.address().octets()).toEqual(Buffer.from([0, 0x6e, 0xfe]));
  expect(
    outcome(() => {
      new DatagramSocket('unix').connect(second);
    }),
  ).toBe('ECONNREFUSED');
  socket.close();
});

test('the longest names: a path that fills its field has no NUL behind it', () => {
  const header = Buffer.alloc(2);
  header.writeUInt16LE(constants.AF_UNIX);
  const path = join(folder, 'x'.repeat(107 - folder.length));
  expect(path).toHaveLength(108);
  for (const name of [path, `\0${'y'.repeat(107)}`]) {
    const fd = raw.socket(constants.AF_UNIX, constants.SOCK_DGRAM, 0);
    expect(raw.bind(fd, Buffer.concat([header, Buffer.from(name)]))).toBe(0);
    const socket = DatagramSocket.fromFileDescriptor(fd);
    expect(socket.address().path()).toBe(name);
    socket.close();
  }
});

test('unnamed peers have an empty path, whatever was in the memory before', () => {
  const name = Buffer.alloc(128, 'z');
  const length = Int32Array.of(128);
  const [near, far] = StreamSocket.pair();
  expect(raw.getpeername(near.sockfd(), name, length)).toBe(0);
  expect(raw.decodeAddress(name, length[0]).octets).toHaveLength(0);
  expect(SocketAddress.fromBytes(name, length[0]).path()).toBe('');
  near.close();
  far.close();
});

test('what Python binds is what we are told, both ways', () => {
  const peer = new Peer();
  const names = [join(folder, 'python'), '\0abstract\0python'];
  for (const name of names) {
    peer.run(`u = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)`);
    peer.run(`u.bind(${JSON.stringify(name).replaceAll('\\u0000', '\\x00')})`);
    const socket = new DatagramSocket(new SocketAddress('unix'));
    socket.sendTo('x', { path: name });
    peer.run('data, sender = u.recvfrom(9)');
    peer.run("u.sendto(b'y', sender)");
    expect(socket.receiveFrom(Buffer.alloc(9)).address?.path()).toBe(name);
    peer.run('u.close()');
    socket.close();
  }
  peer.close();
});
