/** FTP's abort, both ways: DialogSocket against vsftpd, and Python's ftplib against DialogSocket. */
import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import {
  DialogSocket,
  SELECT_URGENT,
  SELECT_WRITE,
  ServerSocket,
  SocketAddress,
  StreamSocket,
  type StatusMessage,
} from '../../lib/index';
import { outcome } from '../support/peer';

const hasFtpd = existsSync('/usr/sbin/vsftpd') && process.getuid?.() === 0;

(hasFtpd ? test : test.skip)('vsftpd (needs it, and root): 426 while nothing is read', async () => {
  const server: ChildProcess = spawn(
    process.execPath,
    [join(__dirname, '../../examples/ftp-server.mjs')],
    { stdio: ['pipe', 'pipe', 'inherit'] },
  );
  if (server.stdout === null) throw new Error('no output');
  const [port] = (await once(createInterface({ input: server.stdout }), 'line')) as [string];
  const control = new DialogSocket({ host: '127.0.0.1', port });
  control.setReceiveTimeout(10_000);
  const ask = (...words: [string, ...string[]]): number => {
    control.sendMessage(...words);
    return (control.receiveStatusMessage() as StatusMessage).status;
  };
  expect(control.receiveStatusMessage()).toMatchObject({ status: 220 });
  expect([ask('USER', 'anonymous'), ask('TYPE', 'I')]).toEqual([230, 200]);
  control.sendMessage('EPSV');
  const { message } = control.receiveStatusMessage() as StatusMessage;
  const data = new StreamSocket(
    new SocketAddress('127.0.0.1', /\|(\d+)\|/.exec(message)?.[1] ?? ''),
  );
  expect(ask('RETR', 'large')).toBe(150);
  // The server is blocked: all buffers between us are full.
  expect(data.receiveBytes(Buffer.alloc(1))).toBe(1);
  control.sendTelnetCommand(DialogSocket.TELNET_IP);
  control.synch();
  control.sendMessage('ABOR');
  expect(control.receiveStatusMessage()).toMatchObject({ status: 426 });
  expect(control.receiveStatusMessage()).toMatchObject({ status: 226 });
  expect(ask('NOOP')).toBe(200);
  const exit = once(server, 'exit');
  control.close();
  data.close();
  server.stdin?.end();
  await exit;
});

/** A client that aborts a download, as its library does it. */
const clients: [string, string, string[]][] = [
  [
    'python3',
    'ftplib',
    [
      '-c',
      `import ftplib, sys
ftp = ftplib.FTP(timeout=10)
ftp.connect('127.0.0.1', int(sys.argv[1]))
ftp.login()
data = ftp.transfercmd('RETR large')
data.recv(1)
data.close()
print(ftp.abort())
print(ftp.quit())`,
    ],
  ],
  [
    'perl',
    'Net::FTP',
    [
      '-e',
      `use Net::FTP;
my $ftp = Net::FTP->new('127.0.0.1', Port => $ARGV[0], Timeout => 10, Passive => 1) or die;
$ftp->login('anonymous', 'x');
my $data = $ftp->retr('large') or die;
my $buffer;
$data->read($buffer, 1);
$data->abort;
print $ftp->code, ' ', $ftp->message;
$ftp->quit;`,
    ],
  ],
];

const hasPerl = spawnSync('perl', ['-MNet::FTP', '-e1']).status === 0;
const here = clients.filter(([program]) => program !== 'perl' || hasPerl);
if (!hasPerl) test.skip('perl, Net::FTP (needs perl-modules)', () => undefined);

test.each(here)('%s, %s: its urgent ABOR reaches us whole', async (program, _, args) => {
  const server = new ServerSocket('127.0.0.1:0');
  server.setReceiveTimeout(10_000);
  const child = spawn(program, [...args, String(server.address().port())]);
  let output = '';
  child.stdout.on('data', (text) => (output += String(text)));
  const close = once(child, 'close');
  const control = new DialogSocket(server.acceptConnection() as StreamSocket);
  control.setReceiveTimeout(10_000);
  const commands: string[] = [];
  let urgent: number | null = null;
  let listener: ServerSocket | undefined;
  let data: StreamSocket | null | undefined;
  control.sendMessage('220 ready');
  for (;;) {
    const line = control.receiveMessage();
    if (typeof line !== 'string') break;
    // What urgent data leaves in the stream, Telnet's commands, is no part of the line.
    const command = line.replace(/[^\x20-\x7e]/g, '');
    commands.push(command);
    const [verb = ''] = command.split(' ');
    if (verb === 'PASV' || verb === 'EPSV') {
      listener = new ServerSocket('127.0.0.1:0');
      const port = listener.address().port();
      const pair = `${String(port >> 8)},${String(port & 255)}`;
      control.sendMessage(
        verb === 'PASV'
          ? `227 Entering Passive Mode (127,0,0,1,${pair})`
          : `229 Extended Passive Mode (|||${String(port)}|)`,
      );
    } else if (verb === 'RETR') {
      control.sendMessage('150 here it comes');
      data = listener?.acceptConnection();
      data?.setBlocking(false);
      const block = Buffer.alloc(65_536);
      // Until the client interrupts, or closes its end.
      while (!control.poll(0, SELECT_URGENT)) {
        if (typeof outcome(() => data?.sendBytes(block)) === 'string') break;
        data?.poll(10, SELECT_WRITE);
      }
      expect(control.poll(10_000, SELECT_URGENT)).toBe(true);
      urgent = control.receiveUrgent();
      data?.close();
      control.sendMessage('426 aborted');
    } else if (verb === 'ABOR') {
      control.sendMessage('226 done');
    } else if (verb === 'QUIT') {
      control.sendMessage('221 bye');
    } else {
      control.sendMessage(verb === 'USER' ? '230 welcome' : '200 ok');
    }
  }
  await close;
  for (const one of [server, control, listener]) one?.close();
  expect(urgent).not.toBeNull();
  expect(commands.join('\n')).toMatch(/RETR large\nABOR/);
  // Net::FTP tells its last reply, ftplib the one that the abort is about.
  expect(output).toMatch(/[42]26/);
});
