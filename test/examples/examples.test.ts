/** The examples as their reader runs them, against real servers. */
import { spawn, spawnSync } from 'node:child_process';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { TIMEOUT } from '../support/child';
import { testWith } from '../support/programs';

const example = (name: string): string => join(__dirname, '../../examples', name);
const runSync = (name: string, ...args: string[]): string =>
  spawnSync(process.execPath, [example(name), ...args], { encoding: 'utf8', timeout: TIMEOUT })
    .stdout;

function run(name: string, ...args: string[]): Promise<string> {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, [example(name), ...args], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    let output = '';
    child.stdout.on('data', (data) => (output += String(data)));
    child.on('close', () => {
      resolve(output);
    });
  });
}

test.each([
  ['of 5 MiB', { 'Content-Length': 5 << 20 }],
  ['without a length', {}],
])('http-get takes exactly a body %s from Node’s http server', async (_, headers) => {
  const body = Buffer.alloc(5 << 20, 'x');
  const server = createServer((_request, response) => {
    response.writeHead(200, headers);
    response.write(body.subarray(0, 1));
    response.end(body.subarray(1));
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', () => {
      resolve();
    });
  });
  const { port } = server.address() as AddressInfo;
  const output = await run('http-get.mjs', `http://127.0.0.1:${port}/`);
  server.close();
  expect(output).toContain('200 OK');
  expect(output).toContain(`body: ${body.length} bytes`);
});

test('echo-workers', () => {
  expect(runSync('echo-workers.mjs')).toContain('1000 of 1000 lines came back');
});

test('records: all are parsed, and a parser that blocks in one ends at once', () => {
  const output = runSync('records.mjs');
  expect(output).toContain('20000 records parsed');
  const [, slowest] = /20 parsers .* slowest in ([\d.]+) ms/.exec(output) ?? [];
  expect(Number(slowest)).toBeLessThan(10_000);
  expect(output).toContain('descriptors left open: 0');
});

test('pool-health: no request on a connection that the server has closed', () => {
  const output = runSync('pool-health.mjs');
  expect(output).toMatch(/without probe\(\): [1-9]\d* of 10 failed/);
  expect(output).toMatch(/with probe\(\): 0 of 10 failed, 9 dead connections found/);
});

test('break: by urgent data, and in the stream where the path drops it', () => {
  const output = runSync('break.mjs');
  expect(output).toMatch(/directly: broke by an urgent byte; the server stopped/);
  expect(output).toMatch(/relay .*: broke by a byte in the stream; the server stopped/);
});

const ftp = testWith('vsftpd', 'root');

ftp('ftp-abort (needs vsftpd and root): urgent data is answered while nothing is read', () => {
  const output = runSync('ftp-abort.mjs');
  expect(output).toContain('< 426');
  expect(output).toContain('nothing was read');
});

ftp(
  'ftp-abort (needs vsftpd and root): without it there is no answer until the data is drained',
  () => {
    const output = runSync('ftp-abort.mjs', '--without-urgent');
    expect(output).not.toContain('< 426');
    expect(output).toMatch(/no answer in 500 ms; drained \d+ bytes/);
  },
);
