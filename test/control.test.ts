/** Control messages, typed both ways; the other end is Python's where it can be. */
import { readdirSync } from 'node:fs';
import {
  DatagramSocket,
  ReceivedDescriptors,
  SocketAddress,
  StreamSocket,
  constants,
  type IncomingControl,
  type OutgoingControl,
} from '../lib/index';
import * as raw from '../lib/raw';
import { run } from './support/child';
import { Peer, outcome, pythonAddress } from './support/peer';

const { MSG_CTRUNC, MSG_TRUNC } = constants;

let peer: Peer;
beforeAll(() => {
  peer = new Peer();
});
afterAll(() => {
  peer.close();
});

const openDescriptors = (): number => readdirSync('/proc/self/fd').length;

function receive(socket: StreamSocket | DatagramSocket, controlLength = 512) {
  return socket.receiveMessage({ buffers: [Buffer.alloc(2048)], controlLength });
}

function rights(control: readonly IncomingControl[]): ReceivedDescriptors {
  for (const message of control) {
    if ('descriptors' in message) return message.descriptors;
  }
  throw new Error('no descriptors came');
}

describe('SCM_RIGHTS', () => {
  test('a pipe of Python’s, close-on-exec, readable here', () => {
    const socket = peer.connection('unix');
    peer.run('r, w = os.pipe()');
    expect(peer.run("socket.send_fds(s, [b'two'], [r, w])")).toBe(3);
    const { bytes, control } = receive(socket);
    const descriptors = rights(control);
    expect([bytes, descriptors.length]).toEqual([3, 2]);
    const fd = descriptors.take();
    expect(raw.fcntl(fd, constants.F_GETFD)).toBe(constants.FD_CLOEXEC);
    raw.close(fd);
    descriptors.close();
    peer.run('os.close(r); os.close(w); s.close()');
    socket.close();
  });

  test('a connection of ours, served by Python', () => {
    const socket = peer.connection('unix');
    const [client, handed] = StreamSocket.pair();
    const control: OutgoingControl[] = [{ type: 'SCM_RIGHTS', descriptors: [handed] }];
    socket.sendMessage({ data: Buffer.from('x'), control });
    handed.close();
    peer.run('data, fds, flags, _ = socket.recv_fds(s, 9, 1)');
    peer.run("t = socket.socket(fileno=fds[0]); t.sendall(b'hello'); t.close(); s.close()");
    const buffer = Buffer.alloc(8);
    expect(client.receiveBytes(buffer)).toBe(5);
    expect(client.receiveBytes(buffer)).toBe(0);
    for (const one of [client, socket]) one.close();
  });

  test.each([
    ['who does not look', 0],
    ['with room for none', 16],
    ['with room for one of three', raw.controlSpace(4)],
  ])('a receiver %s leaks no descriptor', (_, controlLength) => {
    const [first, second] = StreamSocket.pair();
    const before = openDescriptors();
    const descriptors = [first, second, first];
    first.sendMessage({ data: Buffer.from('x'), control: [{ type: 'SCM_RIGHTS', descriptors }] });
    const { bytes, flags, control } = receive(second, controlLength);
    expect([bytes, flags & MSG_CTRUNC]).toEqual([1, MSG_CTRUNC]);
    for (const message of control) if ('descriptors' in message) message.descriptors.close();
    expect(openDescriptors()).toBe(before);
    first.sendMessage({ data: Buffer.from('y'), control: [{ type: 'SCM_RIGHTS', descriptors }] });
    expect(second.receiveBytes(Buffer.alloc(1))).toBe(1);
    expect(openDescriptors()).toBe(before);
    first.close();
    second.close();
  });

  test('descriptors that nobody takes are closed by the garbage collector', () => {
    const { stdout } = run(
      `async function main() {
        const [first, second] = StreamSocket.pair();
        const count = () => fs.readdirSync('/proc/self/fd').length;
        const before = count();
        const descriptors = [first, second];
        for (let i = 0; i < 10; i++) {
          first.sendMessage({ data: Buffer.from('x'), control: [{ type: 'SCM_RIGHTS', descriptors }] });
          second.receiveMessage({ buffers: [Buffer.alloc(1)], controlLength: 64 });
        }
        const received = count() - before;
        for (let i = 0; i < 100 && count() > before; i++) {
          gc();
          await new Promise((resolve) => setImmediate(resolve));
        }
        console.log(received, count() - before);
        process.exit();
      }`,
      [],
      ['--expose-gc'],
    );
    expect(stdout).toBe('20 0\n');
  });
});

