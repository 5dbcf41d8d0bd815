/** Programs that nobody here wrote, where this machine has them. */
import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { ServerSocket, type StreamSocket } from '../../lib/index';

/** Also where scripts/unpack-servers.sh puts servers that cannot be installed beside one another. */
const folders = [
  ...(process.env.PATH ?? '').split(':'),
  '/usr/sbin',
  join(__dirname, '../../out/servers/usr/sbin'),
];

/** The program's file, or undefined if it is not here. */
export function find(program: string): string | undefined {
  return folders.map((folder) => join(folder, program)).find((path) => existsSync(path));
}

const isRoot = process.getuid?.() === 0;

/** Whether these programs are here, and root's rights if `root` is one. */
function areHere(needs: readonly string[]): boolean {
  return needs.every((need) => (need === 'root' ? isRoot : find(need) !== undefined));
}

/** `test` where all that it needs is here, else a skipped test. */
export function testWith(...needs: string[]): jest.It {
  return areHere(needs) ? test : test.skip;
}

/** {@link testWith} for several tests. */
export function describeWith(...needs: string[]): jest.Describe {
  return areHere(needs) ? describe : describe.skip;
}

/** Runs as inetd(8) would: its standard input and output are the other end of `client`. */
export function inetd(client: StreamSocket, command: readonly string[]): ChildProcess {
  const server = new ServerSocket('127.0.0.1:0');
  server.setReceiveTimeout(5000);
  client.connect(server.address());
  const accepted = server.acceptConnection() as StreamSocket;
  const fd = accepted.sockfd();
  const [program = '', ...args] = command;
  const child = spawn(program, args, { stdio: [fd, fd, 'inherit'] });
  accepted.close();
  server.close();
  return child;
}

/** The command, which sees `files` in the place of others: in a mount namespace of its own. */
export function seeing(files: Record<string, string>, command: readonly string[]): string[] {
  const pairs = Object.entries(files).flat();
  const script =
    'n=$1; shift; for i in $(seq "$n"); do mount --bind "$2" "$1" || exit; shift 2; done; exec "$@"';
  return [
    'unshare',
    '-m',
    'sh',
    '-c',
    script,
    'sh',
    String(pairs.length / 2),
    ...pairs,
    ...command,
  ];
}
