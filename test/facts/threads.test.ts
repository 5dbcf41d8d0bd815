/** Facts that need a thread, a namespace, a signal or Node's own net: U4, U5, U21, U26, U29, F15–F17, F26, F27. */
import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { connect } from 'node:net';
import { ServerSocket, StreamSocket, constants } from '../../lib/index';
import * as raw from '../../lib/raw';
import { run } from '../support/child';
import { localPair, outcome, text, transports } from '../support/peer';

const { MSG_DONTWAIT, MSG_OOB } = constants;

test.each(['tcp4', 'tcp6'] as const)(
  'U4, U5: %s: urgent data that is announced but not here is EAGAIN, after SHUT_RD 0',
  (transport) => {
    const [client, accepted] = localPair(transport);
    client.setBlocking(false);
    const block = Buffer.alloc(65536);
    let queued = 0;
    for (let n; queued < 3_000_000 && (n = client.sendBytes(block)) > 0;) queued += n;
    expect(client.sendUrgent(88)).toBe(1);
    const announced = (): unknown => outcome(() => text(accepted, MSG_OOB));
    // EINVAL until the announcement has come.
    let result = announced();
    for (const end = Date.now() + 5000; result === 'EINVAL' && Date.now() < end;)
      result = announced();
    expect(result).toBe(-1);
    expect(accepted.receiveUrgent()).toBeNull();
    accepted.shutdownReceive();
    expect(text(accepted, MSG_OOB)).toBe(0);
    client.close();
    accepted.close();
  },
);

test('U21: SIGURG comes once for each urgent byte, after F_SETOWN', () => {
  const { stdout } = run(`function main() {
    let count = 0;
    const server = new ServerSocket('127.0.0.1:0');
    const client = new StreamSocket(server.address());
    const accepted = server.acceptConnection();
    process.on('SIGURG', () => {
      console.log(++count);
      if (count === 2) process.exit();
      client.sendUrgent(2);
    });
    setTimeout(() => process.exit(1), 10000);
    raw.fcntl(accepted.sockfd(), constants.F_SETOWN, process.pid);
    setImmediate(() => client.sendUrgent(1));
  }`);
  expect(stdout).toBe('1\n2\n');
});

const canUnshare = spawnSync('unshare', ['-n', 'true']).status === 0;
(canUnshare ? test : test.skip)(
  'U26 (needs a network namespace): tcp_stdurg=1 moves the mark by one',
  () => {
    const { stdout } = run(
      `function main() {
      const server = new ServerSocket('127.0.0.1:0');
      const client = new StreamSocket(server.address());
      const accepted = server.acceptConnection();
      client.sendBytes('abX', constants.MSG_OOB);
      client.sendBytes('Ycd');
      accepted.poll(5000, bsd.SELECT_URGENT);
      console.log(String.fromCharCode(accepted.receiveUrgent()));
      process.exit();
    }`,
      [
        'unshare',
        '-n',
        'sh',
        '-c',
        'ip link set lo up; echo 1 > /proc/sys/net/ipv4/tcp_stdurg; exec "$@"',
        'sh',
      ],
    );
    expect(stdout).toBe('Y\n');
  },
);

test('U29: Node’s net loses an urgent byte when it reads on', async () => {
  const server = new ServerSocket('127.0.0.1:0');
  const reader = connect({ host: '127.0.0.1', port: server.address().port() });
  await once(reader, 'connect');
  const accepted = server.acceptConnection();
  accepted?.sendBytes('ab');
  accepted?.sendUrgent(88);
  accepted?.sendBytes('cd');
  accepted?.close();
  server.close();
  let all = '';
  for await (const data of reader) all += String(data);
  expect(all).toBe('abcd');
});

