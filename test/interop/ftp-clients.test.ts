/** Stock FTP clients abort a download: their urgent data reaches DialogSocket. */
import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import {
  DialogSocket,
  SELECT_URGENT,
  ServerSocket,
  Socket,
  WOULD_BLOCK,
  type StreamSocket,
} from '../../lib/index';
import { outcome } from '../support/peer';
import { testWith } from '../support/programs';

const BLOCK = Buffer.alloc(65_536);
/** The file that is asked for, in blocks: more than a client gets before it aborts. */
const LARGE = 1024;
/** When so many have gone the client is reading: the buffers have not room for them. */
const BEGUN = 256;

/** What an FTP server answers; to other commands that the client can do without them. */
const replies: Record<string, string> = {
  USER: '230 welcome',
  PWD: '257 "/"',
  TYPE: '200 ok',
  NOOP: '200 ok',
  ABOR: '226 done',
  QUIT: '221 bye',
};

interface Session {
  /** The verbs, in order. */
  verbs: string[];
  /** The urgent byte that came while the file was on its way. */
  urgent: number | null;
}

/** The file goes out until urgent data comes; `onBegun` is told once. The urgent byte. */
function send(data: StreamSocket, control: DialogSocket, onBegun: () => void): number | null {
  data.setBlocking(false);
  for (let sent = 0; sent < LARGE;) {
    const writable: Socket[] = [data];
    const urgent: Socket[] = [control];
    Socket.select([], writable, urgent, 10_000);
    if (urgent.length > 0 || writable.length === 0) break;
    const n = outcome(() => data.sendBytes(BLOCK));
    // A client may close its end of the data connection before it aborts.
    if (typeof n === 'string') break;
    if (n !== WOULD_BLOCK && ++sent === BEGUN) onBegun();
  }
  return control.poll(10_000, SELECT_URGENT) ? control.receiveUrgent() : null;
}

/** The server's part, until the client has left. */
function serve(control: DialogSocket, onBegun: () => void): Session {
  const session: Session = { verbs: [], urgent: null };
  let listener: ServerSocket | undefined;
  control.sendMessage('220 ready');
  for (;;) {
    const line = control.receiveMessage();
    if (typeof line !== 'string') break;
    // What urgent data leaves in the stream, Telnet's commands, is no part of the line.
    const [verb = ''] = line.replace(/[^\x20-\x7e]/g, '').split(' ');
    session.verbs.push(verb);
    if (verb === 'PASV' || verb === 'EPSV') {
      listener = new ServerSocket('127.0.0.1:0');
      listener.setReceiveTimeout(10_000);
      control.sendMessage(passive(verb, listener.address().port()));
    } else if (verb === 'RETR') {
      control.sendMessage('150 here it comes');
      const data = listener?.acceptConnection() as StreamSocket;
      session.urgent = send(data, control, onBegun);
      data.close();
      listener?.close();
      control.sendMessage('426 aborted');
    } else {
      control.sendMessage(replies[verb] ?? '502 not here');
    }
  }
  return session;
}

function passive(verb: string, port: number): string {
  const pair = `${String(port >> 8)},${String(port & 255)}`;
  return verb === 'PASV'
    ? `227 Entering Passive Mode (127,0,0,1,${pair})`
    : `229 Entering Extended Passive Mode (|||${String(port)}|)`;
}

const python = `import ftplib, sys
ftp = ftplib.FTP(timeout=10)
ftp.connect('127.0.0.1', int(sys.argv[1]))
ftp.login()
data = ftp.transfercmd('RETR large')
data.recv(1)
data.close()
print(ftp.abort())
print(ftp.quit())`;

const perl = `use Net::FTP;
my $ftp = Net::FTP->new('127.0.0.1', Port => $ARGV[0], Timeout => 10, Passive => 1) or die;
$ftp->login('anonymous', 'x');
my $data = $ftp->retr('large') or die;
my $buffer;
$data->read($buffer, 1);
$data->abort;
print $ftp->code, ' ', $ftp->message;
$ftp->quit;`;

/** What it begins with ends by itself; head goes after one byte, and the copy with it. */
const lftp = (port: string): string =>
  `set ftp:ssl-allow no; set net:max-retries 1; open -u anonymous,x ftp://127.0.0.1:${port};` +
  'cat large | head -c 1 > /dev/null; quote NOOP';

interface Client {
  name: string;
  needs: string;
  command: (port: string) => [string, ...string[]];
  /** Its standard input. */
  input?: string;
  /** Whether a user presses Ctrl-C when the file comes. */
  isInterrupted?: boolean;
  /** What it sends urgently: IAC or DM of the Synch, or the end of its line. */
  byte: number;
}

const { TELNET_DM, TELNET_IAC } = DialogSocket;
const hasNetFtp = spawnSync('perl', ['-MNet::FTP', '-e1']).status === 0;

const clients: Client[] = [
  {
    name: 'ftplib',
    needs: 'python3',
    command: (port) => ['python3', '-c', python, port],
    byte: 10,
  },
  {
    name: 'Net::FTP',
    needs: hasNetFtp ? 'perl' : 'perl-modules',
    command: (port) => ['perl', '-e', perl, port],
    byte: TELNET_IAC,
  },
  { name: 'lftp', needs: 'lftp', command: (port) => ['lftp', '-c', lftp(port)], byte: TELNET_DM },
  {
    name: 'tnftp',
    needs: 'tnftp',
    command: (port) => ['tnftp', '-n', '-v', '127.0.0.1', port],
    input: 'user anonymous x\nget large /dev/null\nquit\n',
    isInterrupted: true,
    byte: TELNET_IAC,
  },
];
for (const { name, needs, command, input, isInterrupted, byte } of clients) {
  testWith(needs)(`${name} (needs ${needs}): its urgent byte, and ABOR behind it`, async () => {
    const server = new ServerSocket('127.0.0.1:0');
    server.setReceiveTimeout(10_000);
    const [program, ...args] = command(String(server.address().port()));
    const child: ChildProcess = spawn(program, args, { stdio: ['pipe', 'ignore', 'ignore'] });
    child.stdin?.end(input);
    const close = once(child, 'close');
    const control = new DialogSocket(server.acceptConnection() as StreamSocket);
    control.setReceiveTimeout(10_000);
    const { verbs, urgent } = serve(control, () => {
      if (isInterrupted === true) child.kill('SIGINT');
    });
    expect(await close).toEqual([0, null]);
    control.close();
    server.close();
    expect(urgent).toBe(byte);
    expect(verbs.join()).toMatch(/RETR,ABOR,(NOOP,)?QUIT$/);
  });
}
