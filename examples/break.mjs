// A long answer that its reader interrupts, as database clients do it: one urgent byte reaches the
// server though the answer fills every buffer between the two. Whether the path carries urgent data
// is asked once, after connecting; where it does not (Node's net as a relay drops it), the break goes
// in the stream, and the server looks for it between two rows.
import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import { fileURLToPath } from 'node:url';
import { Worker, isMainThread, parentPort } from 'node:worker_threads';
import {
  SELECT_READ,
  SELECT_URGENT,
  SELECT_WRITE,
  ServerSocket,
  StreamSocket,
  constants,
} from 'bsd-sockets';

const { MSG_DONTWAIT, MSG_WAITALL } = constants;
const BREAK = 0x21;
const ROW = 1024;
const MOST_ROWS = 1_000_000;
const END = 'cancelled after ';

// The server: blocking calls in a worker, a connection after the other.
function serve() {
  const server = new ServerSocket('127.0.0.1:0');
  parentPort.postMessage(server.address().port());
  for (let clients = 0; clients < 2; clients++) answer(server.acceptConnection());
  server.close();
}

function answer(connection) {
  const byte = Buffer.alloc(1);
  // 'P' comes behind the urgent byte that asks whether the path carries such bytes; receiving it
  // first would go past the urgent byte.
  connection.poll(undefined, SELECT_READ);
  const carriesUrgent = connection.receiveUrgent() === BREAK;
  connection.sendBytes(carriesUrgent ? 'Y' : 'N');
  connection.receiveBytes(byte);
  // 'Q': the query.
  connection.receiveBytes(byte);
  const row = Buffer.alloc(ROW, '.');
  let rows = 0;
  while (rows < MOST_ROWS && !isInterrupted(connection, byte, carriesUrgent)) {
    // Not a blocking send: it could not be interrupted while the client does not read.
    const sent = connection.sendBytes(row, MSG_DONTWAIT);
    if (sent < 0) {
      connection.pollEvents(undefined, SELECT_WRITE | SELECT_READ | SELECT_URGENT);
      continue;
    }
    if (sent < ROW) connection.sendBytes(row, 0, sent);
    rows++;
  }
  connection.sendBytes(`${END}${String(rows).padStart(8)}`);
  connection.close();
}

function isInterrupted(connection, byte, carriesUrgent) {
  // Only where no urgent byte can come: a receive that meets one destroys it.
  if (!carriesUrgent) return connection.receiveBytes(byte, MSG_DONTWAIT) > 0;
  if (connection.receiveUrgent() !== BREAK) return false;
  // The byte was taken, but still has its place in the stream: close() would find it unread, and
  // reset the connection.
  connection.receiveBytes(byte, MSG_DONTWAIT);
  return true;
}

// The client: asks, takes a few rows, breaks, and discards what is still on its way.
function ask(port, what) {
  const socket = new StreamSocket({ host: '127.0.0.1', port });
  socket.sendUrgent(BREAK);
  socket.sendBytes('P');
  const byte = Buffer.alloc(1);
  socket.receiveBytes(byte);
  const carriesUrgent = byte.toString() === 'Y';
  socket.sendBytes('Q');
  const rows = Buffer.alloc(10 * ROW);
  socket.receiveBytes(rows, MSG_WAITALL);
  if (carriesUrgent) socket.sendUrgent(BREAK);
  else socket.sendBytes('B');
  let tail = '';
  const buffer = Buffer.alloc(65_536);
  for (let n; (n = socket.receiveBytes(buffer)) > 0;) {
    tail = (tail + buffer.toString('latin1', 0, n)).slice(-(END.length + 8));
  }
  const sent = Number(tail.slice(END.length));
  if (!tail.startsWith(END) || sent >= MOST_ROWS) throw new Error('the break was not heard');
  const way = carriesUrgent ? 'an urgent byte' : 'a byte in the stream';
  console.log(`  ${what}: broke by ${way}; the server stopped after ${sent} of ${MOST_ROWS} rows`);
  socket.close();
}

if (isMainThread) {
  const file = fileURLToPath(import.meta.url);
  const server = new Worker(file);
  const [port] = await once(server, 'message');
  // The relay needs this thread's event loop, so the clients are in a worker too.
  const relay = createServer((near) => {
    const far = connect(port, '127.0.0.1');
    near.pipe(far).pipe(near);
    for (const socket of [near, far]) socket.on('error', () => socket.destroy());
  });
  relay.listen(0, '127.0.0.1');
  await once(relay, 'listening');
  const client = new Worker(file, { argv: ['ask', port, relay.address().port] });
  await Promise.all([once(client, 'exit'), once(server, 'exit')]);
  relay.close();
} else if (process.argv[2] === 'ask') {
  ask(Number(process.argv[3]), 'directly');
  ask(Number(process.argv[4]), 'through a relay that drops urgent data');
} else {
  serve();
}
