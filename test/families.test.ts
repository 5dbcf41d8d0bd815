/** Sockets of other types and families than TCP's: SEQPACKET, raw, AF_VSOCK, TCP Fast Open. */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import {
  DatagramSocket,
  ServerSocket,
  Socket,
  SocketAddress,
  StreamSocket,
  constants,
} from '../lib/index';
import * as raw from '../lib/raw';
import { run } from './support/child';
import { canUnshare, inNamespace } from './support/namespace';
import { outcome, text } from './support/peer';
import { testWith } from './support/programs';

const { IPPROTO_ICMP, SOCK_RAW, SOCK_SEQPACKET } = constants;

test('SOCK_SEQPACKET: a listener, and connections that keep messages apart', () => {
  const server = new ServerSocket();
  server.init('unix', SOCK_SEQPACKET);
  server.bind({ path: '' });
  server.listen();
  const client = new StreamSocket(new Socket('unix', SOCK_SEQPACKET));
  client.connect(server.address());
  const accepted = server.acceptConnection() as StreamSocket;
  expect(accepted.type()).toBe(SOCK_SEQPACKET);
  client.sendBytes('one');
  client.sendBytes('two');
  expect([text(accepted), text(accepted)]).toEqual(['one', 'two']);
  client.sendBytes('long');
  const { bytes, flags } = accepted.receiveMessage({ buffers: [Buffer.alloc(2)] });
  expect([bytes, flags & constants.MSG_TRUNC]).toEqual([2, constants.MSG_TRUNC]);
  client.close();
  expect(text(accepted)).toBe(0);
  server.close();
  accepted.close();
});

testWith('root')('SOCK_RAW (needs root): an ICMP echo of our own making', () => {
  const socket = new DatagramSocket(new Socket('ipv4', SOCK_RAW, IPPROTO_ICMP));
  socket.setReceiveTimeout(5000);
  socket.connect('127.0.0.1:0');
  const request = Buffer.from([8, 0, 0, 0, 0x12, 0x34, 0, 1]);
  let sum = 0;
  for (let i = 0; i < request.length; i += 2) sum += request.readUInt16BE(i);
  request.writeUInt16BE(~sum & 0xffff, 2);
  socket.sendBytes(request);
  const answer = Buffer.alloc(64);
  let n: number;
  // Both the request and the answer come by: type 0 is the answer, behind 20 bytes of IP header.
  do n = socket.receiveBytes(answer);
  while (answer[20] !== 0);
  expect([n, answer.readUInt16BE(24)]).toEqual([28, 0x1234]);
  socket.close();
});

const { AF_VSOCK } = constants;
function vsockLoopback(): boolean {
  if (AF_VSOCK === undefined) return false;
  return (
    outcome(() => {
      const server = new ServerSocket({ cid: 1, port: constants.VMADDR_PORT_ANY ?? 0 });
      const client = new StreamSocket();
      try {
        client.connect({ cid: 1, port: server.address().port() }, 200);
        return true;
      } finally {
        client.close();
        server.close();
      }
    }) === true
  );
}

(vsockLoopback() ? test : test.skip)('AF_VSOCK (needs vsock_loopback): there and back', () => {
  const server = new ServerSocket({ cid: 1, port: constants.VMADDR_PORT_ANY ?? 0 });
  const client = new StreamSocket(server.address());
  const accepted = server.acceptConnection() as StreamSocket;
  expect(accepted.peerAddress().family()).toBe('vsock');
  client.sendBytes('hello');
  expect(text(accepted)).toBe('hello');
  for (const one of [server, client, accepted]) one.close();
});

test('AF_VSOCK addresses are bound and told, where the kernel has the family', () => {
  const address = new SocketAddress('vsock');
  const bound = outcome(() => {
    const server = new ServerSocket();
    server.bind(address);
    const local = server.address();
    server.close();
    return local.family();
  });
  expect(['vsock', 'EAFNOSUPPORT', 'EADDRNOTAVAIL']).toContain(bound);
});

