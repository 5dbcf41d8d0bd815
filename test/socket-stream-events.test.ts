/** The same script over net.Socket and over SocketStream: the same events in the same order. */
import { once } from 'node:events';
import * as net from 'node:net';
import { createConnection, type SocketStream } from '../lib/index';

type Stream = net.Socket | SocketStream;
type Log = (string | number | boolean)[];
interface Target {
  host?: string;
  port?: number;
  path?: string;
  allowHalfOpen?: boolean;
}
type Dial = (options: Target) => Stream;

const dials: [string, Dial][] = [
  ['net', (options) => net.createConnection({ ...options } as net.NetConnectOpts)],
  ['ours', (options) => createConnection({ ...options })],
];

/** What happens until the stream is closed; data only by its total. */
async function record(stream: Stream, script: (stream: Stream, log: Log) => void): Promise<Log> {
  const log: Log = [];
  let received = 0;
  for (const name of ['connect', 'ready', 'finish', 'drain', 'timeout']) {
    stream.on(name, () => log.push(name));
  }
  stream.on('data', (data: Buffer) => (received += data.length));
  stream.on('end', () => log.push(`end ${String(received)}`));
  stream.on('error', (error: NodeJS.ErrnoException) => log.push(`error ${String(error.code)}`));
  const closed = new Promise<void>((resolve) => {
    stream.on('close', (hadError: boolean) => {
      log.push(`close ${String(hadError)}`);
      resolve();
    });
  });
  script(stream, log);
  await closed;
  return log;
}

interface Script {
  title: string;
  /** What the peer does with its connection. */
  peer?: (socket: net.Socket) => void;
  run: (stream: Stream, log: Log) => void;
  /** Where it goes instead of to the peer. */
  target?: Target;
  options?: Pick<Target, 'allowHalfOpen'>;
  /** What ours logs otherwise, and why. */
  differs?: { because: string; log: Log };
}

const echo = (socket: net.Socket): void => {
  socket.pipe(socket);
};

