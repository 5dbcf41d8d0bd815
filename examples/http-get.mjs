// An HTTP GET with exact flags: MSG_PEEK looks at the header without taking it, then one receive
// takes exactly the header, and MSG_WAITALL exactly the body.
//
//   node examples/http-get.mjs [http://host[:port]/path]
//
// Without a URL it asks Node's own http server, in a worker.
import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { SocketAddress, StreamSocket, constants } from 'bsd-sockets';

const { MSG_PEEK, MSG_WAITALL } = constants;

const SERVER = `
  const { parentPort } = require('node:worker_threads');
  const server = require('node:http').createServer((request, response) => {
    const body = Buffer.alloc(100_000, 'body of ' + request.url + '. ');
    response.writeHead(200, { 'Content-Length': body.length }).end(body);
  });
  server.listen(0, '127.0.0.1', () => parentPort.postMessage(server.address().port));
`;

async function ownServer() {
  const worker = new Worker(SERVER, { eval: true });
  const [port] = await once(worker, 'message');
  return { url: `http://127.0.0.1:${port}/hello`, stop: () => worker.terminate() };
}

function get(url) {
  const { hostname, port, pathname, search, host } = new URL(url);
  const socket = new StreamSocket();
  const address = new SocketAddress(hostname.replace(/^\[|\]$/g, ''), Number(port || 80));
  socket.connect(address, 5000);
  socket.setReceiveTimeout(5000);
  // HTTP/1.0, so that the body is never chunked.
  socket.sendBytes(`GET ${pathname}${search} HTTP/1.0\r\nHost: ${host}\r\n\r\n`);

  // Peek until the empty line is there. Each peek asks for one byte more than the last one saw, so
  // MSG_WAITALL makes it wait for news.
  const peeked = Buffer.alloc(65536);
  let seen = 0;
  let end = -1;
  while (end < 0) {
    const n = socket.receiveBytes(peeked, MSG_PEEK | MSG_WAITALL, 0, seen + 1);
    if (n <= seen) throw new Error('the stream ended inside the header');
    seen = socket.receiveBytes(peeked, MSG_PEEK);
    end = peeked.subarray(0, seen).indexOf('\r\n\r\n');
  }

  const header = Buffer.alloc(end + 4);
  socket.receiveBytes(header, MSG_WAITALL);
  const [status, ...lines] = header.toString('latin1').trimEnd().split('\r\n');
  const length = lines.map((line) => /^content-length: *(\d+)$/i.exec(line)?.[1]).find(Boolean);
  let body = Buffer.alloc(Number(length ?? 0));
  if (length !== undefined) {
    const n = socket.receiveBytes(body, MSG_WAITALL);
    if (n < body.length) throw new Error(`the stream ended after ${n} of ${body.length} bytes`);
  } else {
    const parts = [];
    for (let n; (n = socket.receiveBytes(peeked)) > 0;)
      parts.push(Buffer.from(peeked.subarray(0, n)));
    body = Buffer.concat(parts);
  }
  socket.close();
  return { status, header, body };
}

const own = process.argv[2] === undefined ? await ownServer() : undefined;
const url = process.argv[2] ?? own.url;
const { status, header, body } = get(url);
console.log(`GET ${url}`);
console.log(`  ${status}`);
console.log(`  header: ${header.length} bytes, peeked at, then taken exactly`);
console.log(
  `  body: ${body.length} bytes, starts ${JSON.stringify(body.toString('latin1', 0, 24))}`,
);
await own?.stop();
