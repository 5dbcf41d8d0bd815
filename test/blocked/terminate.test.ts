/** A thread that is blocked in a call ends when it is to end. */
import { cpus } from 'node:os';
import { inspect } from 'node:util';
import { Worker } from 'node:worker_threads';
import { calls, startWorker } from '../support/blocked';
import { run } from '../support/child';

/** How often each call is tried; beyond once the machine is kept busy meanwhile, and it is timed. */
const tries = Number(process.env.TERMINATE_TRIES ?? 1);
const LIMIT = 50;
const report: Record<string, object> = {};
const load: Worker[] = [];

beforeAll(() => {
  if (tries > 1) load.push(...cpus().map(() => new Worker('for (;;);', { eval: true })));
});

afterAll(async () => {
  for (const worker of load) await worker.terminate();
  if (tries > 1) process.stdout.write(`${inspect(report, { compact: 1, breakLength: 120 })}\n`);
});

/** What is ended without a nudge, to compare with. */
const notBlocked = { 'a loop without calls (to compare)': 'for (;;);' };

test.each(Object.entries({ ...notBlocked, ...calls }))(
  'worker.terminate() ends %s',
  async (name, call) => {
    const times: number[] = [];
    for (let i = 0; i < tries; i++) {
      const { worker, blocked } = await startWorker(`${call}; parentPort.postMessage('returned')`);
      const messages: unknown[] = [];
      if (!(name in notBlocked)) await blocked();
      worker.on('message', (message) => messages.push(message));
      const started = performance.now();
      expect(await worker.terminate()).toBe(1);
      times.push(performance.now() - started);
      expect(messages).toEqual([]);
    }
    times.sort((first, second) => first - second);
    const [median, slowest] = [times[times.length >> 1], times.at(-1)].map(
      Math.round as () => number,
    );
    const late = times.filter((time) => time > LIMIT).length;
    report[name] = { tries, median, slowest, late };
  },
  30_000 + tries * 200,
);

test('also when messages wait that the worker never reads', async () => {
  const { worker, blocked } = await startWorker('stream.receiveBytes(buffer)');
  await blocked();
  for (let i = 0; i < 100; i++) worker.postMessage(i);
  await blocked();
  expect(await worker.terminate()).toBe(1);
});

test('also in the middle of a loop of calls that never block', async () => {
  const code = `for (;;) raw.recv(stream.sockfd(), buffer, 0, 1, constants.MSG_DONTWAIT)`;
  const { worker } = await startWorker(code);
  expect(await worker.terminate()).toBe(1);
});

const dist = JSON.stringify(require.resolve('../../dist/index.js'));

/** A program whose worker is blocked when the main thread does `last`. */
function program(last: string, options = ''): string {
  return `function main() {
    const { Worker } = require('node:worker_threads');
    const worker = new Worker(\`
      const { StreamSocket } = require(${dist});
      const [stream, peer] = StreamSocket.pair();
      require('node:worker_threads').parentPort.postMessage(0);
      stream.receiveBytes(Buffer.alloc(1));
      process._rawDebug('returned', peer);
    \`, { eval: true });
    worker.once('message', () => { ${last} });
    ${options}
  }`;
}

test('process.exit() does not wait for a worker that is blocked', () => {
  expect(run(program('process.exit(7)'))).toEqual({ stdout: '', stderr: '', status: 7 });
});

test('nor does an error that nobody catches', () => {
  const { stderr, status } = run(program("throw new Error('elsewhere')"));
  expect(status).toBe(1);
  expect(stderr).toContain('Error: elsewhere');
  expect(stderr).not.toContain('returned');
});

test('nor the end of the program, where the worker does not hold it', () => {
  expect(run(program("worker.unref(); console.log('last')"))).toEqual({
    stdout: 'last\n',
    stderr: '',
    status: 0,
  });
});

test('process.exit() in the worker’s own uncaught error handler still works', async () => {
  const { worker } = await startWorker(`
    process.on('exit', (code) => parentPort.postMessage(['exit', code]));
    stream.setReceiveTimeout(50);
    try { stream.receiveBytes(buffer); } catch { process.exit(5); }
  `);
  expect(await new Promise((resolve) => worker.once('exit', resolve))).toBe(5);
});

test('a thread that is to end in the middle of a call that makes objects ends', () => {
  const { stdout, stderr } = run(`async function main() {
    const { Worker } = require('node:worker_threads');
    const { once } = require('node:events');
    const source = \`
      const raw = require(\${JSON.stringify(RAW)});
      require('node:worker_threads').parentPort.postMessage(0);
      const address = raw.encodeAddress(raw.constants.AF_INET, '127.0.0.1', 80);
      for (;;) raw.decodeAddress(address);\`;
    for (let i = 0; i < 50; i++) {
      const worker = new Worker(source, { eval: true });
      await once(worker, 'message');
      await worker.terminate();
    }
    console.log('all ended');
    process.exit();
  }`);
  expect(stderr).toBe('');
  expect(stdout).toBe('all ended\n');
});

test('also in a close that lingers, and with a socket open that would', async () => {
  for (const last of ['stream.close()', 'setInterval(() => {}, 1000)']) {
    const { worker, next } = await startWorker(`
      const lingering = new bsd.StreamSocket(server.address());
      const accepted = server.acceptConnection();
      lingering.setLinger(true, 3600);
      while (lingering.sendBytes(Buffer.alloc(65_536), constants.MSG_DONTWAIT) > 0);
      parentPort.postMessage('full');
      ${last.replace('stream', 'lingering')}
    `);
    expect(await next()).toBe('full');
    expect(await worker.terminate()).toBe(1);
  }
});
