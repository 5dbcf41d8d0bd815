/** The public members of `StreamSocket`. */
import * as library from '../../lib/index';
import { eachWithConnection, testMembers } from '../support/members';
import { outcome, text } from '../support/peer';

const { FIFOBuffer, GrowableBuffer, SELECT_WRITE, Socket, StreamSocket, WOULD_BLOCK, constants } =
  library;
const { MSG_OOB } = constants;
const ends = eachWithConnection();

testMembers('StreamSocket', {
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
    expect(ends.accepted.receiveBytes(new DataView(new SharedArrayBuffer(1)) as DataView)).toBe(1);
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
    expect(ends.client.sendBytes([Buffer.from('c'), new Uint8Array(0), Buffer.from('d')])).toBe(2);
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
      address: null,
    });
    expect(Buffer.concat(buffers).toString('latin1', 0, 3)).toBe('abc');
  },
});
