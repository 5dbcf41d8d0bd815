/** No byte that nobody sent is ever shown as received. */
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import {
  DatagramBatch,
  DatagramSocket,
  GrowableBuffer,
  SELECT_READ,
  StreamSocket,
  constants,
} from '../../lib/index';
import { localPair, outcome } from '../support/peer';

const { MSG_OOB, MSG_PEEK, MSG_TRUNC, SOL_SOCKET, SO_TYPE, TCP_INFO = -1, IPPROTO_TCP } = constants;

const folder = join(__dirname, '../../lib');
const sources = readdirSync(folder).map((name) => [
  name,
  readFileSync(join(folder, name), 'utf8').match(/= Buffer\.allocUnsafe/g)?.length ?? 0,
]);

test('memory is made zeroed, but for the slab that streams receive into, and copies of what came', () => {
  expect(sources.filter(([, times]) => times !== 0)).toEqual([['socket-stream.ts', 2]]);
});

describe('MSG_TRUNC on TCP counts bytes and writes none', () => {
  let client: StreamSocket;
  let accepted: StreamSocket;
  beforeEach(() => {
    [client, accepted] = localPair('tcp4');
    client.sendBytes('secret');
    expect(accepted.poll(5000, SELECT_READ)).toBe(true);
  });
  afterEach(() => {
    client.close();
    accepted.close();
  });

  test.each([
    ['receiveBytes', (buffer: Buffer) => accepted.receiveBytes(buffer, MSG_TRUNC)],
    ['a vector', (buffer: Buffer) => accepted.receiveBytes([buffer], MSG_TRUNC)],
    ['a peek', (buffer: Buffer) => accepted.receiveBytes(buffer, MSG_TRUNC | MSG_PEEK)],
    [
      'receiveMessage',
      (buffer: Buffer) => accepted.receiveMessage({ buffers: [buffer], flags: MSG_TRUNC }).bytes,
    ],
    [
      'receiveBytesAsync',
      (buffer: Buffer) => accepted.receiveBytesAsync(buffer, { flags: MSG_TRUNC }),
    ],
  ])('%s: the caller’s own bytes stay', async (_, receive) => {
    const buffer = Buffer.alloc(64, '.');
    expect(await receive(buffer)).toBe(6);
    expect(buffer.toString()).toBe('.'.repeat(64));
  });

  test('a GrowableBuffer has zeros', () => {
    const buffer = new GrowableBuffer();
    expect(accepted.receiveBytes(buffer, MSG_TRUNC)).toBe(6);
    expect(buffer.begin().equals(Buffer.alloc(6))).toBe(true);
  });

  test('a stream refuses the flag, and the socket goes on', () => {
    expect(outcome(() => accepted.toStream({ receiveFlags: MSG_TRUNC }))).toBe('ERR_OUT_OF_RANGE');
    expect(accepted.available()).toBe(6);
  });

  test('urgent data too: the count is 1, the byte is not written', () => {
    client.sendUrgent(0x21);
    expect(accepted.poll(5000, 8)).toBe(true);
    const buffer = Buffer.alloc(1, '.');
    expect(accepted.receiveBytes(buffer, MSG_OOB | MSG_TRUNC)).toBe(1);
    expect(buffer.toString()).toBe('.');
  });
});

describe('datagrams', () => {
  let sender: DatagramSocket;
  let receiver: DatagramSocket;
  beforeEach(() => {
    [sender, receiver] = DatagramSocket.pair();
  });
  afterEach(() => {
    sender.close();
    receiver.close();
  });

  test('what is behind a short one stays as it was, also in a batch that is used again', () => {
    const batch = new DatagramBatch(2, 8);
    for (const text of ['longer', 'ab']) {
      sender.sendBytes(text);
      expect(receiver.receiveBatch(batch, constants.MSG_DONTWAIT)).toBe(1);
      expect(batch.data(0).toString()).toBe(text);
      expect(batch.data(1)).toHaveLength(0);
    }
    const buffer = Buffer.alloc(8, '.');
    sender.sendBytes('ab');
    expect(receiver.receiveFrom(buffer).bytes).toBe(2);
    expect(buffer.toString()).toBe('ab......');
  });

  test('one longer than its place is told; the result never names bytes that are not there', () => {
    const batch = new DatagramBatch(1, 4);
    sender.sendBytes('longer');
    expect(receiver.receiveBatch(batch, MSG_TRUNC)).toBe(1);
    expect([batch.data(0).toString(), batch.flags(0) & MSG_TRUNC]).toEqual(['long', MSG_TRUNC]);
    sender.sendBytes('longer');
    const buffer = Buffer.alloc(4);
    expect(receiver.receiveFrom(buffer)).toMatchObject({ bytes: 4, truncated: true });
    sender.sendBytes('longer');
    // The flag asks for the whole length; the buffer has its own.
    expect(receiver.receiveBytes(buffer, MSG_TRUNC)).toBe(6);
  });

  test('an unnamed sender has no address', () => {
    sender.sendBytes('x');
    const { address } = receiver.receiveFrom(Buffer.alloc(1));
    expect(address?.path() ?? '').toBe('');
    const batch = new DatagramBatch(1, 1);
    sender.sendBytes('x');
    receiver.receiveBatch(batch);
    expect(batch.address(0)?.path() ?? '').toBe('');
  });
});

test('an option has as many bytes as the kernel gave', () => {
  const socket = new StreamSocket('ipv4');
  expect(socket.getOption(SOL_SOCKET, SO_TYPE, 'bytes', 64)).toEqual(Buffer.from([1, 0, 0, 0]));
  expect(socket.getOption(SOL_SOCKET, SO_TYPE, 'bytes', 1)).toEqual(Buffer.from([1]));
  expect(socket.getOption(SOL_SOCKET, SO_TYPE, 'bytes', 0)).toHaveLength(0);
  for (const length of [0, 1, 7, 8, 100]) {
    expect(socket.getOption(IPPROTO_TCP, TCP_INFO, 'bytes', length)).toHaveLength(length);
  }
  socket.close();
});

test('a chunk of a stream has what came, and its neighbours are not in it', async () => {
  const [first, second] = StreamSocket.pair();
  first.sendBytes('abc');
  first.shutdownSend();
  const chunks: Buffer[] = [];
  for await (const chunk of second.toStream()) chunks.push(chunk as Buffer);
  expect(chunks.map(String)).toEqual(['abc']);
  first.close();
});
