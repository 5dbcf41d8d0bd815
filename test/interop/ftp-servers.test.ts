/** FTP's abort by DialogSocket: the servers hear of it while nobody reads their data. */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { DialogSocket, SocketAddress, StreamSocket, type StatusMessage } from '../../lib/index';
import { find, inetd, seeing, testWith } from '../support/programs';

/** More than the buffers between the two take, so that the server is in the middle of it. */
const LARGE = 64 * 1024 * 1024;

let home: string;
let files: string;
let control: DialogSocket;
let data: StreamSocket | undefined;
let server: ChildProcess;
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'bsd-sockets-'));
  chmodSync(home, 0o755);
  files = join(home, 'files');
  mkdirSync(files, { mode: 0o755 });
  writeFileSync(join(files, 'large'), '');
  truncateSync(join(files, 'large'), LARGE);
  control = new DialogSocket();
});
afterEach(async () => {
  const exit = once(server, 'exit');
  control.close();
  data?.close();
  server.stdin?.end();
  await exit;
  rmSync(home, { recursive: true });
});

function status(): number {
  return (control.receiveStatusMessage() as StatusMessage).status;
}

function ask(...words: [string, ...string[]]): number {
  control.sendMessage(...words);
  return status();
}

/** A download, of which one byte is read, and its abort. */
function abortDownload(): void {
  control.setReceiveTimeout(10_000);
  expect(status()).toBe(220);
  if (ask('USER', 'anonymous') === 331) expect(ask('PASS', 'nobody@example.org')).toBe(230);
  expect(ask('TYPE', 'I')).toBe(200);
  control.sendMessage('EPSV');
  const { message } = control.receiveStatusMessage() as StatusMessage;
  const [, port = ''] = /\|(\d+)\|/.exec(message) ?? [];
  data = new StreamSocket(new SocketAddress('127.0.0.1', port));
  expect(ask('RETR', 'large')).toBe(150);
  expect(data.receiveBytes(Buffer.alloc(1))).toBe(1);
  control.sendTelnetCommand(DialogSocket.TELNET_IP);
  control.synch();
  control.sendMessage('ABOR');
  expect([status(), status()]).toEqual([426, 226]);
  expect(ask('NOOP')).toBe(200);
}

testWith('vsftpd', 'root')('vsftpd (needs it, and root)', async () => {
  const program = join(__dirname, '../../examples/ftp-server.mjs');
  server = spawn(process.execPath, [program], { stdio: ['pipe', 'pipe', 'inherit'] });
  if (server.stdout === null) throw new Error('no output');
  const [port] = (await once(createInterface({ input: server.stdout }), 'line')) as [string];
  control.connect({ host: '127.0.0.1', port });
  abortDownload();
});

testWith('proftpd', 'root')('proftpd (needs it, and root)', () => {
  const configuration = join(home, 'proftpd.conf');
  writeFileSync(
    configuration,
    `ServerType inetd
User nobody
Group nogroup
AuthPAM off
UseReverseDNS off
ScoreboardFile none
WtmpLog off
TimeoutLinger 0
<Anonymous ${files}>
  User nobody
  Group nogroup
  UserAlias anonymous nobody
  RequireValidShell off
  UseFtpUsers off
</Anonymous>
`,
  );
  server = inetd(control, [find('proftpd') ?? '', '-c', configuration]);
  abortDownload();
});

testWith(
  'ftpd',
  'unshare',
  'root',
)('inetutils-ftpd (needs it, and root)', () => {
  // It takes anonymous to the home of the user ftp.
  const passwd = join(home, 'passwd');
  const others = readFileSync('/etc/passwd', 'utf8').replace(/^ftp:.*\n/m, '');
  writeFileSync(passwd, `${others}ftp:x:65534:65534::${files}:/bin/sh\n`);
  const command = seeing({ '/etc/passwd': passwd }, [find('ftpd') ?? '', '-A']);
  server = inetd(control, command);
  abortDownload();
});
