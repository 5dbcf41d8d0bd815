/** Bad input: a clear error before any call, nothing changed, nothing lost. */
import { InvalidSocketError, ServerSocket, SocketAddress, StreamSocket } from '../lib/index';
import * as raw from '../lib/raw';
import { isMusl } from './support/libc';
import { localPair, outcome, text } from './support/peer';

const buffer = Buffer.alloc(8);

describe('raw calls', () => {
  const cases: [string, () => unknown, string][] = [
    [
      'no arguments',
      () => raw.recv(...([] as unknown as Parameters<typeof raw.recv>)),
      'ERR_INVALID_ARG_TYPE',
    ],
    ['a fd that is NaN', () => raw.recv(NaN, buffer, 0, 1, 0), 'ERR_OUT_OF_RANGE'],
    ['a fd with a fraction', () => raw.close(1.5), 'ERR_OUT_OF_RANGE'],
    ['a negative fd', () => raw.close(-2), 'ERR_OUT_OF_RANGE'],
    ['a huge fd', () => raw.close(2 ** 32), 'ERR_OUT_OF_RANGE'],
    ['a fd that is a string', () => raw.close('1' as never), 'ERR_INVALID_ARG_TYPE'],
    ['the fd of no descriptor', () => raw.close(-1), 'EBADF'],
    ['an offset past the end', () => raw.recv(99, buffer, 9, 0, 0), 'ERR_OUT_OF_RANGE'],
    ['a length past the end', () => raw.recv(99, buffer, 4, 5, 0), 'ERR_OUT_OF_RANGE'],
    ['a negative length', () => raw.recv(99, buffer, 0, -1, 0), 'ERR_OUT_OF_RANGE'],
    ['an infinite length', () => raw.recv(99, buffer, 0, Infinity, 0), 'ERR_OUT_OF_RANGE'],
    ['no buffer', () => raw.recv(99, {} as never, 0, 0, 0), 'ERR_INVALID_ARG_TYPE'],
    [
      'a bare SharedArrayBuffer',
      () => raw.recv(99, new SharedArrayBuffer(8) as never, 0, 1, 0),
      'ERR_INVALID_ARG_TYPE',
    ],
    ['flags of more than 32 bits', () => raw.recv(99, buffer, 0, 1, 2 ** 33), 'ERR_OUT_OF_RANGE'],
    [
      'a vector that is none',
      () => raw.recvmsg(99, null, buffer as never, null, 0),
      'ERR_INVALID_ARG_TYPE',
    ],
    [
      'a vector with a hole',
      () => raw.sendmsg(99, null, [buffer, undefined as never], null, 0),
      'ERR_INVALID_ARG_TYPE',
    ],
    [
      'an ioctl on a struct with a pointer in it',
      () => raw.ioctl(99, 0x8946, Buffer.alloc(64)),
      'ERR_OUT_OF_RANGE',
    ],
    [
      'an ioctl on half a struct',
      () => raw.ioctl(99, raw.constants.SIOCGIFMTU ?? 0, Buffer.alloc(31)),
      'ERR_OUT_OF_RANGE',
    ],
    [
      'an ioctl on one int, with bytes',
      () => raw.ioctl(99, raw.constants.FIONREAD, Buffer.alloc(4)),
      'ERR_INVALID_ARG_TYPE',
    ],
    [
      'a filter of more instructions than there are',
      () => raw.attachFilter(99, raw.constants.SO_ATTACH_FILTER ?? 0, new Int32Array(4), 2),
      'ERR_OUT_OF_RANGE',
    ],
    [
      'a filter where there is none',
      () => raw.attachFilter(99, raw.constants.SO_KEEPALIVE, new Int32Array(4), 1),
      'ERR_OUT_OF_RANGE',
    ],
    ['a fcntl on a struct', () => raw.fcntl(99, 6), 'ERR_OUT_OF_RANGE'],
    ['too few poll entries', () => raw.poll(new Int32Array(3), 2, 0), 'ERR_OUT_OF_RANGE'],
    [
      'poll entries of another kind',
      () => raw.poll(new Uint8Array(3) as never, 1, 0),
      'ERR_INVALID_ARG_TYPE',
    ],
    [
      'an address length past its end',
      () => raw.getsockname(99, buffer, Int32Array.of(9)),
      'ERR_OUT_OF_RANGE',
    ],
    [
      'a batch larger than its slab',
      () => raw.recvmmsg(99, buffer, 4, null, 3, new Int32Array(9), 0),
      'ERR_OUT_OF_RANGE',
    ],
    [
      'a batch of messages of no size',
      () => raw.recvmmsg(99, buffer, 0, null, 1, new Int32Array(3), 0),
      'ERR_OUT_OF_RANGE',
    ],
    [
      'a batch without room for the names',
      () => raw.recvmmsg(99, buffer, 4, Buffer.alloc(255), 2, new Int32Array(6), 0),
      'ERR_OUT_OF_RANGE',
    ],
    [
      'a batch without room for the results',
      () => raw.recvmmsg(99, buffer, 4, null, 2, new Int32Array(5), 0),
      'ERR_OUT_OF_RANGE',
    ],
    [
      'a message longer than its place',
      () => raw.sendmmsg(99, buffer, 4, null, 1, Int32Array.of(5, 0, 0), 0),
      'ERR_OUT_OF_RANGE',
    ],
    [
      'the length of a name that is not there',
      () => raw.sendmmsg(99, buffer, 4, null, 1, Int32Array.of(4, 16, 0), 0),
      'ERR_OUT_OF_RANGE',
    ],
    [
      'a name longer than a sockaddr',
      () => raw.sendmmsg(99, buffer, 4, Buffer.alloc(128), 1, Int32Array.of(4, 129, 0), 0),
      'ERR_OUT_OF_RANGE',
    ],
    [
      'more epoll events than there is room for',
      () => raw.epoll_wait(99, new Int32Array(3), 2, 0),
      'ERR_OUT_OF_RANGE',
    ],
    ['no epoll events', () => raw.epoll_wait(99, new Int32Array(2), 0, 0), 'ERR_OUT_OF_RANGE'],
    ['an epoll on no descriptor', () => raw.epoll_ctl(99, 1, -1, 1, 0), 'EBADF'],
    ['a negative file offset', () => raw.sendfile(99, 98, -1, 1), 'ERR_OUT_OF_RANGE'],
    ['an endless file', () => raw.sendfile(99, 98, 0, Infinity), 'ERR_OUT_OF_RANGE'],
    [
      'control messages that are none',
      () => raw.encodeControl([7 as never]),
      'ERR_INVALID_ARG_TYPE',
    ],
    [
      'control messages without data',
      () => raw.encodeControl([{ level: 1, type: 1 } as never]),
      'ERR_INVALID_ARG_TYPE',
    ],
    ['packet info of no address', () => raw.encodePacketInfo(1, buffer), 'ERR_OUT_OF_RANGE'],
    ['half a packet info', () => raw.decodePacketInfo(buffer.subarray(0, 4)), 'ERR_OUT_OF_RANGE'],
    ['half the credentials', () => raw.decodeCredentials(buffer), 'ERR_OUT_OF_RANGE'],
    ['half an error', () => raw.decodeExtendedError(buffer), 'ERR_OUT_OF_RANGE'],
    ['half a vsock address', () => raw.decodeVsock(buffer), 'ERR_OUT_OF_RANGE'],
    [
      'a group longer than a sockaddr',
      () => raw.encodeGroup(0, Buffer.alloc(129)),
      'ERR_OUT_OF_RANGE',
    ],
    ['an interface with a NUL', () => raw.if_nametoindex('lo\0'), 'ERR_INVALID_ARG_TYPE'],
    ['a symbol', () => raw.socket(Symbol('x') as never, 1, 0), 'ERR_INVALID_ARG_TYPE'],
    ['a bigint', () => raw.socket(2n as never, 1, 0), 'ERR_INVALID_ARG_TYPE'],
  ];
  test.each(cases)('%s', (_, call, code) => {
    expect(outcome(call)).toBe(code);
  });

  test('a detached buffer is refused', () => {
    const memory = new ArrayBuffer(8);
    const view = new Uint8Array(memory);
    structuredClone(memory, { transfer: [memory] });
    for (const detached of [memory, view, new Uint8Array(0).buffer === memory ? view : view]) {
      expect(outcome(() => raw.recv(99, detached, 0, 0, 0))).toBe('ERR_INVALID_ARG_TYPE');
    }
  });

  test('a getter in a vector cannot take memory away that is already noted', () => {
    const memory = new ArrayBuffer(8);
    const vector: ArrayBufferView[] = [new Uint8Array(memory)];
    Object.defineProperty(vector, 1, {
      get: () => {
        structuredClone(memory, { transfer: [memory] });
        return buffer;
      },
    });
    expect(outcome(() => raw.recvmsg(99, null, vector, null, 0))).toBe('ERR_INVALID_ARG_TYPE');
  });

  test('an unopened number is the kernel’s to refuse', () => {
    expect(raw.recv(2 ** 30, buffer, 0, 1, 0)).toBe(-raw.constants.EBADF);
  });
});

