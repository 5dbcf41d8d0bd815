/**
 * The compiled package on Windows, or under wine: scripts/test-win32-x64.sh runs it. No test runner,
 * so that nothing else has to work there.
 */
const assert = require('node:assert/strict');
const http = require('node:http');
const { Worker } = require('node:worker_threads');
const bsd = require('../../dist/index.js');
const raw = require('../../dist/raw.js');

const { DatagramSocket, PollSet, ServerSocket, Socket, SocketAddress, StreamSocket } = bsd;
const { SELECT_READ, SELECT_URGENT, SELECT_WRITE, WOULD_BLOCK, constants } = bsd;
const { MSG_PEEK, MSG_WAITALL } = constants;

const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
const code = (name) => (error) => error.code === name;
const absent = code('ERR_FEATURE_UNAVAILABLE_ON_PLATFORM');
let open = [];

function keep(socket) {
  open.push(socket);
  return socket;
}

function connected() {
  const server = keep(new ServerSocket('127.0.0.1:0'));
  const client = keep(new StreamSocket(server.address()));
  return { server, client, accepted: keep(server.acceptConnection()) };
}

function took(ms, call) {
  const started = performance.now();
  call();
  const time = performance.now() - started;
  assert.ok(time >= ms - 5 && time < ms + 1000, `${time} ms`);
}

