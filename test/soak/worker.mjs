// A thread of the soak, in blocking calls.
import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { parentPort, workerData } from 'node:worker_threads';
import { ServerSocket, StreamSocket, constants } from 'bsd-sockets';

const roles = {
  serve() {
    const server = new ServerSocket('127.0.0.1:0');
    parentPort.postMessage(server.address().port());
    const connection = server.acceptConnection();
    const buffer = Buffer.alloc(65_536);
    let echoed = 0;
    for (let n; (n = connection.receiveBytes(buffer)) > 0; echoed += n) {
      connection.sendBytes(buffer, 0, 0, n);
    }
    // Neither is closed: the end of the thread does it.
    parentPort.postMessage(echoed);
  },

  ask({ port, length }) {
    const socket = new StreamSocket({ host: '127.0.0.1', port });
    const data = randomBytes(length);
    const hash = createHash('sha256');
    const buffer = Buffer.alloc(32_768);
    for (let at = 0; at < length; at += buffer.length) {
      const part = data.subarray(at, at + buffer.length);
      socket.sendBytes(part);
      socket.receiveBytes(buffer, constants.MSG_WAITALL, 0, part.length);
      hash.update(buffer.subarray(0, part.length));
    }
    assert.deepEqual(hash.digest(), createHash('sha256').update(data).digest(), 'contents');
    socket.close();
    parentPort.postMessage(length);
  },

  block({ fd }) {
    const socket = StreamSocket.fromFileDescriptor(fd);
    parentPort.postMessage('about to block');
    // Nothing comes. Only the end of the thread ends this.
    socket.receiveBytes(Buffer.alloc(1));
  },
};

roles[workerData.role](workerData);
