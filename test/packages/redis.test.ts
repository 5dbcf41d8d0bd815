/** ioredis over SocketStream, against a real redis-server on a Unix socket. */
import { spawn, type ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { AbstractConnector, Redis } from 'ioredis';
import { createConnection } from '../../lib/index';
import { describeWith } from '../support/programs';

describeWith('redis-server')('ioredis (needs redis-server)', () => {
  let folder: string;
  let server: ChildProcess;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'bsd-sockets-redis-'));
    const args = ['--port', '0', '--unixsocket', join(folder, 'socket'), '--dir', folder];
    server = spawn('redis-server', args, { stdio: ['ignore', 'pipe', 'inherit'] });
    if (server.stdout === null) throw new Error('no output');
    for await (const line of createInterface({ input: server.stdout })) {
      if (line.includes('eady to accept connections')) break;
    }
  });
  afterAll(async () => {
    const exit = once(server, 'exit');
    server.kill();
    await exit;
    rmSync(folder, { recursive: true });
  });

  test('values of 1 MiB, pipelines, and a subscription', async () => {
    const path = join(folder, 'socket');
    class Connector extends AbstractConnector {
      constructor() {
        super(1000);
      }
      override connect(): ReturnType<AbstractConnector['connect']> {
        // A stream is all that ioredis needs of a net.Socket.
        const stream: unknown = createConnection({ path });
        this.stream = stream as NonNullable<typeof this.stream>;
        return Promise.resolve(this.stream);
      }
    }
    const client = new Redis({ Connector });
    const value = randomBytes(1 << 20);
    await client.set('large', value);
    expect((await client.getBuffer('large'))?.equals(value)).toBe(true);
    const pipeline = client.pipeline();
    for (let i = 0; i < 1000; i++) pipeline.incr('count');
    await pipeline.exec();
    expect(await client.get('count')).toBe('1000');
    const subscriber = new Redis({ Connector });
    await subscriber.subscribe('news');
    const message = once(subscriber, 'message');
    await client.publish('news', 'hello');
    expect(await message).toEqual(['news', 'hello']);
    subscriber.disconnect();
    client.disconnect();
  });
});
