/** Datagrams from programs nobody here wrote: systemd-notify, logger, Python's syslog handler. */
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatagramSocket, type IncomingMessage } from '../../lib/index';
import { testWith } from '../support/programs';

let folder: string;
let socket: DatagramSocket;
const buffer = Buffer.alloc(1024);
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'bsd-sockets-'));
});
afterEach(() => {
  socket.close();
  rmSync(folder, { recursive: true });
});

function listen(path: string): void {
  socket = new DatagramSocket({ path });
  socket.setReceiveTimeout(10_000);
}

function next(): { text: string; message: IncomingMessage } {
  const message = socket.receiveMessage({ buffers: [buffer], controlLength: 128 });
  return { text: buffer.toString('utf8', 0, message.bytes), message };
}

testWith('systemd-notify').each([
  ['a path', () => join(folder, 'notify'), (path: string) => path],
  ['an abstract name', () => `\0bsd-sockets-${process.pid}`, (path: string) => `@${path.slice(1)}`],
])('systemd-notify (needs systemd) at %s, with its credentials', (_, make, shown) => {
  const path = make();
  listen(path);
  socket.setPassCredentials(true);
  const env = { ...process.env, NOTIFY_SOCKET: shown(path) };
  const child = spawn('systemd-notify', ['--ready', '--status=all is well'], { env });
  const { text, message } = next();
  expect(text).toContain('READY=1');
  expect(text).toContain('STATUS=all is well');
  const credentials = message.control.find(({ type }) => type === 'SCM_CREDENTIALS');
  expect(credentials).toMatchObject({ credentials: { uid: process.getuid?.() } });
  child.kill();
});

testWith('logger')('logger (needs bsdutils): a syslog message', () => {
  const path = join(folder, 'log');
  listen(path);
  const child = spawn('logger', ['-u', path, '-p', 'local0.info', '-t', 'bsd', 'hello, syslog']);
  expect(next().text).toMatch(/^<134>.*bsd.*: hello, syslog/);
  child.kill();
});

test('Python’s SysLogHandler', () => {
  const path = join(folder, 'log');
  listen(path);
  const source = `import logging, logging.handlers
handler = logging.handlers.SysLogHandler(address=${JSON.stringify(path)})
logging.getLogger().addHandler(handler)
logging.warning('from Python')`;
  const child = spawn('python3', ['-c', source]);
  expect(next().text).toMatch(/^<12>from Python/);
  child.kill();
});
