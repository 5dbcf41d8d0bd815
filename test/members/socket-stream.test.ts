/** The public members of `SocketStream`. */
import { once } from 'node:events';
import { SocketStream, StreamSocket, constants, createConnection } from '../../lib/index';
import { eachWithConnection, testMembers } from '../support/members';
import { outcome, text } from '../support/peer';

const { MSG_WAITALL } = constants;
const ends = eachWithConnection();
let stream: SocketStream;
beforeEach(() => {
  stream = ends.accepted.toStream();
  stream.on('error', () => undefined);
});
afterEach(() => {
  stream.destroy();
});

const connecting = (): SocketStream => {
  const { port } = ends.server.address().toJSON() as { port: number };
  return createConnection({ host: '127.0.0.1', port });
};

testMembers(
  'SocketStream',
  {
    '#bytesWritten': async () => {
      stream.write('abc');
      expect([stream.bytesWritten, text(ends.client)]).toEqual([3, 'abc']);
      // All of a write that is under way counts once; in the end what the kernel has taken.
      stream.write(Buffer.alloc(20_000_000));
      expect(stream.bytesWritten).toBe(20_000_003);
      stream.destroy();
      await once(stream, 'close');
      const taken = stream.bytesWritten - 3;
      expect(ends.client.receiveBytes(Buffer.alloc(20_000_000), MSG_WAITALL)).toBe(taken);
    },
    '#pause #resume': async () => {
      const memory = Buffer.alloc(4);
      const seen: string[] = [];
      const [socket, other] = StreamSocket.pair();
      let goOn: boolean | undefined = false;
      const reading = socket.toStream({
        onread: {
          buffer: () => memory,
          callback: (length, buffer) => {
            seen.push(Buffer.from(buffer).toString('latin1', 0, length));
            return goOn;
          },
        },
      });
      other.sendBytes('abcdef');
      while (seen.length < 1) await new Promise((resolve) => setImmediate(resolve));
      // No more than was asked for, however long it takes.
      await new Promise((resolve) => setImmediate(resolve));
      expect([seen, socket.available(), reading.bytesRead]).toEqual([['abcd'], 2, 4]);
      goOn = undefined;
      reading.resume();
      other.close();
      await once(reading, 'close');
      expect(seen).toEqual(['abcd', 'ef']);
    },
    '#pending #readyState': async () => {
      const other = connecting();
      expect([other.pending, other.connecting, other.readyState]).toEqual([true, true, 'opening']);
      await once(other, 'connect');
      expect([other.pending, other.connecting, other.readyState]).toEqual([false, false, 'open']);
      other.end();
      expect(other.readyState).toBe('readOnly');
      other.destroy();
      expect([other.pending, other.readyState]).toEqual([true, 'closed']);
    },
    '#remoteAddress #remotePort #remoteFamily #localAddress #localPort #localFamily #address':
      () => {
        const { address, port } = ends.client.address().toEndpoint();
        expect([stream.remoteAddress, stream.remotePort]).toEqual([address, port]);
        expect([stream.localFamily, stream.remoteFamily]).toEqual(['IPv4', 'IPv4']);
        const local = { address: '127.0.0.1', family: 'IPv4', port: stream.localPort };
        expect(stream.address()).toEqual(local);
        expect(stream.localAddress).toBe('127.0.0.1');
        // Told also when it is closed.
        stream.destroy();
        expect(stream.remotePort).toBe(port);
        const [unix, other] = StreamSocket.pair();
        const unixStream = unix.toStream().setNoDelay().setKeepAlive(true, 5000);
        expect([unixStream.remoteAddress, unixStream.address()]).toEqual([undefined, {}]);
        unixStream.destroy();
        other.close();
      },
    '#setNoDelay #setKeepAlive': () => {
      expect(stream.setNoDelay().setKeepAlive(true, 5500)).toBe(stream);
      expect(stream.socket.getNoDelay()).toBe(true);
      expect([stream.socket.getKeepAlive(), stream.socket.getKeepAliveIdle()]).toEqual([true, 5]);
      stream.setNoDelay(false).setKeepAlive();
      expect([stream.socket.getNoDelay(), stream.socket.getKeepAlive()]).toEqual([false, false]);
      stream.destroy();
      expect(stream.setNoDelay()).toBe(stream);
    },
    '#setTimeout': async () => {
      stream.setTimeout(20);
      await once(stream, 'timeout');
      expect([stream.timeout, stream.destroyed]).toEqual([20, false]);
      stream.setTimeout(0);
      expect(outcome(() => stream.setTimeout(-1))).toBe('ERR_OUT_OF_RANGE');
    },
    '#ref #unref': () => {
      expect(stream.unref()).toBe(stream);
      expect(stream.socket.hasRef()).toBe(false);
      expect(stream.ref().socket.hasRef()).toBe(true);
    },
    '#writeUrgent': async () => {
      stream.write('ab');
      await new Promise<void>((resolve, reject) => {
        stream.writeUrgent(0x58, (error) => {
          if (error) reject(error);
          else resolve();
        });
      });
      expect(ends.client.readToMark(Buffer.alloc(8))).toEqual({ bytes: 2, atMark: true });
      expect(ends.client.receiveUrgent()).toBe(0x58);
      expect(
        outcome(() => {
          stream.writeUrgent(256);
        }),
      ).toBe('ERR_OUT_OF_RANGE');
    },
    '#destroySoon': async () => {
      stream.write('last');
      stream.destroySoon();
      await once(stream, 'close');
      expect([text(ends.client), text(ends.client)]).toEqual(['last', 0]);
    },
    '#resetAndDestroy': async () => {
      stream.resetAndDestroy();
      await once(stream, 'close');
      expect(outcome(() => text(ends.client))).toBe('ECONNRESET');
      // Behind connect, when it is not connected yet.
      const other = connecting().resetAndDestroy();
      await once(other, 'close');
      expect(outcome(() => text(ends.server.acceptConnection() as StreamSocket))).toBe(
        'ECONNRESET',
      );
    },
  },
  ['#_read', '#_write', '#_writev', '#_final', '#_destroy', '#connected', '#finishConnecting'],
);

