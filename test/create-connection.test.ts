/** The options of `createConnection`, beside `net.createConnection`'s. */
import { once } from 'node:events';
import * as net from 'node:net';
import {
  ServerSocket,
  StreamSocket,
  createConnection,
  type ConnectionOptions,
  type LookupFunction,
  type SocketStream,
} from '../lib/index';

let server: ServerSocket;
let port: number;
const open: { close: () => void }[] = [];
const streams: (SocketStream | net.Socket)[] = [];

beforeEach(() => {
  server = new ServerSocket('127.0.0.1:0');
  port = server.address().port();
});
afterEach(() => {
  for (const stream of streams.splice(0)) stream.destroy();
  for (const socket of [server, ...open.splice(0)]) socket.close();
});

/** Every name has these addresses, of this machine's 127.0.0.0/8. */
const finds =
  (...addresses: string[]): LookupFunction =>
  (_, __, callback) => {
    callback(
      null,
      addresses.map((address) => ({ address, family: 4 })),
    );
  };

function dial(options: ConnectionOptions): SocketStream {
  const stream = createConnection({ host: 'some.name', port, ...options });
  streams.push(stream);
  return stream;
}

function dialNet(options: Partial<net.TcpNetConnectOpts>): net.Socket {
  const stream = net.createConnection({ host: 'some.name', port, ...options });
  streams.push(stream);
  return stream;
}

async function errorOf(stream: SocketStream | net.Socket): Promise<Error & { code?: string }> {
  const [error] = (await once(stream, 'error')) as [Error & { code?: string }];
  return error;
}

/** Listens on the same port of another address, and answers nobody any more. */
function silent(address: string): void {
  const full = new ServerSocket();
  full.bind({ host: address, port });
  full.listen(0);
  open.push(full, new StreamSocket({ host: address, port }));
}

describe('the addresses of a name', () => {
  test('the next one is tried when one refuses', async () => {
    const stream = dial({ lookup: finds('127.0.0.2', '127.0.0.1') });
    await once(stream, 'connect');
    expect(stream.remoteAddress).toBe('127.0.0.1');
  });

  test('the next one is tried when one does not answer in time', async () => {
    silent('127.0.0.2');
    const stream = dial({
      lookup: finds('127.0.0.2', '127.0.0.1'),
      autoSelectFamilyAttemptTimeout: 20,
    });
    await once(stream, 'connect');
    expect(stream.remoteAddress).toBe('127.0.0.1');
  });

  test('all refuse: their errors together, with the code of the first, as net has it', async () => {
    server.close();
    const lookup = finds('127.0.0.1', '127.0.0.2');
    const theirs = await errorOf(
      dialNet({ lookup: lookup as net.LookupFunction, autoSelectFamily: true }),
    );
    const ours = await errorOf(dial({ lookup }));
    for (const error of [theirs, ours]) {
      expect(error).toMatchObject({ name: 'AggregateError', code: 'ECONNREFUSED' });
      const { errors } = error as AggregateError;
      expect(errors.map(({ address }: { address?: string }) => address)).toEqual([
        '127.0.0.1',
        '127.0.0.2',
      ]);
    }
  });

  test('a lookup that gives one address is understood too', async () => {
    const stream = dial({
      lookup: (_, __, callback) => {
        callback(null, '127.0.0.1');
      },
    });
    await once(stream, 'connect');
  });

  test('a lookup that fails is the error; one that finds nothing ENOTFOUND', async () => {
    const mine = new Error('mine');
    const failing: LookupFunction = (_, __, callback) => {
      callback(mine, []);
    };
    expect(await errorOf(dial({ lookup: failing }))).toBe(mine);
    expect(await errorOf(dial({ lookup: finds() }))).toHaveProperty('code', 'ENOTFOUND');
  });

  test('a numeric host is not looked up', async () => {
    const lookup: LookupFunction = () => {
      throw new Error('looked up');
    };
    await once(dial({ host: '127.0.0.1', lookup }), 'connect');
  });
});

test('localAddress and localPort are bound before', async () => {
  const probing = new ServerSocket('127.0.0.3:0');
  const localPort = probing.address().port();
  probing.close();
  const stream = dial({ host: '127.0.0.1', localAddress: '127.0.0.3', localPort });
  await once(stream, 'connect');
  expect([stream.localAddress, stream.localPort]).toEqual(['127.0.0.3', localPort]);
});

test('noDelay and keepAlive are set when it is connected', async () => {
  const options = { noDelay: true, keepAlive: true, keepAliveInitialDelay: 7000 };
  const { socket } = dial({ host: '127.0.0.1', ...options });
  await once(streams[0] as SocketStream, 'connect');
  expect([socket.getNoDelay(), socket.getKeepAlive()]).toEqual([true, true]);
  expect(socket.getKeepAliveIdle()).toBe(7);
});

describe.each([
  ['net', dialNet],
  ['ours', dial],
])('%s', (_, connect) => {
  test('timeout counts while connecting, and ends nothing', async () => {
    silent('127.0.0.4');
    const stream = connect({ host: '127.0.0.4', timeout: 20 });
    await once(stream, 'timeout');
    expect([stream.connecting, stream.destroyed]).toEqual([true, false]);
  });

  test('a signal ends it, before and while it is connecting', async () => {
    silent('127.0.0.4');
    const controller = new AbortController();
    const stream = connect({ host: '127.0.0.4', signal: controller.signal });
    setImmediate(() => {
      controller.abort();
    });
    expect(await errorOf(stream)).toHaveProperty('name', 'AbortError');
    const late = connect({ host: '127.0.0.4', signal: controller.signal });
    expect(await errorOf(late)).toHaveProperty('name', 'AbortError');
  });

  test('highWaterMark is of both directions', () => {
    const { readableHighWaterMark, writableHighWaterMark } = connect({
      host: '127.0.0.1',
      highWaterMark: 1234,
    });
    expect([readableHighWaterMark, writableHighWaterMark]).toEqual([1234, 1234]);
  });

  test('onread gets the bytes, and stops them by false', async () => {
    const seen: string[] = [];
    const stream = connect({
      host: '127.0.0.1',
      onread: {
        buffer: Buffer.alloc(3),
        callback(length: number, buffer: Uint8Array) {
          seen.push(Buffer.from(buffer).toString('latin1', 0, length));
          return seen.length !== 1;
        },
      },
    });
    const accepted = await server.acceptConnectionAsync();
    open.push(accepted);
    accepted.sendBytes('abcdef');
    while (seen.length < 1) await new Promise((resolve) => setImmediate(resolve));
    for (let i = 0; i < 5; i++) await new Promise((resolve) => setImmediate(resolve));
    expect([seen, stream.bytesRead]).toEqual([['abc'], 3]);
    stream.resume();
    accepted.close();
    await once(stream, 'end');
    expect(seen).toEqual(['abc', 'def']);
  });
});
