/** setInterruptible: a blocking call ends with EINTR when the event loop has something to do. */
import { setInterruptible } from '../../lib/index';
import { startWorker } from '../support/blocked';
import { run } from '../support/child';

/** A program that gets SIGINT when it is blocked; `call` is what it is blocked in. */
function program(call: string): string {
  return `
    bsd.setInterruptible(true);
    process.on('SIGINT', () => { console.log('Ctrl-C'); process.exit(3); });
    const [stream, peer] = StreamSocket.pair();
    const server = new ServerSocket('127.0.0.1:0');
    const set = new bsd.PollSet();
    set.add(stream, bsd.PollSet.POLL_READ);
    function main() {
      // When the process is blocked in a call, whichever it is.
      spawn('python3', ['-c', \`
import os, signal, time
while open('/proc/\${process.pid}/syscall').read().startswith(('running', '232 ', '281 ')): time.sleep(.001)
os.kill(\${process.pid}, signal.SIGINT)\`], { stdio: 'ignore' });
      const attempt = () => {
        try { ${call}; } catch (error) {
          if (error.code !== 'EINTR') throw error;
          console.log(error.name, error.code, error.syscall, error.bytesSent ?? '');
          setImmediate(attempt);
        }
      };
      setImmediate(attempt);
    }`;
}

test.each([
  ['receiveBytes', 'stream.receiveBytes(Buffer.alloc(1))', 'recv'],
  [
    'receiveBytes with a timeout',
    'stream.setReceiveTimeout(600_000); stream.receiveBytes(Buffer.alloc(1))',
    'recv',
  ],
  ['acceptConnection', 'server.acceptConnection()', 'accept'],
  ['poll', 'stream.poll(undefined, bsd.SELECT_READ)', 'poll'],
  ['select', 'bsd.Socket.select([stream], [], [])', 'poll'],
])('Ctrl-C ends %s, and its handler runs', (_name, call, syscall) => {
  const { stdout, stderr, status } = run(program(call));
  expect(stderr).toBe('');
  // Whatever else the loop had to do may have ended it too.
  expect(stdout.split('\n').slice(-3)).toEqual([`SocketError EINTR ${syscall} `, 'Ctrl-C', '']);
  expect(status).toBe(3);
});

test('a send tells how much went', () => {
  const { stdout, status } = run(program('stream.sendBytes(Buffer.alloc(10_000_000))'));
  expect(stdout).toMatch(/SocketError EINTR send [1-9]\d*\n(SocketError EINTR send \n)*Ctrl-C\n$/);
  expect(status).toBe(3);
});

test('a receive of MSG_WAITALL gives what it has', async () => {
  const { worker, next, blocked } = await startWorker(`
    bsd.setInterruptible(true);
    peer.sendBytes('abc');
    parentPort.once('message', () => {});
    setImmediate(() => {
      parentPort.postMessage(stream.receiveBytes(buffer, constants.MSG_WAITALL, 0, 10));
    });
  `);
  await blocked();
  // One may be read before the call begins.
  const nudges = setInterval(() => {
    worker.postMessage(0);
  }, 5);
  expect(await next()).toBe(3);
  clearInterval(nudges);
  await worker.terminate();
});

test('off, it is as it was', async () => {
  const { worker, next, blocked } = await startWorker(`
    bsd.setInterruptible(true);
    bsd.setInterruptible(false);
    stream.setReceiveTimeout(200);
    try { stream.receiveBytes(buffer); } catch ({ code }) { parentPort.postMessage(code); }
  `);
  await blocked();
  worker.postMessage(0);
  expect(await next()).toBe('ETIMEDOUT');
  await worker.terminate();
});

test('it takes a boolean', () => {
  expect(() => {
    setInterruptible(1 as unknown as boolean);
  }).toThrow(TypeError);
});
