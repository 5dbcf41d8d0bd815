// Bytes of this process for each open socket: `node --expose-gc memory.mjs class|net COUNT`.
import { connect, createServer } from 'node:net';
import { once } from 'node:events';
import { StreamSocket } from 'bsd-sockets';

const [what, count] = process.argv.slice(2);
const sockets = [];

async function used() {
  for (let i = 0; i < 5; i++) {
    globalThis.gc();
    await new Promise((resolve) => setImmediate(resolve));
  }
  const { rss } = process.memoryUsage();
  return rss;
}

function make() {
  if (what === 'class') return new StreamSocket('ipv4');
  return connect(server.address());
}

const server = createServer();
if (what === 'net') await once(server.listen(0, '127.0.0.1'), 'listening');
// V8's young generation grows with the first ones; that is not the price of a socket.
for (let i = 0; i < 2_000; i++) sockets.push(make());
const before = await used();
for (let i = 0; i < Number(count); i++) sockets.push(make());
console.log(((await used()) - before) / Number(count));
process.exit();
