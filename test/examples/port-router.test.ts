/** The one-port router with stock clients: curl, openssl and ssh-keyscan. */
import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { describeWith } from '../support/programs';

const needs = ['curl', 'openssl', 'ssh-keyscan', 'ssh-keygen', 'sshd'];

describeWith('root', ...needs)(`port-router (needs root, ${needs.join(', ')})`, () => {
  let folder: string;
  let router: ChildProcess;
  let port: string;
  const lines: string[] = [];

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'bsd-sockets-router-'));
    const key = ['-newkey', 'rsa:2048', '-nodes', '-keyout', join(folder, 'key')];
    const cert = ['-x509', '-subj', '/CN=router', '-days', '2', '-out', join(folder, 'cert')];
    spawnSync('openssl', ['req', ...key, ...cert]);
    spawnSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', join(folder, 'ssh_host_key')]);
    writeFileSync(join(folder, 'sshd_config'), 'UsePAM no\nStrictModes no\n');
    spawnSync('mkdir', ['-p', '/run/sshd']);
    router = spawn(process.execPath, [join(__dirname, '../../examples/port-router.mjs'), folder], {
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    if (router.stdout === null) throw new Error('no output');
    const output = createInterface({ input: router.stdout });
    output.on('line', (line) => lines.push(line));
    const [first] = (await once(output, 'line')) as [string];
    port = first.split(' ').at(-1) ?? '';
  });
  afterAll(async () => {
    const exit = once(router, 'exit');
    router.stdin?.end();
    await exit;
    rmSync(folder, { recursive: true });
  });

  async function run(program: string, ...args: string[]): Promise<string> {
    const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    child.stdout.on('data', (data) => (output += String(data)));
    child.stderr.on('data', (data) => (output += String(data)));
    await once(child, 'close');
    return output;
  }

  /** However it ends: with unread data a close is a reset. */
  function ended(socket: Socket): Promise<void> {
    socket.resume().on('error', () => undefined);
    return new Promise((resolve) => {
      socket.on('close', () => {
        resolve();
      });
    });
  }

  test('curl by http', async () => {
    expect(await run('curl', '-s', `http://127.0.0.1:${port}/`)).toBe(
      'hello from the http worker\n',
    );
  });

  test('curl by https: the name is read from the ClientHello', async () => {
    const target = `one.example:${port}:127.0.0.1`;
    const output = await run('curl', '-sk', '--resolve', target, `https://one.example:${port}/`);
    expect(output).toBe('hello from the tls worker, one.example\n');
    expect(lines.some((line) => line.endsWith('tls for one.example'))).toBe(true);
  });

  test('openssl s_client', async () => {
    const args = ['-connect', `127.0.0.1:${port}`, '-servername', 'two.example', '-brief'];
    expect(await run('openssl', 's_client', ...args)).toMatch(/CONNECTION ESTABLISHED/);
    expect(lines.some((line) => line.endsWith('tls for two.example'))).toBe(true);
  });

  test('ssh-keyscan, which waits for the server to begin', async () => {
    const output = await run('ssh-keyscan', '-t', 'ed25519', '-p', port, '127.0.0.1');
    expect(output).toMatch(/ssh-ed25519 AAAA/);
  });

  test('a ClientHello that comes byte by byte, and one that lies', async () => {
    const slow = connect(Number(port), '127.0.0.1');
    await once(slow, 'connect');
    for (const byte of Buffer.from('GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n')) {
      slow.write(Buffer.of(byte));
    }
    let answer = '';
    for await (const data of slow) answer += String(data);
    expect(answer).toContain('hello from the http worker');
    const liar = connect(Number(port), '127.0.0.1');
    await once(liar, 'connect');
    liar.end(Buffer.from('160301000501000000ff', 'hex'));
    await ended(liar);
    expect(await run('curl', '-s', `http://127.0.0.1:${port}/`)).toContain('hello');
  });

  test('what nobody knows is closed', async () => {
    const socket = connect(Number(port), '127.0.0.1');
    socket.write(Buffer.from([0, 1, 2, 3]));
    await ended(socket);
    expect(lines.some((line) => line.endsWith('unknown'))).toBe(true);
  });
});