test('SCM_CREDENTIALS, both ways', () => {
  const socket = peer.connection('unix');
  socket.setPassCredentials(true);
  peer.run("s.send(b'x')");
  const [received] = receive(socket).control;
  const pid = peer.run('os.getpid()');
  const [uid, gid] = [process.getuid?.(), process.getgid?.()];
  expect(received).toEqual({ type: 'SCM_CREDENTIALS', credentials: { pid, uid, gid } });
  peer.run('s.setsockopt(socket.SOL_SOCKET, socket.SO_PASSCRED, 1)');
  const credentials = { pid: process.pid, uid: uid ?? 0, gid: gid ?? 0 };
  socket.sendMessage({
    data: Buffer.from('y'),
    control: [{ type: 'SCM_CREDENTIALS', credentials }],
  });
  const source = "struct.unpack('iii', s.recvmsg(9, 128)[1][0][2])";
  expect(peer.run(source)).toEqual([process.pid, uid, gid]);
  peer.run('s.close()');
  socket.close();
});

/** On every system, whatever its name is there. */
const LOOPBACK_INDEX = 1;

describe.each(['udp4', 'udp6'] as const)('%s', (transport) => {
  const isIPv6 = transport === 'udp6';
  const loopback = isIPv6 ? '::1' : '127.0.0.1';
  let receiver: DatagramSocket;
  let sender: DatagramSocket;

  beforeEach(() => {
    receiver = new DatagramSocket({ host: loopback, port: 0 });
    receiver.setReceiveTimeout(5000);
    sender = new DatagramSocket(isIPv6 ? 'ipv6' : 'ipv4');
  });
  afterEach(() => {
    receiver.close();
    sender.close();
  });

  function exchange(...control: OutgoingControl[]): IncomingControl[] {
    sender.sendMessage({ data: Buffer.from('x'), address: receiver.address(), control });
    return receive(receiver).control;
  }

  test('packet info: where to and from', () => {
    if (isIPv6) receiver.setIPv6PacketInfo(true);
    else receiver.setPacketInfo(true);
    const type = isIPv6 ? 'IPV6_PKTINFO' : 'IP_PKTINFO';
    const index = LOOPBACK_INDEX;
    expect(exchange({ type, interface: index, address: loopback })).toEqual([
      { type, interface: index, address: loopback },
    ]);
    if (isIPv6) return;
    const other = { type, address: '127.0.0.9' } as const;
    sender.sendMessage({ data: Buffer.from('y'), address: receiver.address(), control: [other] });
    expect(receiver.receiveFrom(Buffer.alloc(1)).address?.host()).toBe('127.0.0.9');
  });

  test('type of service and hop limit', () => {
    if (isIPv6) {
      receiver.setReceiveTrafficClass(true);
      receiver.setReceiveHopLimit(true);
      const tos = { type: 'IPV6_TCLASS', value: 184 } as const;
      const ttl = { type: 'IPV6_HOPLIMIT', value: 9 } as const;
      expect(exchange(tos, ttl)).toEqual(expect.arrayContaining([tos, ttl]));
    } else {
      receiver.setReceiveTypeOfService(true);
      receiver.setReceiveTimeToLive(true);
      const tos = { type: 'IP_TOS', value: 184 } as const;
      const ttl = { type: 'IP_TTL', value: 9 } as const;
      expect(exchange(tos, ttl)).toEqual(expect.arrayContaining([tos, ttl]));
    }
  });

  test('times in nanoseconds', () => {
    receiver.setTimestampNs(true);
    const before = BigInt(Date.now()) * 1_000_000n;
    const [stamp] = exchange();
    expect(stamp).toMatchObject({ type: 'SCM_TIMESTAMPNS' });
    const { time } = stamp as { time: bigint };
    expect(time - before).toBeGreaterThanOrEqual(-1_000_000n);
    expect(time - before).toBeLessThan(5_000_000_000n);
    receiver.setTimestampNs(false);
    receiver.setTimestamp(true);
    expect(exchange()).toMatchObject([{ type: 'SCM_TIMESTAMP' }]);
    receiver.setTimestamp(false);
    const { SOF_TIMESTAMPING_RX_SOFTWARE = 0, SOF_TIMESTAMPING_SOFTWARE = 0 } = constants;
    receiver.setTimestamping(SOF_TIMESTAMPING_RX_SOFTWARE | SOF_TIMESTAMPING_SOFTWARE);
    // The kernel begins to take times a moment after it was asked to.
    const stamps: IncomingControl[] = [];
    for (const end = Date.now() + 5000; Date.now() < end && stamps.length === 0;) {
      stamps.push(...exchange());
    }
    const [software] = stamps as { software: bigint; hardware: bigint }[];
    expect(software?.software).toBeGreaterThan(before - 1_000_000n);
    expect(software?.hardware).toBe(0n);
  });

  test('UDP_SEGMENT cuts one send, UDP_GRO puts it together', () => {
    const data = Buffer.alloc(3000, 'x');
    const control = [{ type: 'UDP_SEGMENT', value: 1000 }] as const;
    sender.sendMessage({ data, address: receiver.address(), control });
    const one = Buffer.alloc(2048);
    expect([1, 2, 3].map(() => receiver.receiveBytes(one))).toEqual([1000, 1000, 1000]);
    receiver.setUdpReceiveOffload(true);
    sender.sendMessage({ data, address: receiver.address(), control });
    const whole = receiver.receiveMessage({ buffers: [Buffer.alloc(4000)], controlLength: 64 });
    expect(whole).toMatchObject({ bytes: 3000, control: [{ type: 'UDP_GRO', value: 1000 }] });
  });

  test('the error queue: who refused what', () => {
    if (isIPv6) sender.setIPv6ReceiveErrors(true);
    else sender.setReceiveErrors(true);
    const address = receiver.address();
    receiver.close();
    sender.sendTo('x', address);
    while (!sender.poll(5000, 4));
    const error = sender.receiveError();
    expect(error).toMatchObject({ type: isIPv6 ? 'IPV6_RECVERR' : 'IP_RECVERR' });
    expect([error?.error?.code, error?.offender?.host()]).toEqual(['ECONNREFUSED', loopback]);
    expect(sender.receiveError()).toBeNull();
  });

  describe('with Python', () => {
    const level = isIPv6 ? 'socket.IPPROTO_IPV6' : 'socket.IPPROTO_IP';
    let address: { host: string; port: number };
    beforeEach(() => {
      const family = isIPv6 ? 'AF_INET6' : 'AF_INET';
      peer.run(
        `u = socket.socket(socket.${family}, socket.SOCK_DGRAM); u.bind(('${loopback}', 0))`,
      );
      address = { host: loopback, port: Number(peer.run('u.getsockname()[1]')) };
    });
    afterEach(() => {
      peer.run('u.close()');
    });

    test('its datagrams, and ours with the type of service', () => {
      const option = isIPv6 ? 'IPV6_RECVTCLASS' : 'IP_RECVTOS';
      peer.run(`u.setsockopt(${level}, socket.${option}, 1)`);
      const type = isIPv6 ? 'IPV6_TCLASS' : 'IP_TOS';
      sender.sendMessage({ data: Buffer.from('x'), address, control: [{ type, value: 40 }] });
      expect(peer.run('u.recvmsg(9, 128)[1][0][2][0]')).toBe(40);
      peer.run(`u.sendto(b'back', ${pythonAddress(receiver.address())})`);
      const buffer = Buffer.alloc(9);
      const { bytes, truncated, address: from } = receiver.receiveFrom(buffer);
      expect([buffer.toString('latin1', 0, bytes), truncated]).toEqual(['back', false]);
      expect(from?.equals(address)).toBe(true);
    });

    test('packet info, both ways', () => {
      const { IP_PKTINFO, IPV6_PKTINFO, IPV6_RECVPKTINFO } = constants;
      const [option, kind, layout] = isIPv6
        ? [IPV6_RECVPKTINFO, IPV6_PKTINFO, 'address, interface = struct.unpack("@16sI", data)']
        : [IP_PKTINFO, IP_PKTINFO, 'interface, _, address = struct.unpack("@I4s4s", data)'];
      const type = isIPv6 ? 'IPV6_PKTINFO' : 'IP_PKTINFO';
      const index = LOOPBACK_INDEX;
      const here = { type, interface: index, address: loopback } as const;
      peer.run(`u.setsockopt(${level}, ${option}, 1)`);
      sender.sendMessage({ data: Buffer.from('x'), address, control: [here] });
      peer.run(`data = u.recvmsg(9, 128)[1][0][2]; ${layout}`);
      expect(peer.run('[list(address), interface]')).toEqual([
        [...new SocketAddress(loopback, 0).octets()],
        index,
      ]);
      // What came goes back: the same bytes tell where a datagram leaves.
      if (isIPv6) receiver.setIPv6PacketInfo(true);
      else receiver.setPacketInfo(true);
      const to = pythonAddress(receiver.address());
      peer.run(`u.sendmsg([b'y'], [(${level}, ${kind}, data)], 0, ${to})`);
      expect(receive(receiver).control).toEqual([here]);
    });

    test('times lie between its clock at the send and after the receive', () => {
      receiver.setTimestampNs(true);
      // As text: it is beyond what a number holds.
      const clock = (): bigint => BigInt(String(peer.run('str(time.time_ns())')));
      const sent = clock();
      peer.run(`u.sendto(b'x', ${pythonAddress(receiver.address())})`);
      const [stamp] = receive(receiver).control as { time: bigint }[];
      const received = clock();
      expect(stamp?.time).toBeGreaterThanOrEqual(sent);
      expect(stamp?.time).toBeLessThanOrEqual(received);
    });
  });
});

