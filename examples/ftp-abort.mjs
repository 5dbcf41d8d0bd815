// An FTP download that is aborted by urgent data. The client does not read the data connection, so
// the server is blocked in a send. The Synch of Telnet (RFC 854, RFC 959) reaches it all the same:
// the last byte in front of ABOR is urgent, the server gets SIGURG and answers 426 at once. The same
// bytes without MSG_OOB get no answer until the data is drained.
//
//   node examples/ftp-abort.mjs [--without-urgent]
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { SELECT_READ, SocketAddress, StreamSocket, constants } from 'bsd-sockets';

const IAC = 255;
const IP = 244;
const DM = 242;
/** How long no answer counts as none, in milliseconds. */
const PATIENCE = 500;

const { values } = parseArgs({ options: { 'without-urgent': { type: 'boolean' } } });
const withUrgent = !values['without-urgent'];

if (!existsSync('/usr/sbin/vsftpd') || process.getuid() !== 0) {
  console.log('skipped: it needs Debian’s vsftpd and root to run it');
  process.exit();
}

const server = spawn(
  process.execPath,
  [fileURLToPath(new URL('ftp-server.mjs', import.meta.url))],
  {
    stdio: ['pipe', 'pipe', 'inherit'],
  },
);
const [port] = await once(server.stdout, 'data');

const control = new StreamSocket(new SocketAddress('127.0.0.1', Number(port)));
control.setReceiveTimeout(10_000);
let received = '';

/** One line of the server's answers. */
function reply() {
  const buffer = Buffer.alloc(4096);
  while (!received.includes('\n')) {
    const n = control.receiveBytes(buffer);
    if (n === 0) throw new Error('the server has hung up');
    received += buffer.toString('latin1', 0, n);
  }
  const end = received.indexOf('\n');
  const line = received.slice(0, end).trimEnd();
  received = received.slice(end + 1);
  console.log(`  < ${line}`);
  return line;
}

function command(line) {
  console.log(`  > ${line}`);
  control.sendBytes(`${line}\r\n`);
  return reply();
}

reply();
command('USER anonymous');
command('TYPE I');
const [, , , , high, low] = /\((\d+),(\d+),(\d+),(\d+),(\d+),(\d+)\)/
  .exec(command('PASV'))
  .slice(1);
const data = new StreamSocket();
const dataPort = Number(high) * 256 + Number(low);
data.connect(new SocketAddress('127.0.0.1', dataPort), 5000);
command('RETR large');
// The server is blocked when nothing more arrives: both socket buffers are full.
for (
  let before = -1, now = data.available();
  now !== before;
  before = now, now = data.available()
) {
  control.poll(100, SELECT_READ);
}

console.log(`  > IAC IP IAC DM ABOR, ${withUrgent ? 'IAC with MSG_OOB' : 'without MSG_OOB'}`);
const started = performance.now();
control.sendBytes(Buffer.from([IAC, IP]));
control.sendBytes(Buffer.from([IAC]), withUrgent ? constants.MSG_OOB : 0);
control.sendBytes(Buffer.concat([Buffer.from([DM]), Buffer.from('ABOR\r\n')]));

const isAnswered = control.poll(withUrgent ? 10_000 : PATIENCE, SELECT_READ);
if (isAnswered) {
  reply();
  console.log(`  answered after ${(performance.now() - started).toFixed(1)} ms, nothing was read`);
} else {
  const buffer = Buffer.alloc(1024 * 1024);
  let drained = 0;
  for (let n; (n = data.receiveBytes(buffer)) > 0;) drained += n;
  console.log(`  no answer in ${PATIENCE} ms; drained ${drained} bytes to the end of the file`);
  reply();
}
data.close();
control.close();
server.stdin.end();
await once(server, 'exit');
process.exitCode = isAnswered === withUrgent ? 0 : 1;
