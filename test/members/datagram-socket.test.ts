/** The public members of `DatagramSocket`. */
import {
  DatagramBatch,
  DatagramSocket,
  SocketAddress,
  WOULD_BLOCK,
  constants,
} from '../../lib/index';
import { testMembers } from '../support/members';
import { atOnce, outcome } from '../support/peer';

const { MSG_TRUNC, MSG_PEEK, MSG_DONTWAIT, MSG_WAITFORONE = 0 } = constants;

let receiver: DatagramSocket;
let sender: DatagramSocket;
const buffer = Buffer.alloc(64);

beforeEach(() => {
  receiver = new DatagramSocket('127.0.0.1:0');
  receiver.setReceiveTimeout(5000);
  sender = new DatagramSocket('ipv4');
});
afterEach(() => {
  receiver.close();
  sender.close();
});

/** Waits for a datagram, and gives its text. */
function next(socket = receiver): string {
  const n = socket.receiveBytes(buffer);
  return buffer.toString('latin1', 0, n);
}

testMembers('DatagramSocket', {
  '#sendBytesAsync #receiveBytesAsync': async () => {
    sender.connect(receiver.address());
    const waits = receiver.receiveBytesAsync(buffer);
    expect(await sender.sendBytesAsync('abc')).toBe(3);
    expect(await waits).toBe(3);
  },
  '#sendBatchAsync #receiveBatchAsync': async () => {
    const outgoing = new DatagramBatch(2, 4);
    for (const i of [0, 1]) outgoing.set(i, 'ab', receiver.address());
    const incoming = new DatagramBatch(4, 4);
    const waits = receiver.receiveBatchAsync(incoming);
    expect(await sender.sendBatchAsync(outgoing)).toBe(2);
    expect(await waits).toBeGreaterThan(0);
    await expect(receiver.receiveBatchAsync(incoming, { timeout: NaN })).rejects.toHaveProperty(
      'code',
      'ERR_OUT_OF_RANGE',
    );
  },
  '#sendToAsync #receiveFromAsync': async () => {
    const first = receiver.receiveFromAsync(buffer);
    const second = receiver.receiveFromAsync(Buffer.alloc(1));
    expect(await sender.sendToAsync('ab', receiver.address())).toBe(2);
    expect(await sender.sendToAsync('cd', receiver.address())).toBe(2);
    expect(await first).toMatchObject({ bytes: 2, truncated: false });
    expect(await second).toMatchObject({ bytes: 1, truncated: true });
    await expect(receiver.receiveFromAsync(buffer, { timeout: 10 })).rejects.toHaveProperty(
      'code',
      'ETIMEDOUT',
    );
  },
  '#sendMessageAsync #receiveMessageAsync': async () => {
    const data = Buffer.from('x');
    await sender.sendMessageAsync({ data, address: receiver.address() });
    expect(await receiver.receiveMessageAsync({ buffers: [buffer] })).toMatchObject({ bytes: 1 });
  },
  '.fromFileDescriptor': () => {
    const address = receiver.address();
    const taken = DatagramSocket.fromFileDescriptor(receiver.detach());
    sender.sendTo('x', address);
    expect(next(taken)).toBe('x');
    taken.close();
  },
  '.pair': () => {
    const [first, second] = DatagramSocket.pair();
    first.sendBytes('');
    first.sendBytes('ab');
    expect([next(second), next(second)]).toEqual(['', 'ab']);
    first.close();
    second.close();
    expect(outcome(() => DatagramSocket.pair(constants.SOCK_STREAM))).toBe('ERR_INVALID_ARG_VALUE');
  },
  '#bind': () => {
    expect(outcome(() => new DatagramSocket(receiver.address()))).toBe('EADDRINUSE');
    const first = new DatagramSocket('127.0.0.1:0', false, true);
    const second = new DatagramSocket(first.address(), false, true);
    expect(second.address().equals(first.address())).toBe(true);
    first.close();
    second.close();
  },
  '#bind6': () => {
    const socket = new DatagramSocket();
    socket.bind6(0, false, false, true);
    expect(socket.getIPv6Only()).toBe(true);
    socket.close();
    expect(
      outcome(() => {
        socket.bind6('127.0.0.1:0');
      }),
    ).toBe('ERR_INVALID_ARG_VALUE');
  },
  '#connect #disconnect': () => {
    sender.connect(receiver.address());
    expect(sender.peerAddress().equals(receiver.address())).toBe(true);
    sender.sendBytes('x');
    expect(next()).toBe('x');
    sender.disconnect();
    expect(outcome(() => sender.peerAddress())).toBe('ENOTCONN');
    expect(outcome(() => sender.sendBytes('x'))).toBe('EDESTADDRREQ');
    // An ICMP error is told by the next call.
    sender.connect(receiver.address());
    receiver.close();
    sender.sendBytes('x');
    sender.setReceiveTimeout(5000);
    expect(outcome(() => sender.receiveBytes(buffer))).toBe('ECONNREFUSED');
  },
  '#sendBytes #receiveBytes': () => {
    sender.connect(receiver.address());
    expect(sender.sendBytes(Buffer.from('xabx'), 0, 1, 2)).toBe(2);
    expect(sender.sendBytes([Buffer.from('c'), Buffer.from('d')])).toBe(2);
    expect(receiver.receiveBytes(buffer, MSG_PEEK | MSG_TRUNC, 0, 1)).toBe(2);
    expect(next()).toBe('ab');
    const parts = [Buffer.alloc(1), Buffer.alloc(1)];
    expect(receiver.receiveBytes(parts)).toBe(2);
    expect(Buffer.concat(parts).toString()).toBe('cd');
    expect(atOnce(receiver, () => receiver.receiveBytes(buffer))).toBe(WOULD_BLOCK);
    receiver.setReceiveTimeout(20);
    expect(outcome(() => receiver.receiveBytes(buffer))).toBe('ETIMEDOUT');
    // @ts-expect-error a string is not memory
    expect(outcome(() => receiver.receiveBytes('text'))).toBe('ERR_INVALID_ARG_TYPE');
    expect(outcome(() => sender.sendBytes(Buffer.alloc(65_536)))).toBe('EMSGSIZE');
    expect(sender.sendBytes('')).toBe(0);
    expect(receiver.receiveBytes(buffer)).toBe(0);
  },
  '#sendTo #receiveFrom': () => {
    expect(sender.sendTo('hello', receiver.address())).toBe(5);
    const datagram = receiver.receiveFrom(buffer.subarray(0, 3));
    expect(datagram).toMatchObject({ bytes: 3, truncated: true });
    expect(datagram.address?.port()).toBe(sender.address().port());
    expect(atOnce(receiver, () => receiver.receiveFrom(buffer))).toEqual({
      bytes: WOULD_BLOCK,
      address: null,
      truncated: false,
    });
    const fresh = new DatagramSocket();
    expect(fresh.sendTo([Buffer.from('a'), Buffer.from('b')], receiver.address())).toBe(2);
    expect(next()).toBe('ab');
    fresh.close();
    expect(outcome(() => fresh.receiveFrom(buffer))).toBe('EBADF');
  },
  '#sendMessage #receiveMessage': () => {
    receiver.setPacketInfo(true);
    const data = Buffer.from('abc');
    expect(sender.sendMessage({ data, address: receiver.address() })).toBe(3);
    const { bytes, control, flags } = receiver.receiveMessage({
      buffers: [buffer],
      controlLength: 128,
    });
    expect([bytes, flags]).toEqual([3, 0]);
    expect(control).toEqual([{ type: 'IP_PKTINFO', interface: 1, address: '127.0.0.1' }]);
  },
  '#receiveError': () => {
    if (constants.MSG_ERRQUEUE === undefined) {
      // A datagram is not taken for an error.
      sender.sendTo('x', receiver.address());
      expect(outcome(() => receiver.receiveError())).toBe('ERR_FEATURE_UNAVAILABLE_ON_PLATFORM');
      expect(next()).toBe('x');
      return;
    }
    expect(sender.receiveError()).toBeNull();
    sender.setReceiveErrors(true);
    const address = receiver.address();
    receiver.close();
    sender.sendTo('x', address);
    while (!sender.poll(5000, 4));
    const error = sender.receiveError();
    expect(error).toMatchObject({ type: 'IP_RECVERR', origin: 2, icmpType: 3, icmpCode: 3 });
    expect(error?.error?.code).toBe('ECONNREFUSED');
    expect(error?.address?.equals(address)).toBe(true);
    expect(error?.offender?.host()).toBe('127.0.0.1');
  },
  '#sendBatch #receiveBatch': () => {
    const outgoing = new DatagramBatch(3, 8);
    for (let i = 0; i < 3; i++) outgoing.set(i, 'abc'.slice(0, i + 1), receiver.address());
    expect(sender.sendBatch(outgoing, 2)).toBe(2);
    expect(sender.sendBatch(outgoing)).toBe(3);
    const incoming = new DatagramBatch(8, 2);
    expect(receiver.receiveBatch(incoming, MSG_WAITFORONE)).toBe(5);
    expect([0, 1, 2, 3, 4].map((i) => incoming.data(i).toString())).toEqual([
      'a',
      'ab',
      'a',
      'ab',
      'ab',
    ]);
    expect(incoming.flags(4) & MSG_TRUNC).toBe(MSG_TRUNC);
    expect(incoming.address(0)?.port()).toBe(sender.address().port());
    expect(receiver.receiveBatch(incoming, MSG_DONTWAIT)).toBe(WOULD_BLOCK);
    receiver.setReceiveTimeout(20);
    expect(outcome(() => receiver.receiveBatch(incoming))).toBe('ETIMEDOUT');
    expect(outcome(() => sender.sendBatch(outgoing, 4))).toBe('ERR_OUT_OF_RANGE');
  },
  '#joinGroup #leaveGroup': () => {
    const group = new SocketAddress('239.1.2.3', 0);
    const all = new DatagramSocket('0.0.0.0:0');
    all.setReceiveTimeout(5000);
    all.joinGroup(group, { interface: 'lo' });
    sender.setMulticastInterface('127.0.0.1');
    sender.sendTo('x', new SocketAddress('239.1.2.3', all.address().port()));
    expect(next(all)).toBe('x');
    expect(
      outcome(() => {
        all.joinGroup(group, { interface: 'lo' });
      }),
    ).toBe('EADDRINUSE');
    all.leaveGroup(group, { interface: 'lo' });
    expect(
      outcome(() => {
        all.leaveGroup(group, { interface: 1 });
      }),
    ).toBe('EADDRNOTAVAIL');
    expect(
      outcome(() => {
        all.joinGroup(group, { interface: 'nowhere' });
      }),
    ).toBe('ERR_INVALID_ARG_VALUE');
    expect(
      outcome(() => {
        all.joinGroup('10.0.0.1:0');
      }),
    ).toBe('EINVAL');
    all.close();
  },
  '#blockSource #unblockSource': () => {
    const all = new DatagramSocket('0.0.0.0:0');
    all.setReceiveTimeout(5000);
    const group = new SocketAddress('239.1.2.4', all.address().port());
    const source = '127.0.0.1:0';
    all.joinGroup(group, { interface: 'lo', source });
    sender.bind('127.0.0.1:0');
    sender.setMulticastInterface('127.0.0.1');
    sender.sendTo('wanted', group);
    expect(next(all)).toBe('wanted');
    all.leaveGroup(group, { interface: 'lo', source });
    all.joinGroup(group, { interface: 'lo' });
    all.blockSource(group, { source, interface: 'lo' });
    sender.sendTo('blocked', group);
    all.unblockSource(group, { source, interface: 'lo' });
    sender.sendTo('after', group);
    expect(next(all)).toBe('after');
    all.close();
  },
});
