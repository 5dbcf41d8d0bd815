// A parser of records that reads like its own description: receive four bytes, receive as many as they
// say, decode them; a worker blocks in it. The main thread sends the records, and ends the worker when
// it likes: between two records, or in the middle of one.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import { createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { Worker, isMainThread, parentPort, workerData } from 'node:worker_threads';
import { decode, encode } from 'cbor-x';
import { StreamSocket, constants } from 'bsd-sockets';

const RECORDS = 20_000;
const ENDINGS = 20;
const LONGEST = 1 << 20;

// Fills the buffer, or as much of it as comes before the end of the stream.
function receiveAll(socket, buffer) {
  let length = 0;
  for (let n = 1; n > 0 && length < buffer.length; length += n) {
    n = socket.receiveBytes(buffer, constants.MSG_WAITALL, length);
  }
  return length;
}

// The records of a connection, until it ends. Each is CBOR (RFC 8949) behind its length.
function* recordsOf(socket) {
  const header = Buffer.alloc(4);
  for (let n; (n = receiveAll(socket, header)) > 0;) {
    const length = header.readUInt32BE();
    if (length > LONGEST) throw new Error(`a record of ${length} bytes`);
    const body = Buffer.alloc(length);
    if (n < header.length || receiveAll(socket, body) < length) {
      throw new Error('the connection ended inside a record');
    }
    yield decode(body);
  }
}

function parse(port) {
  const socket = new StreamSocket({ host: '127.0.0.1', port });
  let [count, sum] = [0, 0];
  for (const { number, payload } of recordsOf(socket)) {
    assert.equal(payload.length, number % 1000);
    count++;
    sum += number;
  }
  socket.close();
  parentPort.postMessage({ count, sum });
}

function record(number) {
  const body = encode({ number, name: `record ${number}`, payload: Buffer.alloc(number % 1000) });
  const header = Buffer.alloc(4);
  header.writeUInt32BE(body.length);
  return Buffer.concat([header, body]);
}

// A parser in a worker, and the connection that feeds it.
async function start(server) {
  const connected = once(server, 'connection');
  const workerData = { port: server.address().port };
  const worker = new Worker(fileURLToPath(import.meta.url), { workerData });
  const [feed] = await connected;
  feed.on('error', () => {});
  const closed = new Promise((resolve) => feed.once('close', resolve));
  return { worker, feed, closed };
}

async function parseAll(server) {
  const { worker, feed, closed } = await start(server);
  const started = performance.now();
  for (let number = 0; number < RECORDS; number++) {
    if (!feed.write(record(number))) await once(feed, 'drain');
  }
  feed.end();
  const [{ count, sum }] = await once(worker, 'message');
  const seconds = (performance.now() - started) / 1000;
  assert.deepEqual([count, sum], [RECORDS, (RECORDS * (RECORDS - 1)) / 2]);
  console.log(`  ${count} records parsed, ${Math.round(count / seconds)} a second`);
  await once(worker, 'exit');
  await closed;
}

// Whole records and a part of the next have been sent: the parser blocks in it, or is on its way there.
async function endAtAnyMoment(server) {
  const { worker, feed, closed } = await start(server);
  const whole = Buffer.concat([record(1), record(2), record(999)]);
  const cut = 1 + Math.floor(Math.random() * (whole.length - 1));
  await new Promise((resolve) => feed.write(whole.subarray(0, cut), resolve));
  await sleep(20 * Math.random());
  const started = performance.now();
  await worker.terminate();
  const time = performance.now() - started;
  await closed;
  return time;
}

if (isMainThread) {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  await parseAll(server);
  const openBefore = readdirSync('/proc/self/fd').length;
  const times = [];
  while (times.length < ENDINGS) times.push(await endAtAnyMoment(server));
  const left = readdirSync('/proc/self/fd').length - openBefore;
  const slowest = Math.max(...times).toFixed(1);
  console.log(`  ${times.length} parsers ended in the middle, the slowest in ${slowest} ms`);
  console.log(`  descriptors left open: ${left}`);
  server.close();
} else {
  parse(workerData.port);
}
