/** Programs of the tests that must not be inside Jest: signals, strace, the garbage collector. */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';

const prelude = `
  const bsd = require(${JSON.stringify(join(__dirname, '../../dist/index.js'))});
  const RAW = ${JSON.stringify(join(__dirname, '../../dist/raw.js'))};
  const raw = require(RAW);
  const { StreamSocket, ServerSocket, constants } = bsd;
  const { spawn } = require('node:child_process');
  const fs = require('node:fs');
  /** Sends this process a signal whenever it is blocked in a system call (x64 number), n times. */
  const signalWhenBlocked = (call, n) => spawn('python3', ['-c', \`
import os, sys, time, signal
pid, call, n = \${process.pid}, '\${call}', \${n}
for i in range(n):
    while open(f'/proc/{pid}/syscall').read().split()[0] != call: time.sleep(.001)
    time.sleep(.05)
    os.kill(pid, signal.SIGUSR2)
\`], { stdio: 'ignore' });
  process.on('SIGUSR2', () => {});
  // The watcher that libuv makes for the handler is there with the next turn of the loop.
  setImmediate(() => { try { main(); } catch (error) { console.log(String(error)); process.exit(1); } });
`;

/** What a program may take, in milliseconds; under an emulator more. */
export const TIMEOUT = 25_000 * Number(process.env.PLATFORM_SLOWNESS ?? 1);

export interface Ran {
  stdout: string;
  stderr: string;
  status: number | null;
}

/** Runs `function main() {…}` with the compiled package; `wrapper` is what it runs under. */
export function run(source: string, wrapper: string[] = [], options: string[] = []): Ran {
  const command = [...wrapper, process.execPath, ...options, '-e', prelude + source];
  const [program = '', ...rest] = command;
  const { stdout, stderr, status } = spawnSync(program, rest, {
    encoding: 'utf8',
    timeout: TIMEOUT,
  });
  return { stdout, stderr, status };
}

/**
 * The main thread blocked in `call`, and what a worker does meanwhile with the descriptors `client`,
 * `accepted` and `server`.
 */
export function whileBlocked(call: string, systemCall: number, act: string): string {
  return run(`function main() {
    const { Worker } = require('node:worker_threads');
    const sockets = [new ServerSocket('127.0.0.1:0')];
    sockets.push(new StreamSocket(sockets[0].address()), sockets[0].acceptConnection());
    const [server, client, accepted] = sockets.map((socket) => socket.sockfd());
    for (const socket of sockets) socket.setReceiveTimeout(20_000);
    const source = \`
      const raw = require(\${JSON.stringify(RAW)});
      const fs = require('node:fs');
      const { constants } = raw;
      const { workerData: { client, accepted, server, isUp }, parentPort } = require('node:worker_threads');
      const isBlocked = () =>
        fs.readFileSync('/proc/\${process.pid}/task/\${process.pid}/syscall', 'latin1').startsWith('${systemCall} ');
      Atomics.store(isUp, 0, 1);
      Atomics.notify(isUp, 0);
      while (!isBlocked());
      ${act};\`;
    const isUp = new Int32Array(new SharedArrayBuffer(4));
    new Worker(source, { eval: true, workerData: { client, accepted, server, isUp } });
    // It starts with the next turn of the loop.
    setImmediate(() => {
      Atomics.wait(isUp, 0, 0);
      console.log(${call});
      process.exit();
    });
  }`).stdout;
}
