/** The public members of `StreamSocket`. */
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as library from '../../lib/index';
import { eachWithConnection, testMembers } from '../support/members';
import { outcome, text } from '../support/peer';

const { FIFOBuffer, GrowableBuffer, SELECT_WRITE, Socket, StreamSocket, WOULD_BLOCK, constants } =
  library;
const { MSG_OOB } = constants;
const ends = eachWithConnection();

testMembers(
  'StreamSocket',
  {
    '#sendUrgentAsync #readToMarkAsync': async () => {
      const into = Buffer.alloc(8);
      const waits = ends.accepted.readToMarkAsync(into);
      expect(await ends.client.sendUrgentAsync(0x58)).toBe(1);
      expect(await waits).toEqual({ bytes: 0, atMark: true });
      expect(ends.accepted.receiveUrgent()).toBe(0x58);
      await expect(ends.client.sendUrgentAsync(256)).rejects.toHaveProperty(
        'code',
        'ERR_OUT_OF_RANGE',
      );
      ends.client.sendBytes('ab');
      ends.client.sendUrgent(1);
      expect(await ends.accepted.pollAsync(library.SELECT_READ)).toBe(true);
      // Past the first mark.
      expect(text(ends.accepted)).toBe('ab');
      expect(await ends.accepted.readToMarkAsync(into)).toEqual({ bytes: 0, atMark: true });
    },
    '#sendFileAsync': async () => {
      const path = join(__dirname, 'stream-socket.test.ts');
      const content = readFileSync(path);
      expect(await ends.client.sendFileAsync(path)).toBe(content.length);
      const into = Buffer.alloc(content.length);
      ends.accepted.receiveBytes(into, constants.MSG_WAITALL);
      expect(into.equals(content)).toBe(true);
      const part = { offset: 1, length: 2 };
      expect(await ends.client.sendFileAsync(path, part)).toBe(2);
      await expect(ends.client.sendFileAsync('/nowhere')).rejects.toHaveProperty('code', 'ENOENT');
    },
    '#connectAsync': async () => {
      const socket = new StreamSocket();
      await socket.connectAsync(ends.server.address(), { timeout: 5000 });
      expect([socket.getBlocking(), String(socket.peerAddress())]).toEqual([
        true,
        String(ends.server.address()),
      ]);
      socket.close();
      const gone = ends.server.address();
      ends.server.close();
      await expect(socket.connectAsync(gone)).rejects.toBeInstanceOf(
        library.ConnectionRefusedError,
      );
      const signal = AbortSignal.abort();
      await expect(socket.connectAsync(gone, { signal })).rejects.toHaveProperty(
        'name',
        'AbortError',
      );
      await expect(socket.connectAsync('nonsense')).rejects.toHaveProperty(
        'code',
        'ERR_INVALID_ARG_VALUE',
      );
    },
    '#receiveBytesAsync': async () => {
      const into = Buffer.alloc(8);
      const waits = ends.accepted.receiveBytesAsync(into, { offset: 1, length: 2 });
      ends.client.sendBytes('abc');
      expect([await waits, into.toString('latin1', 0, 3)]).toEqual([2, '\0ab']);
      const parts = Socket.makeBufVec(2, 1);
      expect(await ends.accepted.receiveBytesAsync(parts)).toBe(1);
      await expect(ends.accepted.receiveBytesAsync('x' as never)).rejects.toHaveProperty(
        'code',
        'ERR_INVALID_ARG_TYPE',
      );
      ends.client.close();
      expect(await ends.accepted.receiveBytesAsync(into)).toBe(0);
    },
    '#sendBytesAsync': async () => {
      expect(await ends.client.sendBytesAsync('ab')).toBe(2);
      expect(await ends.client.sendBytesAsync([Buffer.from('c'), Buffer.from('d')])).toBe(2);
      expect(text(ends.accepted)).toBe('abcd');
      const large = randomBytes(20_000_000);
      const sent = ends.client.sendBytesAsync(large);
      const into = Buffer.alloc(large.length);
      const options = { flags: constants.MSG_WAITALL };
      expect(await ends.accepted.receiveBytesAsync(into, options)).toBe(large.length);
      expect(await sent).toBe(large.length);
      expect(into.equals(large)).toBe(true);
    },
    '#receiveUrgentAsync': async () => {
      const waits = ends.accepted.receiveUrgentAsync();
      ends.client.sendUrgent(0x58);
      expect(await waits).toBe(0x58);
      await expect(ends.accepted.receiveUrgentAsync({ timeout: 10 })).rejects.toBeInstanceOf(
        library.TimeoutError,
      );
      const atEnd = ends.accepted.receiveUrgentAsync();
      ends.client.close();
      expect(await atEnd).toBeNull();
    },
    '#sendMessageAsync #receiveMessageAsync': async () => {
      const waits = ends.accepted.receiveMessageAsync({ buffers: [Buffer.alloc(8)] });
      expect(await ends.client.sendMessageAsync({ data: Buffer.from('abc') })).toBe(3);
      expect(await waits).toMatchObject({ bytes: 3, control: [] });
    },
    '#toStream': async () => {
      const stream = ends.accepted.toStream();
      ends.client.sendBytes('x');
      const [data] = (await once(stream, 'data')) as [Buffer];
      expect(data.toString()).toBe('x');
      stream.destroy();
      expect(ends.accepted.isNull()).toBe(true);
      expect(outcome(() => ends.accepted.toStream())).toBe('EBADF');
      // Also while connecting.
      const socket = new StreamSocket();
      socket.connectNB(ends.server.address());
      const connecting = socket.toStream();
      await once(connecting, 'connect');
      connecting.destroy();
    },
    '#toNetSocket': async () => {
      ends.client.sendBytes('abc');
      expect(text(ends.accepted, constants.MSG_PEEK, 2)).toBe('ab');
      const socket = ends.accepted.toNetSocket();
      expect(ends.accepted.isNull()).toBe(true);
      const [data] = (await once(socket, 'data')) as [Buffer];
      expect(data.toString()).toBe('abc');
      socket.end('back');
      expect(text(ends.client)).toBe('back');
      socket.destroy();
      expect(outcome(() => ends.accepted.toNetSocket())).toBe('EBADF');
    },
    '.borrow': async () => {
      const { port } = ends.server.address().toJSON() as { port: number };
      const netSocket = connect(port, '127.0.0.1');
      await once(netSocket, 'connect');
      netSocket.pause();
      const peer = ends.server.acceptConnection() as library.StreamSocket;
      const borrowed = StreamSocket.borrow(netSocket);
      peer.sendBytes('abc');
      expect(borrowed.poll(5000, library.SELECT_READ)).toBe(true);
      expect(text(borrowed, constants.MSG_PEEK)).toBe('abc');
      borrowed.setKeepAlive(true);
      borrowed.sendUrgent(0x58);
      expect(peer.poll(5000, library.SELECT_URGENT)).toBe(true);
      borrowed.close();
      const again = StreamSocket.borrow(netSocket);
      expect(again.getKeepAlive()).toBe(true);
      const data = once(netSocket, 'data');
      netSocket.resume();
      expect(String(((await data) as [Buffer])[0])).toBe('abc');
      netSocket.destroy();
      expect(outcome(() => text(again))).toBe('EBADF');
      expect(outcome(() => StreamSocket.borrow(netSocket))).toBe('EBADF');
      expect(outcome(() => StreamSocket.borrow({} as never))).toBe('ERR_INVALID_ARG_TYPE');
      peer.close();
    },
    '.fromFileDescriptor': () => {
      ends.client.setReceiveTimeout(20);
      ends.client.setBlocking(false);
      const taken = StreamSocket.fromFileDescriptor(ends.client.detach());
      expect(taken.getBlocking()).toBe(false);
      taken.setBlocking(true);
      expect(outcome(() => text(taken))).toBe('ETIMEDOUT');
      ends.accepted.close();
      expect(text(taken)).toBe(0);
      taken.shutdown();
      taken.close();
    },
    '.pair': () => {
      const [first, second] = StreamSocket.pair(constants.SOCK_SEQPACKET);
      first.sendBytes('ab');
      first.sendBytes('cd');
      expect([text(second), text(second)]).toEqual(['ab', 'cd']);
      first.close();
      second.close();
      expect(outcome(() => StreamSocket.pair(constants.SOCK_DGRAM))).toBe('ERR_INVALID_ARG_VALUE');
    },
    '#sendFile': () => {
      const folder = mkdtempSync(join(tmpdir(), 'bsd-sockets-'));
      const path = join(folder, 'file');
      const content = randomBytes(100_000);
      writeFileSync(path, content);
      expect(ends.client.sendFile(path)).toBe(content.length);
      const into = Buffer.alloc(content.length);
      ends.accepted.receiveBytes(into, constants.MSG_WAITALL);
      expect(into.equals(content)).toBe(true);
      const file = openSync(path, 'r');
      expect(ends.client.sendFile(file, 10, 5)).toBe(5);
      expect(ends.client.sendFile(file, 99_990, 100)).toBe(10);
      expect(ends.client.sendFile(file, 200_000)).toBe(0);
      // Past the end, by an offset that needs more than 32 bits.
      expect(ends.client.sendFile(file, 2 ** 32 + 10, 5)).toBe(0);
      expect(ends.accepted.receiveBytes(into, constants.MSG_WAITALL, 0, 15)).toBe(15);
      expect(into.subarray(0, 5).equals(content.subarray(10, 15))).toBe(true);
      expect(outcome(() => ends.client.sendFile(file, -1))).toBe('ERR_OUT_OF_RANGE');
      ends.client.setBlocking(false);
      while (ends.client.sendFile(file) !== WOULD_BLOCK);
      closeSync(file);
      ends.client.close();
      expect(outcome(() => ends.client.sendFile(path))).toBe('EBADF');
      expect(outcome(() => ends.accepted.sendFile('/nowhere'))).toBe('ENOENT');
      rmSync(folder, { recursive: true });
    },
    '#sendZeroCopy #receiveZeroCopyNotices #zeroCopyPending': () => {
      ends.client.setZeroCopy(true);
      const data = Buffer.alloc(100_000, 'x');
      expect(ends.client.receiveZeroCopyNotices()).toEqual([]);
      expect(ends.client.sendZeroCopy(data)).toBe(data.length);
      expect(ends.client.sendZeroCopy(data, 0, 0, 10)).toBe(10);
      expect(ends.client.zeroCopyPending()).toBe(2);
      const into = Buffer.alloc(100_010);
      expect(ends.accepted.receiveBytes(into, constants.MSG_WAITALL)).toBe(into.length);
      const done = [];
      while (ends.client.zeroCopyPending() > 0) {
        ends.client.poll(5000, library.SELECT_ERROR);
        done.push(...ends.client.receiveZeroCopyNotices());
      }
      expect([done.at(0)?.first, done.at(-1)?.last]).toEqual([0, 1]);
    },
    '#connect': () => {
      const socket = new StreamSocket();
      socket.connect(ends.server.address());
      expect(socket.peerAddress().equals(ends.server.address())).toBe(true);
      expect(
        outcome(() => {
          socket.connect(ends.server.address());
        }),
      ).toBe('EISCONN');
      socket.close();
    },
    '#connectNB': () => {
      const socket = new StreamSocket();
      socket.connectNB(ends.server.address());
      expect(socket.poll(5000, SELECT_WRITE)).toBe(true);
      expect(socket.getError()).toBeNull();
      socket.close();
    },
    '#bind': () => {
      const socket = new StreamSocket();
      socket.bind('127.0.0.1:0', true);
      const local = socket.address();
      socket.connect(ends.server.address());
      expect(socket.address().equals(local)).toBe(true);
      socket.close();
    },
    '#receiveBytes': () => {
      ends.client.sendBytes('hello, world');
      const into = new Uint16Array(8);
      expect(ends.accepted.receiveBytes(into, 0, 2, 3)).toBe(3);
      expect(Buffer.from(into.buffer).toString('latin1', 2, 5)).toBe('hel');
      const memory = new ArrayBuffer(2);
      expect(ends.accepted.receiveBytes(memory)).toBe(2);
      expect(ends.accepted.receiveBytes(new DataView(new SharedArrayBuffer(1)) as DataView)).toBe(
        1,
      );
      const parts = Socket.makeBufVec(2, 1);
      expect(ends.accepted.receiveBytes(parts)).toBe(2);
      const fifo = new FIFOBuffer(2);
      expect(ends.accepted.receiveBytes(fifo)).toBe(2);
      expect(fifo.begin().toString()).toBe('or');
      const growable = new GrowableBuffer();
      expect(ends.accepted.receiveBytes(growable)).toBe(2);
      expect(growable.begin().toString()).toBe('ld');
      expect(outcome(() => ends.accepted.receiveBytes(growable, 0, 10))).toBe('ETIMEDOUT');
      ends.client.close();
      expect(ends.accepted.receiveBytes(growable)).toBe(0);
      expect(growable.size()).toBe(0);
    },
    '#sendBytes': () => {
      expect(ends.client.sendBytes(Buffer.from('xabx'), 0, 1, 2)).toBe(2);
      expect(ends.client.sendBytes('ü')).toBe(2);
      expect(ends.client.sendBytes([Buffer.from('c'), new Uint8Array(0), Buffer.from('d')])).toBe(
        2,
      );
      const fifo = new FIFOBuffer(Buffer.from('ef'));
      expect(ends.client.sendBytes(fifo)).toBe(2);
      expect(fifo.isEmpty()).toBe(true);
      expect(ends.client.sendBytes(fifo)).toBe(0);
      ends.client.shutdownSend();
      const all = Buffer.alloc(16);
      const n = ends.accepted.receiveBytes(all, constants.MSG_WAITALL);
      expect(all.toString('utf8', 0, n)).toBe('abücdef');
    },
    '#sendUrgent': () => {
      expect(ends.client.sendUrgent(0x58)).toBe(1);
      expect(ends.accepted.poll(5000, library.SELECT_URGENT)).toBe(true);
      expect(text(ends.accepted, MSG_OOB)).toBe('X');
      expect(outcome(() => ends.client.sendUrgent(256))).toBe('ERR_OUT_OF_RANGE');
    },
    '#receiveUrgent': () => {
      expect(ends.accepted.receiveUrgent()).toBeNull();
      ends.client.sendUrgent(0x58);
      expect(ends.accepted.poll(5000, library.SELECT_URGENT)).toBe(true);
      expect(ends.accepted.receiveUrgent()).toBe(0x58);
    },
    '#readToMark': () => {
      ends.client.sendBytes('ab');
      ends.client.sendUrgent(1);
      ends.client.sendBytes('cd');
      expect(ends.accepted.poll(5000, library.SELECT_URGENT)).toBe(true);
      const buffer = Buffer.alloc(8);
      expect(ends.accepted.readToMark(buffer)).toEqual({ bytes: 2, atMark: true });
      expect(ends.accepted.readToMark(buffer)).toEqual({ bytes: 0, atMark: true });
      expect(ends.accepted.receiveUrgent()).toBe(1);
      expect(text(ends.accepted)).toBe('cd');
      ends.accepted.setBlocking(false);
      expect(ends.accepted.readToMark(buffer)).toEqual({ bytes: WOULD_BLOCK, atMark: false });
    },
    '#shutdown': () => {
      ends.client.shutdown();
      expect(text(ends.accepted)).toBe(0);
      expect(text(ends.client)).toBe(0);
      expect(outcome(() => ends.client.sendBytes('x'))).toBe('EPIPE');
    },
    '#shutdownSend': () => {
      ends.client.shutdownSend();
      ends.client.shutdownSend();
      expect(text(ends.accepted)).toBe(0);
      ends.accepted.sendBytes('x');
      expect(text(ends.client)).toBe('x');
    },
    '#shutdownReceive': () => {
      ends.client.shutdownReceive();
      expect(text(ends.client)).toBe(0);
    },
    '#sendMessage': () => {
      expect(ends.client.sendMessage({ data: [Buffer.from('ab'), Buffer.from('c')] })).toBe(3);
      expect(ends.client.sendMessage({ data: Buffer.from('X'), flags: MSG_OOB })).toBe(1);
      expect(text(ends.accepted)).toBe('abc');
    },
    '#receiveMessage': () => {
      ends.client.sendBytes('abc');
      const buffers = [Buffer.alloc(2), Buffer.alloc(2)];
      expect(ends.accepted.receiveMessage({ buffers })).toEqual({
        bytes: 3,
        flags: 0,
        control: [],
        address: null,
      });
      expect(Buffer.concat(buffers).toString('latin1', 0, 3)).toBe('abc');
    },
  },
  ['#toConnectingStream'],
);
