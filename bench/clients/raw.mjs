// The calls themselves: bsd-sockets/raw.
import * as raw from 'bsd-sockets/raw';
import { acceptRow, blockingRows, loadRow } from './blocking-rows.mjs';
import {
  BATCH,
  CALLERS,
  READY,
  RECEIVED,
  check,
  checkContents,
  contents,
  hostOf,
  serve,
} from './protocol.mjs';

const { AF_INET, EPOLLIN, EPOLL_CTL_ADD, MSG_DONTWAIT, SOCK_DGRAM, SOCK_STREAM } = raw.constants;
const buffer = Buffer.alloc(RECEIVED);

const open = (socket) => {
  const fd = socket.detach();
  return {
    send: (bytes) => raw.send(fd, bytes, 0, bytes.length, 0),
    receive: (into, length, flags) => raw.recv(fd, into, 0, length, flags),
    gather: (parts) => raw.sendmsg(fd, null, parts, null, 0),
  };
};

function addressOf(fd) {
  const address = Buffer.alloc(128);
  const length = Int32Array.of(address.length);
  raw.getsockname(fd, address, length);
  return address.subarray(0, length[0]);
}

function bound(type) {
  const fd = raw.socket(AF_INET, type, 0);
  check(raw.bind(fd, raw.encodeAddress(AF_INET, '127.0.0.1', 0)) === 0, 'bind');
  return fd;
}

await serve({
  ...blockingRows(open),

  load: ({ port, size }) =>
    loadRow(port, size, (sockets, control) => {
      const set = raw.epoll_create1(0);
      const last = control.sockfd();
      // Detached: from here on there are only numbers, and nothing that could be collected.
      for (const fd of [last, ...sockets.map((socket) => socket.detach())]) {
        raw.epoll_ctl(set, EPOLL_CTL_ADD, fd, EPOLLIN, fd);
      }
      const ready = new Int32Array(2 * READY);
      return () => {
        for (let isDone = false; !isDone;) {
          const n = raw.epoll_wait(set, ready, READY, -1);
          for (let i = 0; i < n; i++) {
            const fd = ready[2 * i];
            if (fd === last) isDone = true;
            else raw.send(fd, buffer, 0, raw.recv(fd, buffer, 0, RECEIVED, 0), 0);
          }
        }
      };
    }),

  connect: ({ port, size }) => ({
    run(count, serial) {
      const address = raw.encodeAddress(AF_INET, hostOf(serial), port);
      for (let i = 0; i < count; i++) {
        const fd = raw.socket(AF_INET, SOCK_STREAM, 0);
        check(raw.connect(fd, address) === 0, 'connect');
        raw.send(fd, buffer, 0, size, 0);
        raw.close(fd);
      }
    },
  }),

  accept({ port }) {
    const listener = bound(SOCK_STREAM);
    raw.listen(listener, CALLERS);
    const accept = (connections) => {
      for (let i = 0; i < CALLERS; i++) connections.push(raw.accept(listener));
    };
    return acceptRow(port, addressOf(listener).readUInt16BE(2), accept, raw.close);
  },

  datagrams({ size }) {
    const receiver = bound(SOCK_DGRAM);
    const sender = raw.socket(AF_INET, SOCK_DGRAM, 0);
    check(raw.connect(sender, addressOf(receiver)) === 0, 'connect');
    const out = Buffer.from(contents(BATCH * size));
    const into = Buffer.alloc(BATCH * size);
    const sent = new Int32Array(3 * BATCH);
    const received = new Int32Array(3 * BATCH);
    return {
      run(count) {
        for (let i = 0; i < count; i += BATCH) {
          for (let j = 0; j < BATCH; j++) sent[3 * j] = size;
          check(raw.sendmmsg(sender, out, size, null, BATCH, sent, 0) === BATCH, 'not sent');
          const n = raw.recvmmsg(receiver, into, size, null, BATCH, received, MSG_DONTWAIT);
          check(n === BATCH, 'lost');
        }
      },
      verify() {
        checkContents(into);
        return [];
      },
    };
  },
});