/** A worker blocked in `call`, and what the main thread does meanwhile to the descriptor. */
function whileBlocked(call: string, systemCall: number, act: string): string {
  return run(`function main() {
    const { Worker, SHARE_ENV } = require('node:worker_threads');
    const server = new ServerSocket('127.0.0.1:0');
    const client = new StreamSocket(server.address());
    const accepted = server.acceptConnection();
    globalThis.kept = [server, client, accepted];
    client.setReceiveTimeout(2000);
    server.setReceiveTimeout(2000);
    const source = \`
      const raw = require(\${JSON.stringify(RAW)});
      const { parentPort, workerData } = require('node:worker_threads');
      const { client, server } = workerData;
      parentPort.postMessage(${call});\`;
    const worker = new Worker(source, { eval: true, workerData: { client: client.sockfd(), server: server.sockfd() } });
    worker.on('message', (result) => { console.log(result); process.exit(); });
    const isBlocked = () => fs.readdirSync('/proc/self/task').some((task) =>
      fs.readFileSync('/proc/self/task/' + task + '/syscall', 'latin1').startsWith('${systemCall} '));
    const timer = setInterval(() => {
      if (!isBlocked()) return;
      clearInterval(timer);
      ${act};
    }, 1);
  }`).stdout;
}

describe('F15, F16, F17: another thread', () => {
  const recv = 'raw.recv(client, Buffer.alloc(8), 0, 8, 0)';
  const fill = 'raw.send(client, Buffer.alloc(20000000), 0, 20000000, 0)';

  test('F15: shutdown of the receiving side wakes a receive with 0', () => {
    expect(whileBlocked(recv, 45, 'client.shutdownReceive()')).toBe('0\n');
  });
  test('F15: shutdown wakes an accept with EINVAL', () => {
    const act = 'raw.shutdown(server.sockfd(), constants.SHUT_RDWR)';
    expect(whileBlocked('raw.accept(server)', 288, act)).toBe(`-${constants.EINVAL}\n`);
  });
  test('F16: close wakes nothing: the receive still gets what comes later', () => {
    const act = "client.close(); accepted.sendBytes('zz')";
    expect(whileBlocked(recv, 45, act)).toBe('2\n');
  });
  test('F17: a send that the peer’s close interrupts gives its partial count', () => {
    const sent = Number(whileBlocked(fill, 44, 'accepted.close()'));
    expect(sent).toBeGreaterThan(0);
    expect(sent).toBeLessThan(20_000_000);
  });
});

test('F26: SO_LINGER reads back any on as 1; negative seconds are refused before the call', () => {
  const socket = new StreamSocket('ipv4');
  socket.setOption(constants.SOL_SOCKET, constants.SO_LINGER, Int32Array.of(7, 3));
  expect([
    ...new Int32Array(
      new Uint8Array(socket.getOption(constants.SOL_SOCKET, constants.SO_LINGER, 'bytes', 8))
        .buffer,
    ),
  ]).toEqual([1, 3]);
  expect(
    outcome(() => {
      socket.setLinger(true, -1);
    }),
  ).toBe('ERR_OUT_OF_RANGE');
  socket.close();
});

test('F27: TCP_DEFER_ACCEPT is rounded, TCP_MAXSEG has a least', () => {
  const socket = new StreamSocket('ipv4');
  const { IPPROTO_TCP, TCP_DEFER_ACCEPT = -1, TCP_MAXSEG } = constants;
  socket.setOption(IPPROTO_TCP, TCP_DEFER_ACCEPT, 10);
  expect(socket.getOption(IPPROTO_TCP, TCP_DEFER_ACCEPT)).toBeGreaterThanOrEqual(10);
  expect(
    outcome(() => {
      socket.setOption(IPPROTO_TCP, TCP_MAXSEG, 1);
    }),
  ).toBe('EINVAL');
  socket.close();
});

test.each(transports)(
  'U27: %s: at the mark, with the byte taken and all drained, a receive would block',
  (transport) => {
    const [client, accepted] = localPair(transport);
    client.sendBytes('ab');
    client.sendUrgent(88);
    const entry = Int32Array.of(accepted.sockfd(), constants.POLLPRI, 0);
    expect(raw.poll(entry, 1, 5000)).toBe(1);
    expect(accepted.receiveUrgent()).toBe(88);
    expect(text(accepted)).toBe('ab');
    expect(accepted.readToMark(Buffer.alloc(8))).toEqual({ bytes: 0, atMark: true });
    expect(text(accepted, MSG_DONTWAIT)).toBe(-1);
    client.close();
    accepted.close();
  },
);