describe('families whose addresses are bytes', () => {
  const { AF_ALG, AF_NETLINK, AF_PACKET, NETLINK_ROUTE, SOL_ALG } = constants;

  /** A socket of a family that this kernel has and we may use, or undefined. */
  function open(family: number | undefined, type: number, protocol = 0): Socket | undefined {
    if (family === undefined) return undefined;
    const socket = outcome(() => new Socket(family, type, protocol));
    return socket instanceof Socket ? socket : undefined;
  }

  function testOn(socket: Socket | undefined): jest.It {
    socket?.close();
    return socket === undefined ? test.skip : test;
  }

  testOn(open(AF_NETLINK, SOCK_RAW, NETLINK_ROUTE))(
    'AF_NETLINK (needs it): the kernel lists its interfaces',
    () => {
      const socket = new DatagramSocket(new Socket(AF_NETLINK ?? 0, SOCK_RAW, NETLINK_ROUTE));
      socket.setReceiveTimeout(5000);
      const [RTM_NEWLINK, RTM_GETLINK, NLM_F_DUMP_REQUEST] = [16, 18, 0x301];
      const request = Buffer.alloc(32);
      request.writeUInt32LE(request.length, 0);
      request.writeUInt16LE(RTM_GETLINK, 4);
      request.writeUInt16LE(NLM_F_DUMP_REQUEST, 6);
      // struct sockaddr_nl: family, padding, port 0 (the kernel), groups.
      const kernel = Buffer.alloc(12);
      kernel.writeUInt16LE(AF_NETLINK ?? 0);
      const address = new SocketAddress(kernel);
      expect([address.family(), address.af(), address.octets().length]).toEqual([
        'other',
        AF_NETLINK,
        10,
      ]);
      expect(socket.sendTo(request, address)).toBe(request.length);
      const answer = Buffer.alloc(32_768);
      const { bytes, address: from } = socket.receiveFrom(answer);
      expect(from?.equals(address)).toBe(true);
      expect(answer.readUInt16LE(4)).toBe(RTM_NEWLINK);
      expect(answer.toString('latin1', 0, bytes)).toContain('lo\0');
      expect(socket.address().equals(address)).toBe(false);
      socket.close();
    },
  );

  const ETH_P_IP = 0x0800;
  testOn(open(AF_PACKET, SOCK_RAW))(
    'AF_PACKET (needs root): a datagram as it is on the way',
    () => {
      const capture = new DatagramSocket(new Socket(AF_PACKET ?? 0, SOCK_RAW));
      capture.setReceiveTimeout(5000);
      // struct sockaddr_ll: family, protocol, interface, and what only a received one has.
      const lo = Buffer.alloc(20);
      lo.writeUInt16LE(AF_PACKET ?? 0);
      lo.writeUInt16BE(ETH_P_IP, 2);
      lo.writeInt32LE(raw.if_nametoindex('lo'), 4);
      capture.bind(new SocketAddress(lo));
      const receiver = new DatagramSocket('127.0.0.1:0');
      const sender = new DatagramSocket();
      sender.sendTo('look at me', receiver.address());
      const frame = Buffer.alloc(2048);
      let from: SocketAddress | null;
      let bytes: number;
      do ({ bytes, address: from } = capture.receiveFrom(frame));
      while (!frame.toString('latin1', 0, bytes).endsWith('look at me'));
      // Behind 14 bytes of Ethernet and 20 of IP stand UDP's ports.
      expect(frame.readUInt16BE(36)).toBe(receiver.address().port());
      expect([from?.family(), from?.af()]).toEqual(['other', AF_PACKET]);
      expect(from?.octets().readUInt16BE()).toBe(ETH_P_IP);
      for (const socket of [capture, receiver, sender]) socket.close();
    },
  );

  testOn(open(AF_ALG, SOCK_SEQPACKET))('AF_ALG (needs it): the kernel’s SHA-256', () => {
    // struct sockaddr_alg: family, type, feature and mask, name.
    const name = Buffer.alloc(88);
    name.writeUInt16LE(AF_ALG ?? 0);
    name.write('hash', 2);
    name.write('sha256', 24);
    const algorithm = new StreamSocket(new Socket(AF_ALG ?? 0, SOCK_SEQPACKET));
    algorithm.bind(new SocketAddress(name));
    const fd = raw.accept(algorithm.sockfd(), null, null);
    const data = Buffer.from('abc');
    expect(raw.send(fd, data, 0, 3, 0)).toBe(3);
    const digest = Buffer.alloc(32);
    expect(raw.recv(fd, digest, 0, 32, 0)).toBe(32);
    expect(digest).toEqual(createHash('sha256').update(data).digest());
    expect(SOL_ALG).toBe(279);
    raw.close(fd);
    algorithm.close();
  });
});

testWith('unshare', 'iptables', 'ip6tables', 'root').each([
  ['iptables', '127.0.0.1:0', '127.0.0.9:81'],
  ['ip6tables', '[::1]:0', '[::1]:81'],
])('SO_ORIGINAL_DST (needs %s and root): where to, before the redirection', (program, at, to) => {
  const { stdout } = run(
    `function main() {
      const server = new ServerSocket('${at}');
      const rule = '-t nat -A OUTPUT -p tcp --dport 81 -j REDIRECT --to-ports ';
      const args = (rule + server.address().port()).split(' ');
      require('node:child_process').execFileSync('${program}', args);
      const client = new StreamSocket('${to}');
      console.log(server.acceptConnection().originalDestination().toString());
      process.exit();
    }`,
    inNamespace(),
  );
  expect(stdout).toBe(`${to}\n`);
});