test('unknown messages are encoded and decoded as bytes', () => {
  const encoded = raw.encodeControl([{ level: 99, type: 7, data: Buffer.from('abc') }]);
  expect(raw.decodeControl(encoded, encoded.length)).toEqual([
    { level: 99, type: 7, data: Buffer.from('abc') },
  ]);
});

test('a message by level and type goes as bytes', () => {
  const [first, second] = StreamSocket.pair();
  const descriptors = Int32Array.of(first.sockfd());
  const message = { level: constants.SOL_SOCKET, type: constants.SCM_RIGHTS, data: descriptors };
  first.sendMessage({ data: Buffer.from('x'), control: [message] });
  rights(receive(second).control).close();
  first.close();
  second.close();
});

test('truncated and hostile control data is read no further than it goes', () => {
  const whole = raw.encodeControl([
    { level: 1, type: 1, data: Buffer.alloc(8, 'a') },
    { level: 2, type: 2, data: Buffer.alloc(8, 'b') },
  ]);
  for (let length = 0; length <= whole.length; length++) {
    const messages = raw.decodeControl(whole, length);
    expect(messages.length).toBeLessThanOrEqual(2);
    const total = messages.reduce((sum, { data }) => sum + data.byteLength, 0);
    expect(total).toBeLessThanOrEqual(length);
  }
  for (const lie of [0n, 15n, 17n, 1n << 31n, (1n << 64n) - 1n]) {
    const control = Buffer.from(whole);
    control.writeBigUInt64LE(lie);
    const total = raw
      .decodeControl(control, control.length)
      .reduce((sum, { data }) => sum + data.byteLength, 0);
    expect(total).toBeLessThanOrEqual(control.length);
  }
  expect(outcome(() => raw.decodeControl(whole, whole.length + 1))).toBe('ERR_OUT_OF_RANGE');
});

