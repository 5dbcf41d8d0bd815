// One of several workers on one port: accepts, sends the byte back that comes, closes.
import { parentPort, workerData } from 'node:worker_threads';
import { ServerSocket } from 'bsd-sockets';

const server = new ServerSocket();
server.bind(`127.0.0.1:${workerData}`, false, true);
server.listen();
parentPort.postMessage(server.address().port());
const byte = Buffer.alloc(1);
for (;;) {
  const connection = server.acceptConnection();
  connection.receiveBytes(byte);
  connection.sendBytes(byte);
  connection.close();
}