(canUnshare ? test : test.skip)(
  'TCP Fast Open (needs a network namespace): data in the SYN, told by TCP_INFO',
  () => {
    const { stdout } = run(
      `function main() {
        const SYN_DATA = 32;
        const server = new ServerSocket();
        server.init('ipv4');
        server.setFastOpen(5);
        server.bind('127.0.0.1:0');
        server.listen();
        const address = server.address();
        const data = Buffer.from('hello');
        const told = [];
        for (const way of ['cookie', 'MSG_FASTOPEN', 'FastOpenConnect']) {
          const client = new StreamSocket('ipv4');
          if (way === 'FastOpenConnect') {
            client.setFastOpenConnect(true);
            client.connect(address);
            client.sendBytes(data);
          } else {
            client.sendMessage({ data, address, flags: constants.MSG_FASTOPEN });
          }
          const accepted = server.acceptConnection();
          const buffer = Buffer.alloc(8);
          const n = accepted.receiveBytes(buffer);
          told.push(buffer.toString('latin1', 0, n) + ' ' + (accepted.tcpInfo().options & SYN_DATA));
          client.close();
          accepted.close();
        }
        console.log(told.join());
        process.exit();
      }`,
      inNamespace('echo 3 > /proc/sys/net/ipv4/tcp_fastopen'),
    );
    expect(stdout).toBe('hello 0,hello 32,hello 32\n');
  },
);

test('SO_ATTACH_REUSEPORT_CBPF: a program chooses among the sockets of one port', () => {
  const first = new DatagramSocket('127.0.0.1:0', false, true);
  const others = [1, 2].map(() => new DatagramSocket(first.address(), false, true));
  const sender = new DatagramSocket();
  const RETURN = 0x06;
  for (const [index, chosen] of [first, ...others].entries()) {
    const program = Int32Array.of(RETURN, 0, 0, index);
    const { SO_ATTACH_REUSEPORT_CBPF = -1 } = constants;
    expect(raw.attachFilter(first.sockfd(), SO_ATTACH_REUSEPORT_CBPF, program, 1)).toBe(0);
    chosen.setReceiveTimeout(5000);
    sender.sendTo(`for ${index}`, first.address());
    expect(chosen.receiveBytes(Buffer.alloc(8))).toBe(5);
  }
  for (const socket of [first, ...others, sender]) socket.close();
});

describe('interfaces', () => {
  /** A struct ifreq: 16 bytes of a name, and 24 that the request means. */
  function request(socket: DatagramSocket, code: number | undefined, name: string): Buffer {
    const bytes = Buffer.alloc(40);
    bytes.write(name);
    expect(raw.ioctl(socket.sockfd(), code ?? 0, bytes)).toBe(0);
    return bytes.subarray(16);
  }

  test('if_nameindex lists them, as if_indextoname knows them', () => {
    const list = raw.if_nameindex() as { index: number; name: string }[];
    expect(list.map(({ name }) => name)).toContain('lo');
    for (const { index, name } of list) expect(raw.if_indextoname(index)).toBe(name);
  });

  test('netdevice(7) by ioctl(2): what /sys tells of lo', () => {
    const { SIOCGIFADDR, SIOCGIFHWADDR, SIOCGIFINDEX, SIOCGIFMTU } = constants;
    const socket = new DatagramSocket('ipv4');
    const told = (name: string): string =>
      readFileSync(`/sys/class/net/lo/${name}`, 'latin1').trim();
    expect(String(request(socket, SIOCGIFMTU, 'lo').readInt32LE())).toBe(told('mtu'));
    expect(String(request(socket, SIOCGIFINDEX, 'lo').readInt32LE())).toBe(told('ifindex'));
    expect(SocketAddress.fromBytes(request(socket, SIOCGIFADDR, 'lo')).host()).toBe('127.0.0.1');
    const hardware = request(socket, SIOCGIFHWADDR, 'lo').subarray(2, 8).toString('hex');
    expect(hardware).toBe(told('address').replaceAll(':', ''));
    const missing = Buffer.alloc(40);
    missing.write('none');
    expect(raw.ioctl(socket.sockfd(), SIOCGIFMTU ?? 0, missing)).toBe(-constants.ENODEV);
    socket.close();
  });
});
