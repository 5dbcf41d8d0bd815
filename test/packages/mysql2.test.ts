/** mysql2 over SocketStream, against a real MariaDB on a Unix socket. */
import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import {
  createConnection as connectSql,
  createPool,
  type ConnectionOptions,
  type RowDataPacket,
} from 'mysql2/promise';
import { createConnection } from '../../lib/index';
import { describeWith, find } from '../support/programs';

const mariadb = find('mariadbd') ?? '';

describeWith('mariadbd')('mysql2 (needs mariadb-server)', () => {
  let folder: string;
  let server: ChildProcess;
  let config: ConnectionOptions;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'bsd-sockets-mysql2-'));
    const path = join(folder, 'socket');
    const args = ['--no-defaults', `--datadir=${folder}/data`];
    if (process.getuid?.() === 0) args.push('--user=root');
    const setUp = [...args, '--auth-root-authentication-method=normal', '--skip-name-resolve'];
    execFileSync('mariadb-install-db', setUp, { stdio: ['ignore', 'ignore', 'inherit'] });
    server = spawn(mariadb, [...args, '--skip-networking', `--socket=${path}`], {
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    if (server.stderr === null) throw new Error('no output');
    for await (const line of createInterface({ input: server.stderr })) {
      if (line.includes('ready for connections')) break;
    }
    config = { user: 'root', database: 'test', stream: () => createConnection({ path }) };
  });
  afterAll(async () => {
    const exit = once(server, 'exit');
    server.kill();
    await exit;
    rmSync(folder, { recursive: true });
  });

  test('a column of 1 MiB, by a prepared statement and by text', async () => {
    const client = await connectSql(config);
    await client.query('CREATE TABLE files (data LONGBLOB)');
    const data = randomBytes(1 << 20);
    await client.execute('INSERT INTO files VALUES (?)', [data]);
    type Row = RowDataPacket & { data: Buffer };
    const [prepared] = await client.execute<Row[]>('SELECT data FROM files');
    const [asText] = await client.query<Row[]>('SELECT data FROM files');
    expect(prepared[0]?.data.equals(data)).toBe(true);
    expect(asText[0]?.data.equals(data)).toBe(true);
    await client.end();
  });

  test('a pool of 8 connections, 200 queries at once', async () => {
    const pool = createPool({ ...config, connectionLimit: 8 });
    const numbers = Array.from({ length: 200 }, (_, i) => i);
    const results = await Promise.all(
      numbers.map((i) => {
        const sql = 'SELECT ? AS number, CONNECTION_ID() AS id, SLEEP(0.002)';
        return pool.query<(RowDataPacket & { number: number; id: number })[]>(sql, [i]);
      }),
    );
    const rows = results.flatMap(([found]) => found);
    expect(rows.map(({ number }) => number)).toEqual(numbers);
    expect(new Set(rows.map(({ id }) => id)).size).toBe(8);
    await pool.end();
  });
});