test('urgent data comes before the data, the mark behind what was sent before it', async () => {
  const seen: unknown[] = [];
  stream.on('urgent', (byte) => seen.push(byte));
  stream.on('mark', () => seen.push('mark'));
  stream.on('data', (data) => seen.push(String(data)));
  ends.client.sendBytes('abc');
  ends.client.sendUrgent(0x58);
  ends.client.sendBytes('def');
  ends.client.close();
  await once(stream, 'end');
  expect(seen).toEqual([0x58, 'abc', 'mark', 'def']);
});

test('a thousand urgent bytes, none destroyed by a receive', async () => {
  let urgent = 0;
  let mark = 0;
  stream.on('mark', () => mark++);
  stream.resume();
  for (let i = 0; i < 1000; i++) {
    ends.client.sendBytes('some data');
    const came = once(stream, 'urgent');
    ends.client.sendUrgent(i & 0xff);
    const [byte] = (await came) as [number];
    if (byte === (i & 0xff)) urgent++;
  }
  expect(urgent).toBe(1000);
  expect(mark).toBeGreaterThan(0);
});

test('the stream may be closed inside ‘urgent’', async () => {
  stream.on('urgent', () => stream.destroy());
  stream.resume();
  ends.client.sendBytes('abc');
  ends.client.sendUrgent(1);
  await once(stream, 'close');
  expect(stream.socket.isNull()).toBe(true);
});

test('what was corked goes by one sendmsg', () => {
  stream.cork();
  for (const part of ['a', 'b', 'c']) stream.write(part);
  stream.uncork();
  return new Promise<void>((resolve) => {
    stream.write('', () => {
      expect(text(ends.client)).toBe('abc');
      resolve();
    });
  });
});

test('flags that make no stream are refused', () => {
  for (const receiveFlags of [constants.MSG_PEEK, constants.MSG_OOB, constants.MSG_TRUNC]) {
    const [socket, other] = StreamSocket.pair();
    expect(outcome(() => socket.toStream({ receiveFlags }))).toBe('ERR_OUT_OF_RANGE');
    socket.close();
    other.close();
  }
});
