/** Sockets of other types and families than TCP's: SEQPACKET, raw, AF_VSOCK, TCP Fast Open. */
import { spawnSync } from 'node:child_process';
import {
  DatagramSocket,
  ServerSocket,
  Socket,
  SocketAddress,
  StreamSocket,
  constants,
} from '../lib/index';
import { run } from './support/child';
import { outcome, text } from './support/peer';

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

const isRoot = process.getuid?.() === 0;
(isRoot ? test : test.skip)('SOCK_RAW (needs root): an ICMP echo of our own making', () => {
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

const canUnshare = spawnSync('unshare', ['-n', 'true']).status === 0;
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
      [
        'unshare',
        '-n',
        'sh',
        '-c',
        'ip link set lo up; echo 3 > /proc/sys/net/ipv4/tcp_fastopen; exec "$@"',
        'sh',
      ],
    );
    expect(stdout).toBe('hello 0,hello 32,hello 32\n');
  },
);
