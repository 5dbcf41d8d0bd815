/** What is too long, too short or of another kind, and what the kernel says: told, and nothing leaks. */
import { readdirSync } from 'node:fs';
import {
  DatagramBatch,
  DatagramSocket,
  PollSet,
  Socket,
  StreamSocket,
  constants,
  type OutgoingControl,
} from '../lib/index';
import * as raw from '../lib/raw';
import { isMusl } from './support/libc';
import { outcome } from './support/peer';

const {
  IPPROTO_TCP,
  MSG_CTRUNC,
  MSG_DONTWAIT,
  MSG_TRUNC,
  SCM_RIGHTS,
  SO_KEEPALIVE,
  SO_RCVTIMEO,
  SOL_SOCKET,
} = constants;

const RANGE = 'ERR_OUT_OF_RANGE';

/** How many are open, where the system tells. */
const openDescriptors = (): number | undefined =>
  process.platform === 'linux' ? readdirSync('/proc/self/fd').length : undefined;

let near: StreamSocket;
let far: StreamSocket;
let before: number | undefined;
beforeEach(() => {
  [near, far] = StreamSocket.pair();
  far.setReceiveTimeout(5000);
  before = openDescriptors();
});
afterEach(() => {
  expect(openDescriptors()).toBe(before);
  near.close();
  far.close();
});

function rights(count: number): OutgoingControl[] {
  return [{ type: 'SCM_RIGHTS', descriptors: Array<StreamSocket>(count).fill(near) }];
}

describe('control messages', () => {
  /** SCM_MAX_FD, unix(7). */
  // The kernel's limit; musl's sendmsg(2) takes 1,024 bytes of control data.
  const MOST = isMusl ? 252 : 253;
  const data = Buffer.from('x');

  test(`${MOST} descriptors go in one message, one more is refused, and nothing of them goes`, () => {
    expect(outcome(() => near.sendMessage({ data, control: rights(MOST + 1) }))).toBe(
      isMusl ? 'ENOMEM' : 'EINVAL',
    );
    expect(near.sendMessage({ data, control: rights(MOST) })).toBe(1);
    const controlLength = raw.controlSpace(4 * MOST);
    const { control, flags } = far.receiveMessage({ buffers: [Buffer.alloc(8)], controlLength });
    expect(flags & MSG_CTRUNC).toBe(0);
    expect(openDescriptors()).toBe((before ?? 0) + MOST);
    for (const message of control) if ('descriptors' in message) message.descriptors.close();
  });

  test('more than is taken is ENOBUFS, musl’s ENOMEM, and the socket goes on', () => {
    const control = Buffer.alloc(1 << 20);
    const { ENOBUFS, ENOMEM } = constants;
    const sent = raw.sendmsg(near.sockfd(), null, [data], control, 0);
    expect(sent).toBe(isMusl ? -ENOMEM : -ENOBUFS);
    expect(near.sendMessage({ data })).toBe(1);
  });

  test('a length that lies is the kernel’s to refuse, or counts for nothing', () => {
    const whole = raw.encodeControl([
      { level: SOL_SOCKET, type: SCM_RIGHTS, data: Int32Array.of(near.sockfd()) },
    ]);
    const header = raw.controlSpace(0);
    for (let lie = 0; lie <= whole.length + 1; lie++) {
      const control = Buffer.from(whole);
      control.writeUInt32LE(lie);
      const sent = raw.sendmsg(near.sockfd(), null, [data], control, 0);
      const isWhole = lie >= header && lie <= whole.length;
      expect([lie, sent]).toEqual([lie, isWhole ? 1 : -constants.EINVAL]);
      if (sent > 0) expect(far.receiveBytes(Buffer.alloc(1))).toBe(1);
    }
    const huge = Buffer.from(whole);
    // The length is a size_t, in front of two ints.
    huge.fill(0xff, 0, header - 8);
    expect(raw.sendmsg(near.sockfd(), null, [data], huge, 0)).toBe(-constants.EINVAL);
  });

  test('half a header, and descriptors that are none', () => {
    const half = Buffer.alloc(raw.controlSpace(0) - 1, 0xff);
    expect(raw.sendmsg(near.sockfd(), null, [data], half, 0)).toBe(1);
    expect(far.receiveBytes(Buffer.alloc(1))).toBe(1);
    for (const fd of [1 << 30, -1]) {
      const message = { level: SOL_SOCKET, type: SCM_RIGHTS, data: Int32Array.of(fd) };
      expect(outcome(() => near.sendMessage({ data, control: [message] }))).toBe('EBADF');
    }
  });

  test('room that no message fits into brings none, and tells it', () => {
    near.sendMessage({ data, control: rights(2) });
    const { bytes, control, flags } = far.receiveMessage({
      buffers: [Buffer.alloc(1)],
      controlLength: 1,
    });
    expect([bytes, control, flags & MSG_CTRUNC]).toEqual([1, [], MSG_CTRUNC]);
  });
});

