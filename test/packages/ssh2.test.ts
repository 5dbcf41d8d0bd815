/** ssh2 over SocketStream, against a real sshd. */
import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Duplex } from 'node:stream';
import { Client, type ClientChannel } from 'ssh2';
import { ServerSocket, createConnection } from '../../lib/index';
import { describeWith, find } from '../support/programs';

const sshd = find('sshd') ?? '';
const data = randomBytes(5 << 20);
const hash = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex');

function freePort(): number {
  const server = new ServerSocket('127.0.0.1:0');
  const port = server.address().port();
  server.close();
  return port;
}

async function all(stream: Duplex): Promise<Buffer> {
  const parts: Buffer[] = [];
  for await (const part of stream) parts.push(part as Buffer);
  return Buffer.concat(parts);
}

describeWith('sshd')('ssh2 (needs openssh-server)', () => {
  let folder: string;
  let server: ChildProcess;
  let client: Client;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'bsd-sockets-ssh2-'));
    const [hostKey, userKey] = [join(folder, 'host'), join(folder, 'user')];
    for (const file of [hostKey, userKey]) {
      execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', file]);
    }
    writeFileSync(join(folder, 'data'), data);
    const port = freePort();
    const config = [
      `ListenAddress 127.0.0.1:${port}`,
      `HostKey ${hostKey}`,
      `AuthorizedKeysFile ${userKey}.pub`,
      'PasswordAuthentication no',
      'UsePAM no',
      'StrictModes no',
      'PidFile none',
    ];
    writeFileSync(join(folder, 'config'), config.join('\n') + '\n');
    // Root's sshd wants its empty folder, that otherwise the init script makes.
    if (process.getuid?.() === 0) mkdirSync('/run/sshd', { recursive: true });
    server = spawn(sshd, ['-D', '-e', '-f', join(folder, 'config')], {
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    if (server.stderr === null) throw new Error('no output');
    for await (const line of createInterface({ input: server.stderr })) {
      if (line.includes('Server listening')) break;
    }
    client = new Client();
    client.connect({
      sock: createConnection({ host: '127.0.0.1', port }),
      username: userInfo().username,
      privateKey: readFileSync(userKey),
    });
    await once(client, 'ready');
  });
  afterAll(async () => {
    client.end();
    const exit = once(server, 'exit');
    server.kill();
    await exit;
    rmSync(folder, { recursive: true });
  });

  const run = (command: string): Promise<ClientChannel> =>
    new Promise((resolve, reject) => {
      client.exec(command, (error, channel) => {
        if (error) reject(error);
        else resolve(channel);
      });
    });

  test('a command that gives 5 MiB', async () => {
    expect(hash(await all(await run(`cat '${folder}/data'`)))).toBe(hash(data));
  });

  test('a command that takes 5 MiB', async () => {
    const channel = await run('sha256sum');
    channel.end(data);
    expect((await all(channel)).toString()).toBe(`${hash(data)}  -\n`);
  });

  test('three commands at once, 5 MiB each way', async () => {
    const channels = await Promise.all(['cat', 'cat', 'cat'].map(run));
    for (const channel of channels) channel.end(data);
    const results = await Promise.all(channels.map(all));
    expect(results.map(hash)).toEqual(channels.map(() => hash(data)));
  });
});
