/** What a stream does where `net.Socket` has nothing to compare with. */
import { once } from 'node:events';
import { SELECT_ERROR, StreamSocket } from '../lib/index';
import { eachWithConnection } from './support/members';
import { outcome } from './support/peer';

const ends = eachWithConnection();

/** All that comes, in line, until the end. */
async function everything(socket: StreamSocket): Promise<Buffer> {
  socket.setOOBInline(true);
  const parts: Buffer[] = [];
  const buffer = Buffer.alloc(65_536);
  for (let n; (n = await socket.receiveBytesAsync(buffer)) > 0;) {
    parts.push(Buffer.from(buffer.subarray(0, n)));
  }
  return Buffer.concat(parts);
}

test('an urgent byte stays between what was written before and after it', async () => {
  const stream = ends.client.toStream();
  stream.write(Buffer.alloc(5_000_000, 'a'));
  stream.writeUrgent(0x58);
  stream.write('b');
  stream.writeUrgent(0x59);
  stream.end('c');
  const all = await everything(ends.accepted);
  expect(all.toString('latin1', 4_999_999)).toBe('aXbYc');
  expect(stream.bytesWritten).toBe(5_000_004);
});

test('who closes the socket ends its stream', async () => {
  const stream = ends.client.toStream();
  stream.resume();
  const closed = once(stream, 'close');
  ends.client.close();
  await closed;
  expect(stream.destroyed).toBe(true);
});

test('who takes the descriptor away ends the stream, and not the connection', async () => {
  const stream = ends.client.toStream();
  stream.resume();
  const closed = once(stream, 'close');
  const moved = StreamSocket.fromFileDescriptor(ends.client.detach());
  await closed;
  moved.sendBytes('x');
  expect(ends.accepted.receiveBytes(Buffer.alloc(2))).toBe(1);
  moved.close();
});

test('a connection that was reset before it was taken over ends', async () => {
  const fd = ends.accepted.detach();
  ends.client.setLinger(true, 0);
  ends.client.close();
  const socket = StreamSocket.fromFileDescriptor(fd);
  socket.poll(5000, SELECT_ERROR);
  const stream = socket.toStream();
  const [error] = (await once(stream, 'error')) as [NodeJS.ErrnoException];
  expect(error.code).toBe('ECONNRESET');
});

test.each([Infinity, 2 ** 31])('a timeout of %d ms does not come', async (timeout) => {
  const stream = ends.client.toStream();
  let calls = 0;
  stream.setTimeout(timeout, () => calls++);
  await new Promise((resolve) => setTimeout(resolve, 20));
  expect(calls).toBe(0);
  stream.destroy();
});

test('memory of no bytes is not the end of the stream', async () => {
  const onread = { buffer: Buffer.alloc(0), callback: () => undefined };
  const stream = ends.client.toStream({ onread });
  ends.accepted.sendBytes('x');
  const [error] = (await once(stream, 'error')) as [NodeJS.ErrnoException];
  expect(error.code).toBe('ENOBUFS');
});

test.each<[string, object]>([
  ['onread without a callback', { onread: {} }],
  ['a signal that is none', { signal: 'x' }],
])('%s takes nothing from the socket', (_, options) => {
  ends.accepted.sendBytes('x');
  expect(outcome(() => ends.client.toStream(options))).toBe('ERR_INVALID_ARG_TYPE');
  ends.client.setReceiveTimeout(5000);
  expect(ends.client.receiveBytes(Buffer.alloc(2))).toBe(1);
});