describe('options', () => {
  const wrong: [string, () => unknown, string][] = [
    [
      'too few bytes to set',
      () => {
        near.setOption(SOL_SOCKET, SO_KEEPALIVE, Buffer.alloc(3));
      },
      'EINVAL',
    ],
    [
      'no bytes to set',
      () => {
        near.setOption(SOL_SOCKET, SO_KEEPALIVE, Buffer.alloc(0));
      },
      'EINVAL',
    ],
    [
      'half a timeval to set',
      () => {
        near.setOption(SOL_SOCKET, SO_RCVTIMEO, Buffer.alloc(7));
      },
      'EINVAL',
    ],
    ['an int read as a timeval', () => near.getOption(SOL_SOCKET, SO_KEEPALIVE, 'timeval'), RANGE],
    ['an int read as a linger', () => near.getOption(SOL_SOCKET, SO_KEEPALIVE, 'linger'), RANGE],
    ['an unknown kind', () => near.getOption(SOL_SOCKET, SO_KEEPALIVE, 'float' as never), RANGE],
    [
      'a kind of the prototype',
      () => near.getOption(SOL_SOCKET, SO_KEEPALIVE, 'toString' as never),
      RANGE,
    ],
    ['more room than any', () => near.getOption(SOL_SOCKET, SO_KEEPALIVE, 'bytes', 1e6), RANGE],
    [
      'a number for a linger',
      () => {
        near.setOption(SOL_SOCKET, constants.SO_LINGER, 1 as never, 'linger');
      },
      'ERR_INVALID_ARG_TYPE',
    ],
    [
      'text for bytes',
      () => {
        near.setOption(SOL_SOCKET, SO_KEEPALIVE, 'on' as never, 'bytes');
      },
      'ERR_INVALID_ARG_TYPE',
    ],
    [
      'an option of another protocol',
      () => {
        near.setOption(IPPROTO_TCP, constants.TCP_NODELAY, 1);
      },
      'EOPNOTSUPP',
    ],
  ];
  test.each(wrong)('%s', (_, call, code) => {
    expect(outcome(call)).toBe(code);
    expect(near.getKeepAlive()).toBe(false);
  });

  test('less room than the option has gives what fits, more gives what there is', () => {
    near.setReceiveTimeout(3000);
    expect(near.getOption(SOL_SOCKET, SO_RCVTIMEO, 'bytes', 0)).toHaveLength(0);
    expect(near.getOption(SOL_SOCKET, SO_KEEPALIVE, 'bytes', 1)).toHaveLength(1);
    expect(near.getOption(SOL_SOCKET, SO_KEEPALIVE, 'bytes', 64)).toHaveLength(4);
  });
});

describe('sets', () => {
  test('a closed socket is refused by add, and a set that has one forgets it', () => {
    const [first, second] = StreamSocket.pair();
    const set = new PollSet();
    set.add(first, PollSet.POLL_READ);
    set.add(second, PollSet.POLL_READ);
    first.close();
    expect(
      outcome(() => {
        set.add(first, PollSet.POLL_READ);
      }),
    ).toBe('EBADF');
    expect(
      outcome(() => {
        set.update(first, PollSet.POLL_READ);
      }),
    ).toBe('ERR_OUT_OF_RANGE');
    set.remove(first);
    expect([...set.poll(0).keys()]).toEqual([second]);
    second.close();
    expect([set.count(), set.poll(0).size]).toEqual([0, 0]);
    set.close();
    expect(
      outcome(() => {
        set.add(near, PollSet.POLL_READ);
      }),
    ).toBe('EBADF');
  });

  test('its number, taken by another socket, is not in the set', () => {
    const set = new PollSet();
    const first = new StreamSocket('ipv4');
    const number = first.sockfd();
    set.add(first, PollSet.POLL_WRITE);
    first.close();
    const second = new StreamSocket('ipv4');
    expect(second.sockfd()).toBe(number);
    expect([set.has(second), set.socket(number), set.poll(0).size]).toEqual([false, undefined, 0]);
    second.close();
    set.close();
  });

  test('select refuses a list with a closed one, and leaves the lists alone', () => {
    const closed = new StreamSocket('ipv4');
    closed.close();
    const read: Socket[] = [near, closed];
    expect(outcome(() => Socket.select(read, [], [], 0))).toBe('EBADF');
    expect(read).toEqual([near, closed]);
  });
});

