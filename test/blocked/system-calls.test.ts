/** What makes blocked calls endable costs no system call. */
import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { run } from '../support/child';
import { testWith } from '../support/programs';

/** V8's memory, locks and task queue, and what a nudge costs; a watchdog that sleeps is woken once. */
const others = new Set('madvise mprotect munmap mmap futex write getpid rt_sigreturn'.split(' '));

const folder = mkdtempSync(join(tmpdir(), 'system-calls-'));
afterAll(() => {
  rmSync(folder, { recursive: true });
});

testWith('strace')('strace (needs strace): a worker makes its own calls only', () => {
  const { stdout } = run(
    `function main() {
      const { Worker } = require('node:worker_threads');
      new Worker(\`
        const { StreamSocket } = require(${JSON.stringify(require.resolve('../../dist/index.js'))});
        const [stream, peer] = StreamSocket.pair();
        const buffer = Buffer.alloc(1);
        const exchange = () => { peer.sendBytes(buffer); stream.receiveBytes(buffer); };
        for (let i = 0; i < 100; i++) exchange();
        stream.setPriority(1);
        for (let i = 0; i < 1000; i++) exchange();
        stream.setPriority(2);
      \`, { eval: true }).on('exit', (code) => console.log(code));
    }`,
    ['strace', '-ff', '-o', join(folder, 'thread'), '-e', 'signal=none'],
  );
  expect(stdout).toBe('0\n');
  const [thread = ''] = readdirSync(folder)
    .map((file) => readFileSync(join(folder, file), 'utf8'))
    .filter((calls) => calls.includes('SO_PRIORITY'));
  const [, between = ''] = thread.split(/^.*SO_PRIORITY.*$/m);
  const made = [...between.matchAll(/^(\w+)\(/gm)]
    .map(([, name = '']) => name)
    .filter((name) => !others.has(name));
  expect(made).toEqual(Array.from({ length: 1000 }, () => ['sendto', 'recvfrom']).flat());
});