describe('classes', () => {
  test('after a refused call nothing is lost', () => {
    const [client, accepted] = localPair('tcp4');
    client.sendBytes('abc');
    const bad: (() => unknown)[] = [
      () => accepted.receiveBytes(buffer, 0, 0, 9),
      () => accepted.receiveBytes(buffer, 0, -1),
      () => accepted.receiveBytes(buffer, NaN),
      () => accepted.receiveBytes(null as never),
      () => accepted.receiveBytes('text' as never),
      () => accepted.receiveBytes(Object.freeze({}) as never),
      () => accepted.receiveBytes([buffer, 'x' as never]),
    ];
    for (const call of bad) expect(outcome(call)).toMatch(/^ERR_/);
    expect(text(accepted)).toBe('abc');
    client.close();
    accepted.close();
  });

  test('a socket of another kind, or none at all', () => {
    const server = new ServerSocket();
    for (const other of [server, 7n, true, {}, null]) {
      expect(outcome(() => new StreamSocket(other as never))).toBe('ERR_INVALID_ARG_TYPE');
    }
    expect(() => new StreamSocket().receiveBytes(buffer)).toThrow(InvalidSocketError);
  });

  test('families that do not fit are the kernel’s to refuse', () => {
    const socket = new StreamSocket('ipv4');
    expect(
      outcome(() => {
        socket.connect('[::1]:1');
      }),
    ).toBe('EAFNOSUPPORT');
    socket.close();
  });
});