describe('datagrams', () => {
  const LONGEST = { ipv4: 65_507, ipv6: 65_527 } as const;

  test.each(['ipv4', 'ipv6'] as const)('%s: the longest, and one byte more', (family) => {
    const receiver = new DatagramSocket({ host: family === 'ipv4' ? '127.0.0.1' : '::1', port: 0 });
    receiver.setReceiveTimeout(5000);
    const sender = new DatagramSocket();
    const longest = Buffer.alloc(LONGEST[family], 'x');
    longest.write('end', longest.length - 3);
    const to = receiver.address();
    for (const length of [longest.length + 1, 65_536, 1 << 20]) {
      expect(outcome(() => sender.sendTo(Buffer.alloc(length), to))).toBe('EMSGSIZE');
    }
    const buffer = Buffer.alloc(65_536);
    expect(sender.sendTo(longest, to)).toBe(longest.length);
    expect(receiver.receiveFrom(buffer)).toMatchObject({ bytes: longest.length, truncated: false });
    expect(buffer.toString('latin1', longest.length - 3, longest.length)).toBe('end');
    sender.sendTo(longest, to);
    const short = receiver.receiveMessage({ buffers: [buffer.subarray(0, 10)], flags: MSG_TRUNC });
    expect([short.bytes, short.flags & MSG_TRUNC]).toEqual([longest.length, MSG_TRUNC]);
    receiver.close();
    sender.close();
  });

  test('65,536 bytes go over a Unix socket, and through a batch', () => {
    const [first, second] = DatagramSocket.pair();
    second.setReceiveTimeout(5000);
    const batch = new DatagramBatch(1, 65_536);
    batch.set(0, Buffer.alloc(65_536, 'y'));
    expect(first.sendBatch(batch)).toBe(1);
    batch.slab.fill(0);
    expect(second.receiveBatch(batch)).toBe(1);
    expect([batch.length(0), batch.data(0)[65_535], batch.flags(0)]).toEqual([65_536, 0x79, 0]);
    expect(
      outcome(() => {
        batch.set(0, Buffer.alloc(65_537));
      }),
    ).toBe('ERR_OUT_OF_RANGE');
    expect(outcome(() => new DatagramBatch(1, 65_537))).toBe('ERR_OUT_OF_RANGE');
    first.close();
    second.close();
  });
});

describe('vectors', () => {
  const MOST = constants.IOV_MAX;
  const full = (count: number): Buffer[] => Array<Buffer>(count).fill(Buffer.alloc(1));
  const calls: [string, (list: Buffer[]) => unknown][] = [
    ['raw.sendmsg', (list) => raw.sendmsg(near.sockfd(), null, list, null, 0)],
    ['raw.recvmsg', (list) => raw.recvmsg(near.sockfd(), null, list, null, MSG_DONTWAIT)],
    ['sendBytes', (list) => near.sendBytes(list)],
    ['receiveBytes', (list) => near.receiveBytes(list, MSG_DONTWAIT)],
    ['sendMessage', (list) => near.sendMessage({ data: list })],
    ['receiveMessage', (list) => near.receiveMessage({ buffers: list, flags: MSG_DONTWAIT })],
    ['sendBytesAsync', (list) => near.sendBytesAsync(list)],
    ['receiveBytesAsync', (list) => near.receiveBytesAsync(list, { flags: MSG_DONTWAIT })],
  ];

  test.each(calls)(
    '%s refuses one buffer too many, and takes no look at those behind',
    async (name, call) => {
      const codeOf = async (list: Buffer[]): Promise<unknown> => {
        try {
          return await call(list);
        } catch (error) {
          return (error as { code?: string }).code;
        }
      };
      const tooMany = name.startsWith('raw') ? -constants.EMSGSIZE : 'EMSGSIZE';
      expect(await codeOf(full(MOST))).not.toBe(tooMany);
      let looks = 0;
      const long = full(MOST + 1);
      Object.defineProperty(long, MOST + 1, { get: () => (looks++, Buffer.alloc(1)) });
      expect(await codeOf(long)).toBe(tooMany);
      // No element: of that many the first is one too many to look at.
      expect(await codeOf(new Array<Buffer>(2 ** 32 - 1))).toBe('ERR_INVALID_ARG_TYPE');
      expect(looks).toBe(0);
    },
  );
});

test('an option whose length is a number of instructions', () => {
  const socket = new DatagramSocket('127.0.0.1:0');
  socket.attachFilter([
    [0x30, 0, 0, 0],
    [0x06, 0, 0, 0xffff],
  ]);
  const { SO_GET_FILTER = 0 } = constants;
  const room = Buffer.alloc(16);
  const get = (length: number) =>
    raw.getsockopt(socket.sockfd(), SOL_SOCKET, SO_GET_FILTER, room, 0, Int32Array.of(length));
  expect(outcome(() => get(4))).toBe(RANGE);
  expect(outcome(() => socket.getOption(SOL_SOCKET, SO_GET_FILTER))).toBe(RANGE);
  expect(room.every((byte) => byte === 0)).toBe(true);
  expect(get(2)).toBe(0);
  expect(room.readUInt16LE(8)).toBe(0x06);
  socket.close();
});
