// A client on this library: `blocking.mjs PORT class|raw|floor`. The protocol is c.c's.
import { createRequire } from 'node:module';
import { createInterface } from 'node:readline';
import {
  DatagramBatch,
  DatagramSocket,
  PollSet,
  ServerSocket,
  SocketAddress,
  StreamSocket,
  constants,
} from 'bsd-sockets';
import * as raw from 'bsd-sockets/raw';

const { MSG_DONTWAIT, MSG_WAITALL } = constants;
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

const header = buffer.subarray(0, 64);
const body = buffer.subarray(64, 64 + 1024);
const parts = [header, body];

// The same work as in c.c.
function pollset(sockets, count) {
  const ACTIVE = 10;
  const set = new PollSet();
  const server = new ServerSocket('127.0.0.1:0');
  const pairs = Array.from({ length: sockets }, () => {
    const socket = new StreamSocket(server.address());
    socket.setNoDelay(true);
    return [socket, server.acceptConnection()];
  });
  server.close();
  const byDescriptor = [];
  for (const [, reader] of pairs) {
    set.add(reader, PollSet.POLL_READ);
    byDescriptor[reader.sockfd()] = reader;
  }
  const ready = new Int32Array(2 * 256);
  for (let i = 0; i < count; i++) {
    for (let j = 0; j < ACTIVE; j++) pairs[(i * 7 + j) % sockets][0].sendBytes(buffer, 0, 0, 64);
    for (let got = 0; got < 64 * ACTIVE;) {
      const n = set.poll(undefined, ready);
      for (let j = 0; j < n; j++) got += byDescriptor[ready[2 * j]].receiveBytes(buffer, 0, 0, 64);
    }
  }
  set.close();
  for (const pair of pairs) for (const socket of pair) socket.close();
}

const rows = {
  class: {
    sendmsg(socket, count) {
      for (let i = 0; i < count; i++) {
        socket.sendBytes(parts);
        if (socket.receiveBytes(buffer, MSG_WAITALL, 0, 1088) !== 1088) throw new Error('short');
      }
    },
    'two-sends'(socket, count) {
      for (let i = 0; i < count; i++) {
        socket.sendBytes(header);
        socket.sendBytes(body);
        if (socket.receiveBytes(buffer, MSG_WAITALL, 0, 1088) !== 1088) throw new Error('short');
      }
    },
    datagrams(_, count) {
      const [sender, receiver] = DatagramSocket.pair();
      sender.setSendBufferSize(1 << 20);
      const out = new DatagramBatch(64, 512);
      for (let i = 0; i < 64; i++) out.set(i, buffer.subarray(0, 512));
      const into = new DatagramBatch(64, 512);
      for (let i = 0; i < count; i++) {
        const sent = sender.sendBatch(out, 64, MSG_DONTWAIT);
        if (receiver.receiveBatch(into, MSG_DONTWAIT) !== sent) throw new Error('lost');
      }
      sender.close();
      receiver.close();
    },
    'pollset-100': (_, count) => pollset(100, count),
    'pollset-1000': (_, count) => pollset(1000, count),
    'pollset-5000': (_, count) => pollset(5000, count),
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
