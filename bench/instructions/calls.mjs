// What is counted: each hot call, so often.
import { ServerSocket, StreamSocket } from 'bsd-sockets';
import * as raw from 'bsd-sockets/raw';

/** Often enough that the first call's work, such as binding of symbols, does not show. */
export const TIMES = 1000;

const { EPOLLIN, EPOLL_CTL_ADD, MSG_DONTWAIT, POLLIN, SOCK_DGRAM } = raw.constants;
const BATCH = 64;
const SIZE = 64;
const READY = 10;
const buffer = Buffer.alloc(BATCH * SIZE);

function pair(type) {
  const fds = new Int32Array(2);
  raw.socketpair(raw.constants.AF_UNIX, type ?? raw.constants.SOCK_STREAM, 0, fds);
  return fds;
}

function times(call) {
  for (let i = 0; i < TIMES; i++) call();
}

/** By the name that the C++ function has. */
export const calls = {
  Receive() {
    const [fd] = pair();
    times(() => raw.recv(fd, buffer, 0, SIZE, MSG_DONTWAIT));
  },
  Send() {
    const [fd] = pair();
    times(() => raw.send(fd, buffer, 0, SIZE, MSG_DONTWAIT));
  },
  SendMessage() {
    const [fd] = pair();
    const parts = [buffer.subarray(0, 8), buffer.subarray(8, SIZE)];
    times(() => raw.sendmsg(fd, null, parts, null, MSG_DONTWAIT));
  },
  ReceiveMessage() {
    const [fd] = pair();
    const parts = [buffer.subarray(0, 8), buffer.subarray(8, SIZE)];
    times(() => raw.recvmsg(fd, null, parts, null, MSG_DONTWAIT, null));
  },
  SendMessages() {
    const [fd] = pair(SOCK_DGRAM);
    const results = new Int32Array(3 * BATCH);
    times(() => raw.sendmmsg(fd, buffer, SIZE, null, BATCH, results, MSG_DONTWAIT));
  },
  ReceiveMessages() {
    const [fd] = pair(SOCK_DGRAM);
    const results = new Int32Array(3 * BATCH);
    times(() => raw.recvmmsg(fd, buffer, SIZE, null, BATCH, results, MSG_DONTWAIT));
  },
  EpollWait() {
    const set = raw.epoll_create1(0);
    for (let i = 0; i < READY; i++) {
      const [reader, writer] = pair();
      raw.send(writer, buffer, 0, 1, 0);
      raw.epoll_ctl(set, EPOLL_CTL_ADD, reader, EPOLLIN, reader);
    }
    const ready = new Int32Array(2 * READY);
    times(() => raw.epoll_wait(set, ready, READY, 0));
  },
  Poll() {
    const [fd] = pair();
    const entries = Int32Array.of(fd, POLLIN, 0);
    times(() => raw.poll(entries, 1, 0));
  },
  Accept() {
    const server = new ServerSocket('127.0.0.1:0');
    server.setBlocking(false);
    times(() => raw.accept(server.sockfd()));
  },
  Own() {
    times(() => new StreamSocket('unix').close());
  },
  // Not a call: the same receive with a kind of memory that takes longer to look into. Under the
  // same name it must be seen as a slow-down, or the guard sees nothing.
  planted() {
    const [fd] = pair();
    const view = new DataView(buffer.buffer, buffer.byteOffset, SIZE);
    times(() => raw.recv(fd, view, 0, SIZE, MSG_DONTWAIT));
  },
};