test('bad control messages are refused before the call', () => {
  const [first, second] = StreamSocket.pair();
  const wrong: [unknown, string][] = [
    ['x', 'ERR_INVALID_ARG_TYPE'],
    [[null], 'ERR_INVALID_ARG_TYPE'],
    [[{ type: 'SCM_NOTHING' }], 'ERR_OUT_OF_RANGE'],
    [[{ type: 'SCM_RIGHTS', descriptors: [NaN] }], 'ERR_OUT_OF_RANGE'],
    [[{ type: 'SCM_RIGHTS', descriptors: ['1'] }], 'ERR_INVALID_ARG_TYPE'],
    [[{ type: 'SCM_RIGHTS', descriptors: [new StreamSocket()] }], 'EBADF'],
    [[{ type: 'SCM_CREDENTIALS', credentials: { pid: 'me' } }], 'ERR_INVALID_ARG_TYPE'],
    [[{ type: 'IP_TOS', value: -1 }], 'ERR_OUT_OF_RANGE'],
    [[{ level: 1, type: 1, data: 'text' }], 'ERR_INVALID_ARG_TYPE'],
  ];
  for (const [control, code] of wrong) {
    const message = { data: Buffer.from('x'), control: control as OutgoingControl[] };
    expect(outcome(() => first.sendMessage(message))).toBe(code);
  }
  expect(outcome(() => receive(second, -1))).toBe('ERR_OUT_OF_RANGE');
  expect(outcome(() => receive(second, 1e9))).toBe('ERR_OUT_OF_RANGE');
  second.setBlocking(false);
  expect(receive(second).bytes).toBe(-1);
  first.close();
  second.close();
});

test('a buffer is no message', () => {
  const [first, second] = StreamSocket.pair();
  for (const wrong of [Buffer.from('x'), [Buffer.from('x')], 'x', null, 5]) {
    expect(outcome(() => first.sendMessage(wrong as never))).toBe('ERR_INVALID_ARG_TYPE');
  }
  first.close();
  second.close();
});

test('a datagram longer than the buffers is told by MSG_TRUNC', () => {
  const [first, second] = DatagramSocket.pair();
  first.sendBytes('hello');
  const { bytes, flags } = second.receiveMessage({ buffers: [Buffer.alloc(2)] });
  expect([bytes, flags & MSG_TRUNC]).toEqual([2, MSG_TRUNC]);
  first.close();
  second.close();
});