describe('addresses', () => {
  const cases: [string, () => unknown, string][] = [
    ['port 65536', () => new SocketAddress('127.0.0.1', 65536), 'ERR_OUT_OF_RANGE'],
    ['port -1', () => new SocketAddress('127.0.0.1', -1), 'ERR_OUT_OF_RANGE'],
    ['port 1.5', () => new SocketAddress('127.0.0.1', 1.5), 'ERR_OUT_OF_RANGE'],
    ['port +80', () => new SocketAddress('127.0.0.1', '+80'), 'ERR_INVALID_ARG_VALUE'],
    ['a port with a blank', () => new SocketAddress('127.0.0.1', ' 80'), 'ERR_INVALID_ARG_VALUE'],
    [
      'a port with a separator',
      () => new SocketAddress('127.0.0.1', '8,080'),
      'ERR_INVALID_ARG_VALUE',
    ],
    ['a hexadecimal port', () => new SocketAddress('127.0.0.1', '0x50'), 'EAI_SERVICE'],
    ['an unknown service', () => new SocketAddress('127.0.0.1', 'f00bar'), 'EAI_SERVICE'],
    ['no port', () => new SocketAddress('127.0.0.1'), 'ERR_INVALID_ARG_VALUE'],
    ['IPv6 without brackets', () => new SocketAddress('::1:80'), 'ERR_INVALID_ARG_VALUE'],
    ['no closing bracket', () => new SocketAddress('[::1:80'), 'ERR_INVALID_ARG_VALUE'],
    ['nothing', () => new SocketAddress(''), 'ERR_INVALID_ARG_VALUE'],
    ['an empty host', () => new SocketAddress(':80'), 'ERR_INVALID_ARG_VALUE'],
    ['a host with NUL', () => new SocketAddress('a\0b', 80), 'ERR_INVALID_ARG_VALUE'],
    ['an unknown host', () => new SocketAddress('no.such.host.invalid', 80), 'ENOTFOUND'],
    [
      'an address of another family',
      () => new SocketAddress('ipv6', '127.0.0.1', 80),
      isMusl ? 'ENOTFOUND' : 'EAI_ADDRFAMILY',
    ],
    ['a path of 108 bytes', () => new SocketAddress(`/${'x'.repeat(107)}`), 'ERR_OUT_OF_RANGE'],
    ['a path with NUL', () => new SocketAddress('/a\0b'), 'ERR_INVALID_ARG_VALUE'],
    ['an unknown interface', () => new SocketAddress('[fe80::1%none]:1'), 'ERR_INVALID_ARG_VALUE'],
    ['an empty object', () => new SocketAddress({} as never), 'ERR_INVALID_ARG_TYPE'],
    ['null', () => new SocketAddress(null as never), 'ERR_INVALID_ARG_TYPE'],
    ['an unknown family', () => new SocketAddress(99, '127.0.0.1', 80), 'ERR_OUT_OF_RANGE'],
  ];
  test.each(cases)('%s', (_, call, code) => {
    expect(outcome(call)).toBe(code);
  });

  test('a path of 107 bytes fits', () => {
    expect(new SocketAddress(`/${'x'.repeat(106)}`).path()).toHaveLength(107);
  });
});
