/** Faults in system calls of this thread, by strace(1), which also tells what calls there were. */
import { spawn } from 'node:child_process';
import {
  closeSync,
  fdatasyncSync,
  mkdtempSync,
  openSync,
  readFileSync,
  readSync,
  rmSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Every system call that the library makes, but those of the event loop. */
const CALLS = [
  ...['socket', 'socketpair', 'bind', 'listen', 'accept', 'accept4', 'connect', 'shutdown'],
  ...['sendto', 'sendmsg', 'sendmmsg', 'sendfile', 'recvfrom', 'recvmsg', 'recvmmsg'],
  ...['getsockname', 'getpeername', 'getsockopt', 'setsockopt', 'ioctl', 'fcntl', 'close'],
  ...['poll', 'epoll_create1', 'epoll_ctl', 'epoll_wait'],
];

export interface Fault {
  /** The system call, and which one of that name, from 1. */
  call: string;
  nth: number;
  /** As strace(1) has it: `error=EINTR`, `delay_enter=1000`. */
  what: string;
}

export interface Traced<T> {
  result: T;
  /** The names of the calls that were made, in order. */
  calls: string[];
  /** How many of them got the fault. */
  injected: number;
  /** How many calls got it that came before them: of the garbage collector, say. */
  elsewhere: number;
}

/** A call that the library never makes, to tell the operation's own calls from others. */
function mark(): void {
  try {
    fdatasyncSync(2 ** 30);
  } catch {
    // There is no such descriptor.
  }
}

/** The thread that traces this one; 0 if none does. */
function tracer(): number {
  return Number(/^TracerPid:\t(\d+)$/m.exec(readFileSync('/proc/self/status', 'latin1'))?.[1]);
}

/** Runs `operation` under strace(1), with a fault in one of its calls. */
export async function underStrace<T>(
  operation: () => T | Promise<T>,
  fault?: Fault,
): Promise<Traced<T>> {
  const folder = mkdtempSync(join(tmpdir(), 'bsd-sockets-strace-'));
  const log = join(folder, 'log');
  // Held open, so that looking into it closes nothing, which would be counted.
  const fd = openSync(log, 'w+');
  const room = Buffer.alloc(65536);
  const lines = (): string[] =>
    room.toString('latin1', 0, readSync(fd, room, 0, room.length, 0)).split('\n');
  const isMark = (line: string): boolean => line.startsWith('fdatasync');
  const inject =
    fault === undefined ? [] : ['-e', `inject=${fault.call}:${fault.what}:when=${fault.nth}`];
  const traced = `trace=fdatasync,${CALLS.join(',')}`;
  const strace = spawn(
    'strace',
    ['-qq', '-e', 'signal=none', '-e', traced, ...inject, '-o', log, '-p', String(process.pid)],
    { stdio: 'ignore' },
  );
  const ended = new Promise((resolve) => strace.once('exit', resolve));
  let result: T;
  try {
    for (const end = Date.now() + 20_000; !lines().some(isMark);) {
      mark();
      if (Date.now() > end) throw new Error('strace did not attach');
    }
    result = await operation();
    mark();
  } finally {
    strace.kill('SIGINT');
    while (tracer() !== 0);
    await ended;
  }
  const all = lines();
  closeSync(fd);
  rmSync(folder, { recursive: true });
  const marks = all.flatMap((line, i) => (isMark(line) ? [i] : []));
  const made = all.slice((marks.at(-2) ?? 0) + 1, marks.at(-1));
  const faulty = (some: string[]): number =>
    some.filter((line) => /\((INJECTED|DELAYED)\)/.test(line)).length;
  return {
    result,
    calls: made.map((line) => line.slice(0, line.indexOf('('))),
    injected: faulty(made),
    elsewhere: faulty(all) - faulty(made),
  };
}
