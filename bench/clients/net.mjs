// Node's own net and dgram.
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import * as net from 'node:net';
import { duplexLoadRow, duplexRows, eventAcceptRow } from './duplex-rows.mjs';
import { BATCH, CALLERS, RECEIVED, check, checkContents, contents, serve } from './protocol.mjs';

async function connect(port, host = '127.0.0.1') {
  const socket = net.connect({ port, host, noDelay: true });
  await once(socket, 'connect');
  return socket;
}

/** With `onread`: one buffer for all that comes, and no stream. `take(bytes)` gets each piece. */
async function connectOnRead(port, take) {
  const onread = {
    buffer: Buffer.alloc(RECEIVED),
    callback(length, buffer) {
      take(buffer.subarray(0, length));
      return true;
    },
  };
  const socket = net.connect({ port, host: '127.0.0.1', noDelay: true, onread });
  await once(socket, 'connect');
  return socket;
}

await serve({
  ...duplexRows(connect),

  async 'pingpong-onread'({ port, size }) {
    const message = contents(size);
    let left = 0;
    let got = 0;
    let done;
    let last;
    const socket = await connectOnRead(port, (bytes) => {
      got += bytes.length;
      if (got < size) return;
      got = 0;
      last = bytes;
      if (--left > 0) socket.write(message);
      else done();
    });
    return {
      run: (count) =>
        new Promise((resolve) => {
          left = count;
          done = resolve;
          socket.write(message);
        }),
      verify() {
        checkContents(last, size - last.length);
        return [];
      },
    };
  },

  async 'receive-onread'({ port }) {
    let at = 0;
    let end = Infinity;
    let done;
    let last = Buffer.alloc(0);
    const socket = await connectOnRead(port, (bytes) => {
      last = bytes;
      at += bytes.length;
      if (at >= end) done();
    });
    socket.pause();
    return {
      async run(count) {
        end = at + count * RECEIVED;
        const received = new Promise((resolve) => {
          done = resolve;
        });
        socket.resume();
        await received;
        socket.pause();
        checkContents(last, at - last.length);
      },
    };
  },

  load: (asked) =>
    duplexLoadRow(asked, (socket) => {
      const stream = socket.toNetSocket();
      stream.setNoDelay(true);
      return stream;
    }),

  accept: (asked) => eventAcceptRow(asked, net.createServer(), CALLERS),

  async datagrams({ size }) {
    const receiver = createSocket('udp4');
    const sender = createSocket('udp4');
    receiver.bind(0, '127.0.0.1');
    await once(receiver, 'listening');
    sender.connect(receiver.address().port, '127.0.0.1');
    await once(sender, 'connect');
    const message = contents(size);
    let left = 0;
    let done;
    let last;
    receiver.on('message', (bytes) => {
      last = bytes;
      if (--left === 0) done();
    });
    return {
      async run(count) {
        for (let i = 0; i < count; i += BATCH) {
          await new Promise((resolve) => {
            left = BATCH;
            done = resolve;
            for (let j = 0; j < BATCH; j++) sender.send(message);
          });
        }
      },
      verify() {
        check(last.length === size, 'short');
        checkContents(last);
        return [];
      },
    };
  },
});