const checks = {
  'bytes, peeked and whole': () => {
    const { client, accepted } = connected();
    const buffer = Buffer.alloc(64);
    client.sendBytes('hello');
    client.sendBytes([Buffer.from(', '), Buffer.from('you')]);
    assert.ok(accepted.poll(1000, SELECT_READ));
    assert.ok(accepted.receiveBytes(buffer, MSG_PEEK) > 0);
    assert.equal(accepted.receiveBytes(buffer, MSG_WAITALL, 0, 10), 10);
    assert.equal(buffer.toString('latin1', 0, 10), 'hello, you');
    client.sendBytes('abc');
    const parts = Socket.makeBufVec(2, 2);
    assert.equal(accepted.receiveBytes(parts), 3);
    client.shutdownSend();
    assert.equal(accepted.receiveBytes(buffer), 0);
    assert.throws(() => client.sendBytes('x'), code('EPIPE'));
  },
  'urgent data': () => {
    const { client, accepted } = connected();
    assert.equal(accepted.receiveUrgent(), null);
    client.sendUrgent(33);
    assert.ok(accepted.poll(1000, SELECT_URGENT));
    assert.equal(accepted.pollEvents(0, SELECT_READ | SELECT_URGENT), SELECT_URGENT);
    assert.equal(accepted.receiveUrgent(), 33);
    assert.equal(accepted.receiveUrgent(), null);
  },
  'urgent data on the event loop, before other data': async () => {
    const { client, accepted } = connected();
    setTimeout(() => client.sendUrgent(34), 20);
    assert.equal(await accepted.receiveUrgentAsync({ timeout: 5000 }), 34);
    const stream = accepted.toStream();
    const seen = [];
    stream.on('urgent', (byte) => seen.push(byte));
    stream.on('data', (data) => seen.push(String(data)));
    client.sendBytes('abc');
    client.sendUrgent(35);
    client.close();
    await new Promise((resolve) => stream.on('close', resolve));
    assert.deepEqual(seen, [35, 'abc']);
  },
  timeouts: () => {
    const { server, client, accepted } = connected();
    accepted.setReceiveTimeout(150);
    assert.equal(accepted.getReceiveTimeout(), 150);
    const nothing = () => accepted.receiveBytes(Buffer.alloc(1));
    took(150, () => assert.throws(nothing, code('ETIMEDOUT')));
    took(100, () => assert.equal(client.poll(100, SELECT_READ), false));
    server.setReceiveTimeout(100);
    took(100, () => assert.throws(() => server.acceptConnection(), code('ETIMEDOUT')));
  },
  'without blocking': () => {
    const { server, client, accepted } = connected();
    accepted.setBlocking(false);
    assert.equal(accepted.receiveBytes(Buffer.alloc(1)), WOULD_BLOCK);
    server.setBlocking(false);
    assert.equal(server.acceptConnection(), null);
    client.setBlocking(false);
    while (client.sendBytes(Buffer.alloc(65536)) !== WOULD_BLOCK);
    took(100, () => assert.equal(client.poll(100, SELECT_WRITE), false));
    // What is accepted blocks, whatever the listener does.
    keep(new StreamSocket(server.address()));
    assert.ok(server.poll(1000, SELECT_READ));
    const another = keep(server.acceptConnection());
    another.setReceiveTimeout(50);
    assert.throws(() => another.receiveBytes(Buffer.alloc(1)), code('ETIMEDOUT'));
  },
  refused: async () => {
    const { server } = connected();
    const address = server.address();
    server.close();
    assert.throws(() => new StreamSocket(address), code('ECONNREFUSED'));
    assert.throws(() => keep(new StreamSocket()).connect(address, 2000), code('ECONNREFUSED'));
    const later = keep(new StreamSocket());
    later.connectNB(address);
    assert.ok(later.poll(5000, SELECT_WRITE));
    assert.equal(later.getError().code, 'ECONNREFUSED');
    await assert.rejects(keep(new StreamSocket()).connectAsync(address), code('ECONNREFUSED'));
  },
  'an address in use': () => {
    const { server } = connected();
    assert.throws(() => new ServerSocket(server.address()), /EADDRINUSE|EACCES/);
  },
  options: () => {
    const { client } = connected();
    client.setNoDelay(true);
    client.setKeepAlive(true);
    client.setLinger(true, 7);
    assert.deepEqual([client.getNoDelay(), client.getKeepAlive()], [true, true]);
    assert.deepEqual(client.getLinger(), { on: true, seconds: 7 });
    assert.equal(client.isSupported('Cork'), false);
  },
  pairs: () => {
    const [first, second] = StreamSocket.pair().map(keep);
    first.sendBytes('x');
    assert.equal(second.receiveBytes(Buffer.alloc(9)), 1);
    const [one, other] = DatagramSocket.pair().map(keep);
    one.sendBytes('xyz');
    assert.equal(other.receiveBytes(Buffer.alloc(9)), 3);
  },
  'datagrams, cut and with their target': () => {
    const from = keep(new DatagramSocket('127.0.0.1:0'));
    const to = keep(new DatagramSocket('127.0.0.1:0'));
    to.setPacketInfo(true);
    from.sendTo('hello', to.address());
    const cut = to.receiveFrom(Buffer.alloc(3));
    assert.deepEqual([cut.bytes, cut.truncated], [3, true]);
    assert.ok(cut.address.equals(from.address()));
    from.sendTo('hello', to.address());
    const { control } = to.receiveMessage({ buffers: [Buffer.alloc(9)], controlLength: 100 });
    assert.equal(control[0].address, '127.0.0.1');
  },
  'on the event loop': async () => {
    const { server, client, accepted } = connected();
    const buffer = Buffer.alloc(64);
    setTimeout(() => client.sendBytes('lat'), 20);
    setTimeout(() => client.sendBytes('er'), 50);
    const options = { flags: MSG_WAITALL, length: 5, timeout: 5000 };
    assert.equal(await accepted.receiveBytesAsync(buffer, options), 5);
    await assert.rejects(accepted.receiveBytesAsync(buffer, { timeout: 30 }), code('ETIMEDOUT'));
    // The mode is what it was.
    accepted.setReceiveTimeout(50);
    assert.throws(() => accepted.receiveBytes(buffer), code('ETIMEDOUT'));
    const large = Buffer.alloc(4_000_000, 7);
    const sent = client.sendBytesAsync(large);
    const into = Buffer.alloc(large.length);
    const all = { flags: MSG_WAITALL };
    assert.equal(await accepted.receiveBytesAsync(into, all), large.length);
    assert.equal(await sent, large.length);
    const next = server.acceptConnectionAsync();
    await keep(new StreamSocket()).connectAsync(server.address());
    keep(await next);
    const ended = accepted.receiveBytesAsync(buffer);
    accepted.close();
    await assert.rejects(ended, code('EBADF'));
  },
  'http over our streams': async () => {
    const server = keep(new ServerSocket('127.0.0.1:0'));
    const web = http.createServer((request, response) => response.end('hello'));
    server.listenAsync((connection) => web.emit('connection', connection.toStream()));
    const { port } = server.address().toJSON();
    const createConnection = () => bsd.createConnection({ host: '127.0.0.1', port });
    const body = await new Promise((resolve, reject) => {
      const request = http.get({ host: 'localhost', port, createConnection }, (response) => {
        response.setEncoding('utf8').once('data', resolve);
      });
      request.on('error', reject);
    });
    assert.equal(body, 'hello');
  },
  'names and addresses': async () => {
    assert.equal(new SocketAddress('localhost', 80).port(), 80);
    assert.ok((await SocketAddress.resolve('localhost', 80)).length > 0);
    assert.equal(String(keep(new DatagramSocket('ipv4')).address()), '0.0.0.0:0');
    assert.throws(() => new SocketAddress('no.such.host.invalid', 80), code('ENOTFOUND'));
  },
  workers: async () => {
    const { client, accepted } = connected();
    const receive = `
      const { parentPort, workerData } = require('node:worker_threads');
      const { ServerSocket, StreamSocket } = require(${JSON.stringify(require.resolve('../../dist'))});
      const socket = StreamSocket.fromFileDescriptor(workerData);
      const server = new ServerSocket('127.0.0.1:0');
      globalThis.kept = Array.from({ length: 400 }, () => {
        const client = new StreamSocket(server.address());
        client.receiveUrgentAsync().catch(() => {});
        return [client, server.acceptConnection()];
      });
      parentPort.postMessage(socket.receiveBytes(Buffer.alloc(9)));`;
    const worker = new Worker(receive, { eval: true, workerData: accepted.detach() });
    setTimeout(() => client.sendBytes('abc'), 100);
    assert.equal(await new Promise((resolve) => worker.once('message', resolve)), 3);
    // Hundreds of waits are no reason not to end.
    await worker.terminate();
  },
  'PollSet, by poll(2)': async () => {
    const { client, accepted } = connected();
    const set = new PollSet();
    open.push(set);
    set.add(accepted, PollSet.POLL_READ);
    assert.equal(set.poll(0).size, 0);
    client.sendBytes('x');
    assert.deepEqual([...set.poll(5000)], [[accepted, PollSet.POLL_READ]]);
    assert.deepEqual([...(await set.pollAsync()).keys()], [accepted]);
    accepted.receiveBytes(Buffer.alloc(1));
    set.wakeUp();
    assert.equal(set.poll().size, 0);
    assert.equal((await set.pollAsync({ timeout: 10 })).size, 0);
    assert.throws(() => set.update(accepted, PollSet.POLL_READ | PollSet.POLL_EDGE), absent);
  },
  'what is absent says so': () => {
    const { client } = connected();
    assert.equal(raw.sendfile, undefined);
    assert.throws(() => client.sendFile(__filename), absent);
    assert.throws(() => client.toNetSocket(), absent);
    const control = [{ type: 'SCM_RIGHTS', descriptors: [client] }];
    assert.throws(() => client.sendMessage({ control }), absent);
  },
};

async function main() {
  let failed = 0;
  for (const [name, check] of Object.entries(checks)) {
    try {
      const late = pause(20_000).then(() => Promise.reject(new Error('it takes too long')));
      await Promise.race([check(), late]);
      console.log(`ok      ${name}`);
    } catch (error) {
      failed++;
      console.log(`FAILED  ${name}: ${error.stack}`);
    }
    for (const socket of open) socket.close();
    open = [];
  }
  process.exit(failed === 0 ? 0 : 1);
}

process.on('unhandledRejection', () => undefined);
main();
