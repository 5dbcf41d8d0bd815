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
    timeout: 25_000,
  });
  return { stdout, stderr, status };
}

/** A worker blocked in `call`, and what the main thread does meanwhile to the descriptor. */
export function whileBlocked(call: string, systemCall: number, act: string): string {
  return run(`function main() {
    const { Worker, SHARE_ENV } = require('node:worker_threads');
    const server = new ServerSocket('127.0.0.1:0');
    const client = new StreamSocket(server.address());
    const accepted = server.acceptConnection();
    globalThis.kept = [server, client, accepted];
    client.setReceiveTimeout(2000);
    server.setReceiveTimeout(2000);
    const blocked = () => fs.readdirSync('/proc/self/task').filter((task) =>
      fs.readFileSync('/proc/self/task/' + task + '/syscall', 'latin1').startsWith('${systemCall} '));
    // The runtime may have threads of its own in this call.
    const others = new Set(blocked());
    const source = \`
      const raw = require(\${JSON.stringify(RAW)});
      const { parentPort, workerData } = require('node:worker_threads');
      const { client, server } = workerData;
      parentPort.postMessage(${call});\`;
    const worker = new Worker(source, { eval: true, workerData: { client: client.sockfd(), server: server.sockfd() } });
    worker.on('message', (result) => { console.log(result); process.exit(); });
    const timer = setInterval(() => {
      if (blocked().every((task) => others.has(task))) return;
      clearInterval(timer);
      ${act};
    }, 1);
  }`).stdout;
}
