/** One test for each public member, and a test that none is missing. */
import * as net from 'node:net';
import * as library from '../lib/index';
import * as raw from '../lib/raw';
import { outcome, text } from './support/peer';

const {
  FIFOBuffer,
  GrowableBuffer,
  SELECT_READ,
  SELECT_WRITE,
  ServerSocket,
  Socket,
  SocketAddress,
  StreamSocket,
  WOULD_BLOCK,
  constants,
} = library;
const { AF_INET, AF_INET6, MSG_OOB, SOL_SOCKET, SO_KEEPALIVE } = constants;

let server: library.ServerSocket;
let client: library.StreamSocket;
let accepted: library.StreamSocket;

beforeEach(() => {
  server = new ServerSocket('127.0.0.1:0');
  client = new StreamSocket(server.address());
  accepted = server.acceptConnection() as library.StreamSocket;
});
afterEach(() => {
  for (const socket of [server, client, accepted]) socket.close();
});

const v4 = (): library.SocketAddress => new SocketAddress('127.0.0.1', 80);
const unix = (): library.SocketAddress => new SocketAddress('/tmp/socket');

/** A boolean option differs before it is set, and is read back. */
function flips(get: () => boolean, set: (on: boolean) => void): void {
  const before = get();
  set(!before);
  expect(get()).toBe(!before);
  set(before);
  expect(get()).toBe(before);
}

