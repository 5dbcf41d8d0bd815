// A client on this library: `blocking.mjs PORT class|raw|floor`. The protocol is c.c's.
import { createRequire } from 'node:module';
import { createInterface } from 'node:readline';
import { SocketAddress, StreamSocket, constants } from 'bsd-sockets';
import * as raw from 'bsd-sockets/raw';

const { MSG_DONTWAIT } = constants;
const [port, layer] = process.argv.slice(2);
const floor = layer === 'floor' && createRequire(import.meta.url)('../out/bench/floor.node');
const buffer = Buffer.alloc(65536);

function dial(what) {
  const socket = new StreamSocket('ipv4');
  socket.setNoDelay(true);
  socket.connect(new SocketAddress('127.0.0.1', Number(port)));
  socket.sendBytes(what);
  return socket;
}

const rows = {
  class: {
    pingpong(socket, count) {
      for (let i = 0; i < count; i++) {
        socket.sendBytes(buffer, 0, 0, 64);
        if (socket.receiveBytes(buffer) !== 64) throw new Error('short');
      }
    },
    receive(socket, count) {
      for (let got = 0; got < count;) got += socket.receiveBytes(buffer);
    },
    'would-block'(socket, count) {
      for (let i = 0; i < count; i++) {
        if (socket.receiveBytes(buffer, MSG_DONTWAIT, 0, 64) !== -1) throw new Error('data');
      }
    },
  },
  raw: {
    pingpong(socket, count) {
      const fd = socket.sockfd();
      for (let i = 0; i < count; i++) {
        raw.send(fd, buffer, 0, 64, 0);
        if (raw.recv(fd, buffer, 0, 65536, 0) !== 64) throw new Error('short');
      }
    },
    receive(socket, count) {
      const fd = socket.sockfd();
      for (let got = 0; got < count;) got += raw.recv(fd, buffer, 0, 65536, 0);
    },
    'would-block'(socket, count) {
      const fd = socket.sockfd();
      for (let i = 0; i < count; i++) {
        if (raw.recv(fd, buffer, 0, 64, MSG_DONTWAIT) >= 0) throw new Error('data');
      }
    },
  },
  floor: {
    'would-block'(socket, count) {
      if (floor.wouldBlock(socket.sockfd(), count) !== count) throw new Error('data');
    },
  },
};

const echo = dial('e');
for await (const line of createInterface({ input: process.stdin })) {
  const [row, count] = line.split(' ');
  const socket = row === 'receive' ? dial('s') : echo;
  const started = process.hrtime.bigint();
  const cpu = process.cpuUsage();
  rows[layer][row](socket, Number(count));
  const wall = process.hrtime.bigint() - started;
  const { user, system } = process.cpuUsage(cpu);
  console.log(`${wall} ${(user + system) * 1000}`);
  if (socket !== echo) socket.close();
}
