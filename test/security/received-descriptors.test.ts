/** However a message with descriptors is received, none of them stays open unasked. */
import { readdirSync } from 'node:fs';
import {
  DatagramBatch,
  DatagramSocket,
  GrowableBuffer,
  FIFOBuffer,
  ReceivedDescriptors,
  StreamSocket,
  constants,
} from '../../lib/index';
import { run } from '../support/child';
import { outcome } from '../support/peer';

const { MSG_PEEK, SOCK_DGRAM, SOCK_STREAM } = constants;
const openDescriptors = (): number => readdirSync('/proc/self/fd').length;

interface Pair {
  stream: [StreamSocket, StreamSocket];
  datagram: [DatagramSocket, DatagramSocket];
}

const forms: {
  [Kind in keyof Pair]: Record<string, (socket: Pair[Kind][1]) => unknown>;
} = {
  stream: {
    receiveBytes: (socket) => socket.receiveBytes(Buffer.alloc(8)),
    'receiveBytes of a vector': (socket) => socket.receiveBytes([Buffer.alloc(4)]),
    'receiveBytes of a GrowableBuffer': (socket) => socket.receiveBytes(new GrowableBuffer(8)),
    'receiveBytes of a FIFO': (socket) => socket.receiveBytes(new FIFOBuffer(8)),
    'a peek': (socket) => socket.receiveBytes(Buffer.alloc(8), MSG_PEEK),
    receiveMessage: (socket) => socket.receiveMessage({ buffers: [Buffer.alloc(8)] }),
    'receiveMessage with little room': (socket) =>
      socket.receiveMessage({ buffers: [Buffer.alloc(8)], controlLength: 16 }),
    receiveBytesAsync: (socket) => socket.receiveBytesAsync(Buffer.alloc(8)),
    receiveMessageAsync: (socket) => socket.receiveMessageAsync({ buffers: [Buffer.alloc(8)] }),
    'a stream': async (socket) => {
      for await (const chunk of socket.dup().toStream()) return chunk as Buffer;
      return undefined;
    },
    'nothing at all': () => undefined,
  },
  datagram: {
    receiveFrom: (socket) => socket.receiveFrom(Buffer.alloc(8)),
    'receiveFrom into too little': (socket) => socket.receiveFrom(Buffer.alloc(0)),
    receiveFromAsync: (socket) => socket.receiveFromAsync(Buffer.alloc(8)),
    receiveBatch: (socket) => socket.receiveBatch(new DatagramBatch(1, 8)),
    receiveBatchAsync: (socket) => socket.receiveBatchAsync(new DatagramBatch(1, 8)),
  },
};

const rows = [
  ...Object.entries(forms.stream).map(([form, act]) => [form, SOCK_STREAM, act] as const),
  ...Object.entries(forms.datagram).map(([form, act]) => [form, SOCK_DGRAM, act] as const),
];

test.each(rows)('%s', async (_, type, act) => {
  const before = openDescriptors();
  const pair = type === SOCK_STREAM ? StreamSocket.pair() : DatagramSocket.pair();
  const [sender, receiver] = pair;
  const control = [{ type: 'SCM_RIGHTS', descriptors: [sender, 0, sender] }] as const;
  sender.sendMessage({ data: Buffer.from('x'), control });
  await (act as (socket: StreamSocket | DatagramSocket) => unknown)(receiver);
  for (const socket of pair) socket.close();
  // A stream closes when the loop turns.
  for (let i = 0; i < 100 && openDescriptors() > before; i++) {
    await new Promise((resolve) => setImmediate(resolve));
  }
  // Fewer when what an earlier test left was collected meanwhile.
  expect(openDescriptors()).toBeLessThanOrEqual(before);
});

test('what is peeked at with room for it is owned, and closed when nobody takes it', () => {
  const [sender, receiver] = StreamSocket.pair();
  const before = openDescriptors();
  const control = [{ type: 'SCM_RIGHTS', descriptors: [sender] }] as const;
  sender.sendMessage({ data: Buffer.from('x'), control });
  for (const flags of [MSG_PEEK, MSG_PEEK, 0]) {
    const request = { buffers: [Buffer.alloc(1)], controlLength: 64, flags };
    for (const message of receiver.receiveMessage(request).control) {
      if ('descriptors' in message) message.descriptors.close();
    }
  }
  expect(openDescriptors()).toBe(before);
  sender.close();
  receiver.close();
});

const { SOL_SOCKET, SO_PASSPIDFD = -1 } = constants;

function passesProcess(receiver: StreamSocket): unknown {
  return outcome(() => {
    receiver.setOption(SOL_SOCKET, SO_PASSPIDFD, true);
  });
}

const [probe] = StreamSocket.pair();
const knowsProcesses = passesProcess(probe) === undefined;
probe.close();

(knowsProcesses ? test : test.skip)(
  '(needs SO_PASSPIDFD) the process of a sender is a descriptor too, and owned',
  () => {
    const [sender, receiver] = StreamSocket.pair();
    passesProcess(receiver);
    const before = openDescriptors();
    sender.sendBytes('x');
    const request = { buffers: [Buffer.alloc(1)], controlLength: 64 };
    const [message] = receiver.receiveMessage(request).control;
    expect(message).toMatchObject({ type: 'SCM_PIDFD', descriptors: { length: 1 } });
    expect(openDescriptors()).toBe(before + 1);
    (message as { descriptors: ReceivedDescriptors }).descriptors.close();
    expect(openDescriptors()).toBe(before);
    sender.sendBytes('x');
    expect(receiver.receiveBytes(Buffer.alloc(1))).toBe(1);
    expect(openDescriptors()).toBe(before);
    sender.close();
    receiver.close();
  },
);

test('a program that is started meanwhile does not get them', () => {
  const { stdout } = run(`function main() {
    const [first, second] = StreamSocket.pair();
    const file = fs.openSync('/dev/null', 'r');
    first.sendMessage({ data: Buffer.from('x'), control: [{ type: 'SCM_RIGHTS', descriptors: [file] }] });
    globalThis.kept = second.receiveMessage({ buffers: [Buffer.alloc(1)], controlLength: 64 });
    const { spawnSync } = require('node:child_process');
    console.log(spawnSync('ls', ['/proc/self/fd'], { encoding: 'latin1' }).stdout.split('\\n').length);
    kept.control[0].descriptors.close();
    console.log(spawnSync('ls', ['/proc/self/fd'], { encoding: 'latin1' }).stdout.split('\\n').length);
    process.exit();
  }`);
  const [withThem, without] = stdout.trim().split('\n');
  expect(withThem).toBe(without);
  expect(Number(without)).toBeGreaterThan(3);
});
