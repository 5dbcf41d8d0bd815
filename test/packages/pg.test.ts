/** pg over SocketStream, against a real PostgreSQL on a Unix socket. */
import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { chownSync, existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Duplex } from 'node:stream';
import { Client, Pool, type ClientConfig, type Notification } from 'pg';
import { createConnection } from '../../lib/index';

const versions = '/usr/lib/postgresql';
const version = existsSync(versions) ? readdirSync(versions).at(-1) : undefined;
const bin = join(versions, version ?? '', 'bin');
const hasPostgres = existsSync(join(bin, 'initdb'));

/** PostgreSQL does not run as root: then it is nobody's. */
const nobody = process.getuid?.() === 0 ? { uid: 65_534, gid: 65_534 } : {};

(hasPostgres ? describe : describe.skip)('pg (needs postgresql)', () => {
  let folder: string;
  let server: ChildProcess;
  let config: ClientConfig;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'bsd-sockets-pg-'));
    if (nobody.uid !== undefined) chownSync(folder, nobody.uid, nobody.gid);
    const data = join(folder, 'data');
    const setUp = ['-D', data, '-U', 'test', '-A', 'trust', '-E', 'UTF8', '--no-locale', '-N'];
    execFileSync(join(bin, 'initdb'), setUp, {
      ...nobody,
      cwd: folder,
      stdio: ['ignore', 'ignore', 'inherit'],
    });
    const args = ['-D', data, '-k', folder, '-h', '', '-p', '5432', '-F'];
    server = spawn(join(bin, 'postgres'), args, {
      ...nobody,
      cwd: folder,
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    if (server.stderr === null) throw new Error('no output');
    for await (const line of createInterface({ input: server.stderr })) {
      if (line.includes('ready to accept connections')) break;
    }
    const path = join(folder, '.s.PGSQL.5432');
    // pg tells its stream to connect; this one is connecting already.
    const stream = (): Duplex => Object.assign(createConnection({ path }), { connect: () => {} });
    config = { user: 'test', database: 'postgres', stream };
  });
  afterAll(async () => {
    const exit = once(server, 'exit');
    server.kill('SIGINT'); // SIGTERM would wait for the clients
    await exit;
    rmSync(folder, { recursive: true });
  });

  test('a column of 1 MiB, written and read', async () => {
    const client = new Client(config);
    await client.connect();
    await client.query('CREATE TABLE files (data bytea)');
    const data = randomBytes(1 << 20);
    await client.query('INSERT INTO files VALUES ($1)', [data]);
    const { rows } = await client.query<{ data: Buffer }>('SELECT data FROM files');
    expect(rows[0]?.data.equals(data)).toBe(true);
    await client.end();
  });

  test('a pool of 8 connections, 200 queries at once', async () => {
    const pool = new Pool({ ...config, max: 8 });
    const numbers = Array.from({ length: 200 }, (_, i) => i);
    const results = await Promise.all(
      numbers.map((i) => {
        const sql = 'SELECT $1::int AS number, pg_backend_pid() AS pid, pg_sleep(0.002)';
        return pool.query<{ number: number; pid: number }>(sql, [i]);
      }),
    );
    const rows = results.flatMap((result) => result.rows);
    expect(rows.map(({ number }) => number)).toEqual(numbers);
    expect(new Set(rows.map(({ pid }) => pid)).size).toBe(8);
    await pool.end();
  });

  test('LISTEN and NOTIFY', async () => {
    const [listener, client] = [new Client(config), new Client(config)];
    await Promise.all([listener.connect(), client.connect()]);
    await listener.query('LISTEN news');
    const notification = once(listener, 'notification');
    await client.query("NOTIFY news, 'hello'");
    const [{ channel, payload }] = (await notification) as [Notification];
    expect([channel, payload]).toEqual(['news', 'hello']);
    await Promise.all([listener.end(), client.end()]);
  });
});
