// Bytes of this process for each idle connection: `node --expose-gc memory.mjs KIND - COUNT`, KIND
// one of plain, watched, stream and net. The peers wait in backlogs: they cost the kernel, not us.
import { once } from 'node:events';
import { connect } from 'node:net';
import { SELECT_READ, ServerSocket, StreamSocket } from 'bsd-sockets';

const [kind, , size] = process.argv.slice(2);
const BACKLOG = 4096;
const WARM_UP = 2000;
const kept = [];
const listeners = [];
let address;

/** Every 4096 connections another listener, whose backlog they wait in. */
function listen() {
  if (kept.length % BACKLOG !== 0) return;
  const listener = new ServerSocket('127.0.0.1:0', BACKLOG);
  listeners.push(listener);
  address = listener.address();
}

const kinds = {
  plain: () => new StreamSocket(address),
  watched() {
    const socket = new StreamSocket(address);
    socket.watch(SELECT_READ, () => {});
    return socket;
  },
  stream() {
    const stream = new StreamSocket(address).toStream();
    return stream.on('data', () => {});
  },
  async net() {
    const socket = connect(address.port(), '127.0.0.1');
    await once(socket, 'connect');
    return socket.on('data', () => {});
  },
};

async function open(count) {
  for (let i = 0; i < count; i++) {
    listen();
    const pending = kinds[kind]();
    // Only net's is a promise; the others are not to wait for the event loop.
    kept.push(pending instanceof Promise ? await pending : pending);
  }
}

async function residentBytes() {
  for (let i = 0; i < 5; i++) {
    globalThis.gc();
    await new Promise((resolve) => setImmediate(resolve));
  }
  return process.memoryUsage().rss;
}

// V8's young generation grows with the first ones; that is not the price of a connection.
await open(WARM_UP);
const before = await residentBytes();
await open(Number(size));
console.log(((await residentBytes()) - before) / Number(size));
process.exit();
