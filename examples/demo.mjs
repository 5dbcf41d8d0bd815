// A tour of the examples.
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const tour = [
  ['A GET that peeks at the header and takes exactly the body', 'http-get.mjs'],
  ['A blocking echo server and client in two workers', 'echo-workers.mjs'],
  ['A record parser that blocks in a worker, and is ended at any moment', 'records.mjs'],
  ['A pool that looks at a connection before it reuses it', 'pool-health.mjs'],
  ['A long answer, interrupted', 'break.mjs'],
  ['One port for http, https and ssh', 'port-router-tour.mjs'],
  ['Ctrl-C at a terminal whose output queue is full', 'telnet-synch.mjs'],
  ['An FTP download aborted by urgent data', 'ftp-abort.mjs'],
  ['The same abort without urgent data', 'ftp-abort.mjs', '--without-urgent'],
];

for (const [title, file, ...options] of tour) {
  console.log(`\n${title} (examples/${[file, ...options].join(' ')})`);
  const path = fileURLToPath(new URL(file, import.meta.url));
  const { status } = spawnSync(process.execPath, [path, ...options], {
    stdio: ['ignore', 'inherit', 'inherit'],
    timeout: 30_000,
  });
  if (status !== 0) {
    console.error(`${file} failed`);
    process.exitCode = 1;
  }
}
