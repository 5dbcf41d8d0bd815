/** What makes blocked calls endable costs no system call. */
import { run } from '../support/child';
import { testWith } from '../support/programs';

/** V8's memory, locks and task queue, and what a nudge costs; a watchdog that sleeps is woken once. */
const others = new Set('madvise mprotect munmap mmap futex write getpid rt_sigreturn'.split(' '));

testWith('strace')('strace (needs strace): a worker makes its own calls only', () => {
  const { stderr, stdout } = run(
    `function main() {
      const { Worker } = require('node:worker_threads');
      new Worker(\`
        const { StreamSocket } = require(${JSON.stringify(require.resolve('../../dist/index.js'))});
        const [stream, peer] = StreamSocket.pair();
        const buffer = Buffer.alloc(1);
        const exchange = () => { peer.sendBytes(buffer); stream.receiveBytes(buffer); };
        // What the loop has to do when a worker begins is done then: a nudge would be seen here.
        setTimeout(() => {
          for (let i = 0; i < 100; i++) exchange();
          stream.setPriority(1);
          for (let i = 0; i < 1000; i++) exchange();
          stream.setPriority(2);
        }, 1);
      \`, { eval: true }).on('exit', (code) => console.log(code));
    }`,
    ['strace', '-f', '-e', 'signal=none'],
  );
  expect(stdout).toBe('0\n');
  const lines = stderr.split('\n');
  const marks = lines.flatMap((line, i) => (line.includes('SO_PRIORITY') ? [i] : []));
  const [, thread] = /\[pid +(\d+)\].*SO_PRIORITY, \[1\]/.exec(stderr) ?? [];
  expect(marks).toHaveLength(2);
  const made = lines
    .slice((marks[0] ?? 0) + 1, marks[1])
    .filter((line) => new RegExp(`^\\[pid +${String(thread)}\\]`).test(line))
    .map((line) => /\] (\w+)\(/.exec(line)?.[1])
    .filter((name) => name !== undefined && !others.has(name));
  expect(made.filter((name) => name === 'sendto')).toHaveLength(1000);
  expect(made.filter((name) => name === 'recvfrom')).toHaveLength(1000);
  expect(made).toHaveLength(2000);
});