const members: Record<string, () => unknown> = {
  'SocketAddress.from': () => {
    const address = v4();
    expect(SocketAddress.from(address)).toBe(address);
    for (const form of [
      '127.0.0.1:80',
      { host: '127.0.0.1', port: 80 },
      { address: '127.0.0.1', port: '80' },
      new net.SocketAddress({ address: '127.0.0.1', port: 80 }),
      '127.0.0.1:http',
    ]) {
      expect(SocketAddress.from(form).equals(address)).toBe(true);
    }
    expect(SocketAddress.from(80).toString()).toBe('0.0.0.0:80');
  },
  'SocketAddress.fromBytes': () => {
    const bytes = v4().addr();
    expect(SocketAddress.fromBytes(bytes).toString()).toBe('127.0.0.1:80');
    expect(outcome(() => SocketAddress.fromBytes(bytes, 3))).toBe('ERR_OUT_OF_RANGE');
  },
  'SocketAddress.resolve': async () => {
    const all = await SocketAddress.resolve('localhost', 'http', { family: 'ipv4' });
    expect(all.map(String)).toContain('127.0.0.1:80');
    const missing = SocketAddress.resolve('no.such.host.invalid', 1);
    await expect(missing).rejects.toBeInstanceOf(library.HostNotFoundError);
    const signal = AbortSignal.abort();
    await expect(SocketAddress.resolve('localhost', 1, { signal })).rejects.toHaveProperty(
      'name',
      'AbortError',
    );
  },
  'SocketAddress#host': () => {
    expect(v4().host()).toBe('127.0.0.1');
    expect(new SocketAddress('1:0:0:2:0:0:0:3', 1).host()).toBe('1:0:0:2::3');
    expect(outcome(() => unix().host())).toBe('ERR_INVALID_STATE');
  },
  'SocketAddress#port': () => {
    expect(v4().port()).toBe(80);
    expect(new SocketAddress('127.0.0.1', 'ftp').port()).toBe(21);
  },
  'SocketAddress#path': () => {
    expect(unix().path()).toBe('/tmp/socket');
    expect(new SocketAddress('\0name').path()).toBe('\0name');
    expect(new SocketAddress('unix').path()).toBe('');
    expect(outcome(() => v4().path())).toBe('ERR_INVALID_STATE');
  },
  'SocketAddress#family': () => {
    expect([v4(), new SocketAddress('[::1]:1'), unix()].map((a) => a.family())).toEqual([
      'ipv4',
      'ipv6',
      'unix',
    ]);
  },
  'SocketAddress#af': () => {
    expect(v4().af()).toBe(AF_INET);
    expect(new SocketAddress(AF_INET6, 1).af()).toBe(AF_INET6);
  },
  'SocketAddress#addr': () => {
    const address = v4();
    address.addr().fill(0);
    expect(address.toString()).toBe('127.0.0.1:80');
  },
  'SocketAddress#length': () => {
    expect(v4().length()).toBe(16);
    expect(new SocketAddress('\0name').length()).toBe(7);
  },
  'SocketAddress#toString': () => {
    for (const form of ['1.2.3.4:5', '[::1%lo]:80', '/tmp/x', '\0abstract']) {
      expect(new SocketAddress(form).toString()).toBe(form);
    }
  },
  'SocketAddress#toJSON': () => {
    expect(JSON.stringify(v4())).toBe('{"family":"ipv4","host":"127.0.0.1","port":80}');
    expect(JSON.stringify(unix())).toBe('{"family":"unix","path":"/tmp/socket"}');
  },
  'SocketAddress#equals': () => {
    expect(v4().equals('127.0.0.1:80')).toBe(true);
    expect(v4().equals('127.0.0.1:81')).toBe(false);
    expect(new SocketAddress('\0a').equals({ path: '\0b' })).toBe(false);
  },
  'SocketAddress#compareTo': () => {
    const sorted = ['1.2.3.4:5', '1.2.3.4:6', '1.2.3.5:5', '[::1]:1', '/a', '/b'];
    const mixed = [...sorted].reverse().map((text) => new SocketAddress(text));
    expect(mixed.sort((a, b) => a.compareTo(b)).map(String)).toEqual(sorted);
  },
  'SocketAddress#toEndpoint': () => {
    expect(v4().toEndpoint()).toEqual({ address: '127.0.0.1', port: 80 });
  },
  'Socket.select': () => {
    const read: library.Socket[] = [accepted];
    client.sendBytes('x');
    expect(Socket.select(read, [], [], 5000)).toBe(1);
  },
  'Socket.supportsIPv4': () => {
    expect(Socket.supportsIPv4()).toBe(true);
  },
  'Socket.supportsIPv6': () => {
    expect(typeof Socket.supportsIPv6()).toBe('boolean');
  },
  'Socket.makeBuffer': () => {
    expect([...Socket.makeBuffer(2)]).toEqual([0, 0]);
    const bytes = Uint16Array.of(1, 2);
    Socket.makeBuffer(bytes)[2] = 7;
    expect(bytes[1]).toBe(7);
  },
  'Socket.makeBufVec': () => {
    expect(Socket.makeBufVec(2, 3).map((b) => b.byteLength)).toEqual([3, 3]);
    expect(Socket.makeBufVec(['ab', 'ü']).map((b) => b.byteLength)).toEqual([2, 2]);
  },
  'Socket.destroyBufVec': () => {
    const vector = Socket.makeBufVec(2, 3);
    Socket.destroyBufVec(vector);
    expect(vector).toEqual([]);
  },
  'Socket#assign': () => {
    const other = new StreamSocket();
    other.assign(client);
    expect(other.sockfd()).toBe(client.sockfd());
    expect(outcome(() => other.assign(server))).toBe('ERR_INVALID_ARG_TYPE');
    expect(other.equals(client)).toBe(true);
  },
  'Socket#equals': () => {
    expect(new StreamSocket(client).equals(client)).toBe(true);
    expect(client.equals(accepted)).toBe(false);
  },
  'Socket#compareTo': () => {
    expect(server.compareTo(client)).toBeLessThan(0);
    expect(new Socket(client).compareTo(client)).toBe(0);
  },
  'Socket#impl': () => {
    expect(new StreamSocket(client.impl()).equals(client)).toBe(true);
    expect(outcome(() => new StreamSocket(server.impl()))).toBe('ERR_INVALID_ARG_TYPE');
  },
  'Socket#sockfd': () => {
    expect(client.sockfd()).toBeGreaterThan(2);
    expect(new Socket().sockfd()).toBe(-1);
  },
  'Socket#isNull': () => {
    expect([client.isNull(), new Socket().isNull()]).toEqual([false, true]);
  },
  'Socket#type': () => {
    expect(client.type()).toBe(constants.SOCK_STREAM);
  },
  'Socket#secure': () => {
    expect(client.secure()).toBe(false);
  },
  'Socket#init': () => {
    const socket = new StreamSocket();
    socket.init('ipv6');
    expect(socket.address().toString()).toBe('[::]:0');
    expect(
      outcome(() => {
        socket.init(AF_INET);
      }),
    ).toBe('EISCONN');
    socket.close();
  },
  'Socket#close': () => {
    const handle = new Socket(client);
    client.close();
    client.close();
    expect(handle.isNull()).toBe(true);
    expect(text(accepted)).toBe(0);
  },
  'Socket#address': () => {
    expect(client.address().equals(accepted.peerAddress())).toBe(true);
  },
  'Socket#peerAddress': () => {
    expect(client.peerAddress().equals(server.address())).toBe(true);
    const socket = new StreamSocket('ipv4');
    expect(outcome(() => socket.peerAddress())).toBe('ENOTCONN');
    socket.close();
  },
  'Socket#available': () => {
    client.sendBytes('hello');
    expect(accepted.poll(5000, SELECT_READ)).toBe(true);
    expect(accepted.available()).toBe(5);
  },
  'Socket#atUrgentMark': () => {
    client.sendUrgent(1);
    expect(accepted.poll(5000, library.SELECT_URGENT)).toBe(true);
    expect(accepted.atUrgentMark()).toBe(true);
  },
  'Socket#getError': () => {
    expect(client.getError()).toBeNull();
  },
  'Socket#getBlocking': () => {
    raw.ioctl(client.sockfd(), constants.FIONBIO, Int32Array.of(1));
    expect(client.getBlocking()).toBe(false);
  },
  'Socket#setBlocking': () => {
    flips(
      () => client.getBlocking(),
      (on) => {
        client.setBlocking(on);
      },
    );
    client.setBlocking(false);
    expect(text(client)).toBe(WOULD_BLOCK);
    server.setBlocking(false);
    expect(server.acceptConnection()).toBeNull();
  },
  'Socket#getOption': () => {
    expect(client.getOption(SOL_SOCKET, constants.SO_TYPE)).toBe(constants.SOCK_STREAM);
    expect(client.getOption(SOL_SOCKET, SO_KEEPALIVE, 'bool')).toBe(false);
    expect(client.getOption(SOL_SOCKET, SO_KEEPALIVE, 'bytes', 4)).toHaveLength(4);
    expect(outcome(() => client.getOption(SOL_SOCKET, 9999))).toBe('ENOPROTOOPT');
  },
  'Socket#setOption': () => {
    client.setOption(SOL_SOCKET, SO_KEEPALIVE, true);
    expect(client.getKeepAlive()).toBe(true);
    client.setOption(SOL_SOCKET, SO_KEEPALIVE, Int32Array.of(0));
    expect(client.getKeepAlive()).toBe(false);
    client.setOption(SOL_SOCKET, constants.SO_RCVTIMEO, 20, 'timeval');
    expect(outcome(() => text(client))).toBe('ETIMEDOUT');
  },
  'Socket#getReceiveTimeout': () => {
    expect(client.getReceiveTimeout()).toBe(0);
  },
  'Socket#setReceiveTimeout': () => {
    client.setReceiveTimeout(20.5);
    expect(client.getReceiveTimeout()).toBeGreaterThanOrEqual(20.5);
    expect(outcome(() => text(client))).toBe('ETIMEDOUT');
    expect(
      outcome(() => {
        client.setReceiveTimeout(-1);
      }),
    ).toBe('ERR_OUT_OF_RANGE');
  },
  'Socket#getSendTimeout': () => {
    expect(client.getSendTimeout()).toBe(0);
  },
  'Socket#setSendTimeout': () => {
    client.setSendTimeout(250);
    expect(client.getSendTimeout()).toBeGreaterThanOrEqual(250);
  },
  'Socket#getReceiveBufferSize': () => {
    expect(client.getReceiveBufferSize()).toBeGreaterThan(0);
  },
  'Socket#setReceiveBufferSize': () => {
    client.setReceiveBufferSize(32000);
    expect(client.getReceiveBufferSize()).toBe(64000);
  },
  'Socket#getSendBufferSize': () => {
    expect(client.getSendBufferSize()).toBeGreaterThan(0);
  },
  'Socket#setSendBufferSize': () => {
    client.setSendBufferSize(32000);
    expect(client.getSendBufferSize()).toBe(64000);
  },
  'Socket#getLinger': () => {
    expect(client.getLinger()).toEqual({ on: false, seconds: 0 });
  },
  'Socket#setLinger': () => {
    client.setLinger(true, 20);
    expect(client.getLinger()).toEqual({ on: true, seconds: 20 });
    client.setLinger(false, 0);
    expect(
      outcome(() => {
        client.setLinger(true, -1);
      }),
    ).toBe('ERR_OUT_OF_RANGE');
  },
  'Socket#getNoDelay': () => {
    expect(client.getNoDelay()).toBe(false);
  },
  'Socket#setNoDelay': () => {
    flips(
      () => client.getNoDelay(),
      (on) => {
        client.setNoDelay(on);
      },
    );
  },
  'Socket#getKeepAlive': () => {
    expect(client.getKeepAlive()).toBe(false);
  },
  'Socket#setKeepAlive': () => {
    flips(
      () => client.getKeepAlive(),
      (on) => {
        client.setKeepAlive(on);
      },
    );
  },
  'Socket#getOOBInline': () => {
    expect(client.getOOBInline()).toBe(false);
  },
  'Socket#setOOBInline': () => {
    flips(
      () => client.getOOBInline(),
      (on) => {
        client.setOOBInline(on);
      },
    );
  },
  'Socket#getReuseAddress': () => {
    expect([client.getReuseAddress(), server.getReuseAddress()]).toEqual([false, true]);
  },
  'Socket#setReuseAddress': () => {
    flips(
      () => client.getReuseAddress(),
      (on) => {
        client.setReuseAddress(on);
      },
    );
  },
  'Socket#getReusePort': () => {
    expect(server.getReusePort()).toBe(false);
  },
  'Socket#setReusePort': () => {
    flips(
      () => client.getReusePort(),
      (on) => {
        client.setReusePort(on);
      },
    );
  },
  'Socket#poll': () => {
    expect(client.poll(0, SELECT_WRITE)).toBe(true);
    expect(client.poll(1.5, SELECT_READ)).toBe(false);
    expect(outcome(() => client.poll(-1, SELECT_READ))).toBe('ERR_OUT_OF_RANGE');
    expect(outcome(() => client.poll(0, 16))).toBe('ERR_OUT_OF_RANGE');
  },
  'Socket#pollEvents': () => {
    expect(client.pollEvents(0, SELECT_READ | SELECT_WRITE)).toBe(SELECT_WRITE);
  },
  'StreamSocket#connect': () => {
    const socket = new StreamSocket();
    socket.connect(server.address());
    expect(socket.peerAddress().equals(server.address())).toBe(true);
    expect(
      outcome(() => {
        socket.connect(server.address());
      }),
    ).toBe('EISCONN');
    socket.close();
  },
  'StreamSocket#connectNB': () => {
    const socket = new StreamSocket();
    socket.connectNB(server.address());
    expect(socket.poll(5000, SELECT_WRITE)).toBe(true);
    expect(socket.getError()).toBeNull();
    socket.close();
  },
  'StreamSocket#bind': () => {
    const socket = new StreamSocket();
    socket.bind('127.0.0.1:0', true);
    const local = socket.address();
    socket.connect(server.address());
    expect(socket.address().equals(local)).toBe(true);
    socket.close();
  },
  'StreamSocket#receiveBytes': () => {
    client.sendBytes('hello, world');
    const into = new Uint16Array(8);
    expect(accepted.receiveBytes(into, 0, 2, 3)).toBe(3);
    expect(Buffer.from(into.buffer).toString('latin1', 2, 5)).toBe('hel');
    const memory = new ArrayBuffer(2);
    expect(accepted.receiveBytes(memory)).toBe(2);
    expect(accepted.receiveBytes(new DataView(new SharedArrayBuffer(1)) as DataView)).toBe(1);
    const parts = Socket.makeBufVec(2, 1);
    expect(accepted.receiveBytes(parts)).toBe(2);
    const fifo = new FIFOBuffer(2);
    expect(accepted.receiveBytes(fifo)).toBe(2);
    expect(fifo.begin().toString()).toBe('or');
    const growable = new GrowableBuffer();
    expect(accepted.receiveBytes(growable)).toBe(2);
    expect(growable.begin().toString()).toBe('ld');
    expect(outcome(() => accepted.receiveBytes(growable, 0, 10))).toBe('ETIMEDOUT');
    client.close();
    expect(accepted.receiveBytes(growable)).toBe(0);
    expect(growable.size()).toBe(0);
  },
  'StreamSocket#sendBytes': () => {
    expect(client.sendBytes(Buffer.from('xabx'), 0, 1, 2)).toBe(2);
    expect(client.sendBytes('ü')).toBe(2);
    expect(client.sendBytes([Buffer.from('c'), new Uint8Array(0), Buffer.from('d')])).toBe(2);
    const fifo = new FIFOBuffer(Buffer.from('ef'));
    expect(client.sendBytes(fifo)).toBe(2);
    expect(fifo.isEmpty()).toBe(true);
    expect(client.sendBytes(fifo)).toBe(0);
    client.shutdownSend();
    const all = Buffer.alloc(16);
    const n = accepted.receiveBytes(all, constants.MSG_WAITALL);
    expect(all.toString('utf8', 0, n)).toBe('abücdef');
  },
  'StreamSocket#sendUrgent': () => {
    expect(client.sendUrgent(0x58)).toBe(1);
    expect(accepted.poll(5000, library.SELECT_URGENT)).toBe(true);
    expect(text(accepted, MSG_OOB)).toBe('X');
    expect(outcome(() => client.sendUrgent(256))).toBe('ERR_OUT_OF_RANGE');
  },
  'StreamSocket#receiveUrgent': () => {
    expect(accepted.receiveUrgent()).toBeNull();
    client.sendUrgent(0x58);
    expect(accepted.poll(5000, library.SELECT_URGENT)).toBe(true);
    expect(accepted.receiveUrgent()).toBe(0x58);
  },
  'StreamSocket#readToMark': () => {
    client.sendBytes('ab');
    client.sendUrgent(1);
    client.sendBytes('cd');
    expect(accepted.poll(5000, library.SELECT_URGENT)).toBe(true);
    const buffer = Buffer.alloc(8);
    expect(accepted.readToMark(buffer)).toEqual({ bytes: 2, atMark: true });
    expect(accepted.readToMark(buffer)).toEqual({ bytes: 0, atMark: true });
    expect(accepted.receiveUrgent()).toBe(1);
    expect(text(accepted)).toBe('cd');
    accepted.setBlocking(false);
    expect(accepted.readToMark(buffer)).toEqual({ bytes: WOULD_BLOCK, atMark: false });
  },
  'StreamSocket#shutdown': () => {
    client.shutdown();
    expect(text(accepted)).toBe(0);
    expect(text(client)).toBe(0);
    expect(outcome(() => client.sendBytes('x'))).toBe('EPIPE');
  },
  'StreamSocket#shutdownSend': () => {
    client.shutdownSend();
    client.shutdownSend();
    expect(text(accepted)).toBe(0);
    accepted.sendBytes('x');
    expect(text(client)).toBe('x');
  },
  'StreamSocket#shutdownReceive': () => {
    client.shutdownReceive();
    expect(text(client)).toBe(0);
  },
  'StreamSocket#sendMessage': () => {
    expect(client.sendMessage({ data: [Buffer.from('ab'), Buffer.from('c')] })).toBe(3);
    expect(client.sendMessage({ data: Buffer.from('X'), flags: MSG_OOB })).toBe(1);
    expect(text(accepted)).toBe('abc');
  },
  'StreamSocket#receiveMessage': () => {
    client.sendBytes('abc');
    const buffers = [Buffer.alloc(2), Buffer.alloc(2)];
    expect(accepted.receiveMessage({ buffers })).toEqual({ bytes: 3, flags: 0, address: null });
    expect(Buffer.concat(buffers).toString('latin1', 0, 3)).toBe('abc');
  },
  'ServerSocket#bind': () => {
    const other = new ServerSocket();
    expect(() => {
      other.bind(server.address());
    }).toThrow(library.AddressInUseError);
    other.close();
    other.bind(0);
    expect(other.address().host()).toBe('0.0.0.0');
    other.close();
  },
  'ServerSocket#bind6': () => {
    const other = new ServerSocket();
    other.bind6(0, true, false, true);
    expect(other.getOption(constants.IPPROTO_IPV6, constants.IPV6_V6ONLY)).toBe(1);
    expect(
      outcome(() => {
        other.bind6('127.0.0.1:0');
      }),
    ).toBe('ERR_INVALID_ARG_VALUE');
    other.close();
  },
  'ServerSocket#listen': () => {
    const other = new ServerSocket();
    expect(() => {
      other.listen();
    }).toThrow(library.InvalidSocketError);
    other.bind('127.0.0.1:0');
    other.listen(1);
    expect(other.getOption(SOL_SOCKET, constants.SO_ACCEPTCONN)).toBe(1);
    other.close();
  },
  'ServerSocket#acceptConnection': () => {
    server.setReceiveTimeout(20);
    expect(outcome(() => server.acceptConnection())).toBe('ETIMEDOUT');
    server.setBlocking(false);
    expect(server.acceptConnection()).toBeNull();
    const socket = new StreamSocket(server.address());
    expect(server.poll(5000, SELECT_READ)).toBe(true);
    const connection = server.acceptConnection();
    expect(connection?.getBlocking()).toBe(true);
    expect(connection?.peerAddress().equals(socket.address())).toBe(true);
    socket.close();
    connection?.close();
  },
};

test.each(Object.entries(members))('%s', async (_, member) => {
  await member();
});

test('every public member has a test', () => {
  const missing: string[] = [];
  for (const name of ['SocketAddress', 'Socket', 'StreamSocket', 'ServerSocket'] as const) {
    const { prototype } = library[name];
    const ofInstance = Object.getOwnPropertyNames(prototype).map((key) => `${name}#${key}`);
    const own = Object.getOwnPropertyNames(library[name]).map((key) => `${name}.${key}`);
    // share() and descriptor() are for the classes below only.
    const hidden = /[#.](constructor|prototype|length|name|share|descriptor)$/;
    const all = [...ofInstance, ...own];
    const isLengthMember = (key: string): boolean => key === 'SocketAddress#length';
    missing.push(
      ...all.filter((key) => (!hidden.test(key) || isLengthMember(key)) && !(key in members)),
    );
  }
  expect(missing).toEqual([]);
});
