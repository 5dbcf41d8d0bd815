// A pool of connections that looks before it reuses one: probe() peeks at the socket, and a
// connection that the server has closed while it was idle gets no request.
//
// The server (Node's own http, in a worker) closes connections that were idle for 50 ms. This thread
// is busy for longer than that between two requests, so Node has not heard of it yet when the next
// request goes out; the kernel has.
import { once } from 'node:events';
import { createServer } from 'node:http';
import { connect } from 'node:net';
import { Worker, isMainThread, parentPort } from 'node:worker_threads';
import { fileURLToPath } from 'node:url';
import { StreamSocket, probe } from 'bsd-sockets';

const IDLE = 50;
const REQUESTS = 10;

class Pool {
  #free = [];
  dead = 0;

  constructor(port, looks) {
    this.port = port;
    this.looks = looks;
  }

  async acquire() {
    for (let socket; (socket = this.#free.pop()) !== undefined;) {
      if (!this.looks || probe(socket) === 'idle') return socket;
      this.dead++;
      socket.destroy();
    }
    const socket = connect(this.port, '127.0.0.1');
    await once(socket, 'connect');
    return socket;
  }

  release(socket) {
    this.#free.push(socket);
  }

  close() {
    for (const socket of this.#free) socket.destroy();
  }
}

// One request; its connection goes back to the pool when the answer is whole.
async function ask(pool) {
  const socket = await pool.acquire();
  const answer = new Promise((resolve, reject) => {
    let text = '';
    const done = (error) => {
      socket.removeAllListeners();
      socket.on('error', () => {});
      if (error) reject(error);
      else resolve(text);
    };
    socket.on('data', (data) => {
      text += data;
      if (text.endsWith('hello')) done();
    });
    socket.on('error', done);
    socket.on('end', () => done(new Error('the connection ended before the answer')));
    socket.write('GET / HTTP/1.1\r\nHost: here\r\n\r\n', (error) => error && done(error));
  });
  await answer;
  pool.release(socket);
}

// Not a sleep that lets the event loop run: this thread computes, as programs do. It ends when the
// kernel has the server's FIN, so that the example shows the same each time.
function beBusyUntilIdleIsOver(port) {
  const witness = new StreamSocket({ host: '127.0.0.1', port });
  witness.sendBytes('GET / HTTP/1.1\r\nHost: here\r\n\r\n');
  const buffer = Buffer.alloc(1024);
  while (witness.receiveBytes(buffer) > 0);
  witness.close();
}

async function tour(port, looks) {
  const pool = new Pool(port, looks);
  let failed = 0;
  for (let i = 0; i < REQUESTS; i++) {
    await ask(pool).catch(() => failed++);
    beBusyUntilIdleIsOver(port);
  }
  pool.close();
  const found = looks ? `, ${pool.dead} dead connections found before they were used` : '';
  console.log(`  ${looks ? 'with' : 'without'} probe(): ${failed} of ${REQUESTS} failed${found}`);
}

if (isMainThread) {
  const server = new Worker(fileURLToPath(import.meta.url));
  const [port] = await once(server, 'message');
  await tour(port, false);
  await tour(port, true);
  await server.terminate();
} else {
  const server = createServer((request, response) => {
    response.end('hello');
    setTimeout(() => request.socket.destroy(), IDLE);
  });
  // Otherwise a longer time of its own begins behind each answer.
  server.keepAliveTimeout = 0;
  server.listen(0, '127.0.0.1', () => parentPort.postMessage(server.address().port));
}
