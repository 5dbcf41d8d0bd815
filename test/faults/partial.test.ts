/**
 * Every operation, and longer work, while the C library's calls do what a kernel may do and a quiet
 * machine hardly ever does: parts of what was asked for, signals one after the other, failing
 * accepts in a row, readiness with nothing behind it. shim.c does it, in a process of its own, as it
 * has to be there before the C library is.
 *
 * `npm run test:faults` makes many more of them than `npm test`.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isMusl } from '../support/libc';
import { describeWith } from '../support/programs';

const isWhole = process.env['FAULTS'] === 'all';
const SEEDS = isWhole ? 400 : 25;
const TIMEOUT = isWhole ? 600_000 : 300_000;

interface Report {
  runs: number;
  found: string[];
  kinds: Record<string, string>;
}

const folder = mkdtempSync(join(tmpdir(), 'bsd-sockets-shim-'));
const library = join(folder, 'shim.so');
afterAll(() => {
  rmSync(folder, { recursive: true });
});

function build(): void {
  const options = ['-shared', '-fPIC', '-O1', '-Wall', '-Wextra', '-Werror'];
  const source = join(__dirname, 'shim.c');
  const { status, stderr } = spawnSync('gcc', [...options, '-o', library, source, '-ldl'], {
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(stderr);
}

/** What the program tells; if it told nothing, the error has the last thing that it did. */
function underShim(seeds: number, what: string): Report {
  const program = join(__dirname, 'under-shim.ts');
  const register = require.resolve('sucrase/register');
  const args = ['-r', register, program, String(seeds), what, library];
  const { stdout, stderr, status, signal } = spawnSync(process.execPath, args, {
    encoding: 'utf8',
    timeout: TIMEOUT,
    maxBuffer: 1 << 28,
    // io_uring would tell epoll(7) what is waited for past the C library.
    env: { ...process.env, LD_PRELOAD: library, UV_USE_IO_URING: '0' },
  });
  if (status === 0) return JSON.parse(stdout) as Report;
  throw new Error(`status ${status}, ${signal}: ${stderr.slice(-2000)}`);
}

// The shim has glibc's names.
const describeHere = isMusl ? describe.skip : describeWith('gcc');

describeHere('calls that give a part, are interrupted, refused or told too early', () => {
  beforeAll(build);

  test(
    'have the documented outcome, lose and double no byte, and leave no descriptor',
    () => {
      const { runs, found, kinds } = underShim(SEEDS, 'all');
      const numbers = Object.values(kinds).map(Number);
      if (isWhole) {
        const sum = numbers.reduce((total, number) => total + number, 0);
        process.stdout.write(`${sum} faults injected into ${runs} runs\n`);
        process.stdout.write(`${JSON.stringify(kinds, null, 2)}\n`);
      }
      expect(found).toEqual([]);
      expect(Object.keys(kinds).filter((kind) => kinds[kind] === '0')).toEqual([]);
      expect(numbers.length).toBeGreaterThan(0);
    },
    TIMEOUT,
  );

  test('a count that is ignored and a connection that is left open are found', () => {
    const { found } = underShim(20, 'planted');
    expect(found.filter((report) => report.includes('a count that is ignored'))).not.toEqual([]);
    expect(found.filter((report) => report.includes('left open: socket'))).not.toEqual([]);
  });
});
