// A blocking echo server and a blocking client, each in a worker of its own: the place where blocking
// calls belong. The main thread only watches.
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { Worker, isMainThread, parentPort, workerData } from 'node:worker_threads';
import { ServerSocket, StreamSocket } from 'bsd-sockets';

function serve() {
  const server = new ServerSocket('127.0.0.1:0');
  parentPort.postMessage(server.address().toString());
  const connection = server.acceptConnection();
  const buffer = Buffer.alloc(65536);
  let echoed = 0;
  for (let n; (n = connection.receiveBytes(buffer)) > 0; echoed += n) {
    connection.sendBytes(buffer, 0, 0, n);
  }
  connection.close();
  server.close();
  parentPort.postMessage(echoed);
}

function ask(address) {
  const socket = new StreamSocket(address);
  const buffer = Buffer.alloc(64);
  const rounds = 1000;
  let same = 0;
  for (let i = 0; i < rounds; i++) {
    const line = `line ${i}`;
    socket.sendBytes(line);
    const n = socket.receiveBytes(buffer);
    if (buffer.toString('latin1', 0, n) === line) same++;
  }
  socket.close();
  parentPort.postMessage(`${same} of ${rounds} lines came back`);
}

if (isMainThread) {
  const file = fileURLToPath(import.meta.url);
  const server = new Worker(file, { workerData: {} });
  const [address] = await once(server, 'message');
  console.log(`  server listens at ${address}`);
  const client = new Worker(file, { workerData: { address } });
  const [[echoed], [report]] = await Promise.all([
    once(server, 'message'),
    once(client, 'message'),
  ]);
  console.log(`  client: ${report}`);
  console.log(`  server: echoed ${echoed} bytes`);
} else if (workerData.address === undefined) {
  serve();
} else {
  ask(workerData.address);
}