const scripts: Script[] = [
  {
    title: 'write, end: the peer sends all back',
    peer: echo,
    run: (stream, log) => {
      stream.write('hello', () => log.push('written'));
      stream.end(' world', () => log.push('ended'));
    },
  },
  {
    title: 'the peer ends first',
    peer: (socket) => socket.end('bye'),
    run: () => undefined,
  },
  {
    title: 'the peer ends first, and what is written is still written',
    peer: (socket) => {
      socket.end('bye');
      socket.resume();
    },
    run: (stream, log) => {
      stream.on('end', () => log.push(`writable ${String(stream.writable)}`));
    },
  },
  {
    title: 'destroy at once',
    peer: echo,
    run: (stream) => stream.destroy(),
  },
  {
    title: 'destroy with an error, behind connect',
    peer: echo,
    run: (stream) =>
      stream.on('connect', () =>
        stream.destroy(Object.assign(new Error('mine'), { code: 'MINE' })),
      ),
  },
  {
    title: 'write after end',
    peer: echo,
    run: (stream, log) => {
      stream.end('x');
      stream.write('y', (error) => log.push(`callback ${(error as { code?: string }).code ?? ''}`));
    },
  },
  {
    title: 'write after destroy',
    peer: echo,
    run: (stream, log) => {
      stream.on('connect', () => {
        stream.destroy();
        stream.write('y', (error) =>
          log.push(`callback ${(error as { code?: string } | null)?.code ?? 'none'}`),
        );
      });
    },
  },
  {
    title: 'the peer resets',
    peer: (socket) => socket.once('data', () => socket.resetAndDestroy()),
    run: (stream) => stream.write('x'),
  },
  {
    title: 'we reset',
    peer: (socket) => socket.on('error', () => undefined),
    run: (stream) => stream.on('connect', () => stream.resetAndDestroy()),
  },
  {
    title: 'destroySoon',
    peer: (socket) => socket.resume(),
    run: (stream) => {
      stream.write('last');
      (stream as SocketStream).destroySoon();
    },
  },
  {
    title: 'no traffic: timeout, which ends nothing',
    peer: echo,
    run: (stream) => {
      stream.on('connect', () => stream.setTimeout(20));
      stream.once('timeout', () => {
        stream.setTimeout(0);
        stream.end();
      });
    },
  },
  {
    title: 'thousands of writes that were corked',
    peer: echo,
    run: (stream, log) => {
      stream.cork();
      for (let i = 0; i < 3000; i++) stream.write('xy');
      stream.uncork();
      stream.end(() => log.push(stream.bytesWritten));
    },
  },
  {
    title: 'a name, and data listened to before it is connected',
    target: { host: 'localhost' },
    peer: (socket) => socket.end('hello'),
    run: () => undefined,
  },
  {
    title: 'backpressure: false, then drain',
    peer: echo,
    run: (stream, log) => {
      stream.on('connect', () => {
        let written = true;
        while (written) written = stream.write(Buffer.alloc(1 << 20));
        log.push('full');
        stream.once('drain', () => stream.end());
      });
    },
  },
  {
    title: 'paused reading loses nothing',
    peer: (socket) => socket.end(Buffer.alloc(3 << 20)),
    run: (stream) => {
      stream.once('data', () => {
        stream.pause();
        setImmediate(() => stream.resume());
      });
    },
  },
  {
    title: 'allowHalfOpen: the answer is written behind the end of the peer',
    options: { allowHalfOpen: true },
    peer: (socket) => {
      socket.end('question');
      socket.resume();
    },
    run: (stream, log) => {
      stream.on('end', () => {
        log.push(stream.readyState);
        stream.end('answer', () => log.push('ended'));
      });
    },
  },
  {
    title: 'end twice',
    peer: echo,
    run: (stream, log) => {
      stream.end('x');
      stream.end(() => log.push('again'));
    },
  },
  {
    title: 'destroy inside data',
    peer: (socket) => {
      socket.on('error', () => undefined);
      socket.write(Buffer.alloc(3 << 20));
    },
    run: (stream) => {
      stream.removeAllListeners('data');
      stream.once('data', () => stream.destroy());
    },
  },
  {
    title: 'destroy with what is written still under way',
    peer: (socket) => {
      socket.on('error', () => undefined);
      socket.pause();
    },
    run: (stream, log) => {
      stream.on('connect', () => {
        stream.write(Buffer.alloc(32 << 20), (error) =>
          log.push(`callback ${(error as { code?: string } | null)?.code ?? 'none'}`),
        );
        setImmediate(() => stream.destroy());
      });
    },
    differs: {
      because: 'net tells that bytes were written which never were',
      log: ['connect', 'ready', 'callback EBADF', 'close false'],
    },
  },
  {
    title: 'the states',
    peer: (socket) => socket.resume(),
    run: (stream, log) => {
      const tell = (): void => {
        log.push(stream.readyState, stream.pending, stream.connecting);
      };
      tell();
      stream.on('connect', () => {
        tell();
        stream.end(tell);
        tell();
      });
      stream.on('end', tell);
      stream.on('close', tell);
    },
  },
  {
    title: 'refused',
    target: { host: '127.0.0.1', port: 1 },
    run: () => undefined,
  },
  {
    title: 'no such path',
    target: { path: '/nowhere/socket' },
    run: () => undefined,
  },
  {
    title: 'a write while connecting is refused too',
    target: { path: '/nowhere/socket' },
    run: (stream, log) => {
      stream.write('x', (error) => log.push(`callback ${(error as { code?: string }).code ?? ''}`));
    },
  },
];

test.each(scripts)('$title', async ({ peer, run, target, options, differs }) => {
  const logs: Log[] = [];
  for (const [, dial] of dials) {
    const server = net.createServer({ allowHalfOpen: options?.allowHalfOpen ?? false }, peer);
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as net.AddressInfo;
    logs.push(
      await record(
        dial({ ...(target?.path ? {} : { host: '127.0.0.1', port }), ...target, ...options }),
        run,
      ),
    );
    server.close();
  }
  const [theirs, ours] = logs;
  expect(ours).toEqual(differs?.log ?? theirs);
  if (differs) expect(differs.log).not.toEqual(theirs);
});
