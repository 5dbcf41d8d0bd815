// This library's classes.
import { Worker } from 'node:worker_threads';
import {
  DatagramBatch,
  DatagramSocket,
  PollSet,
  SELECT_READ,
  ServerSocket,
  SocketAddress,
  StreamSocket,
  constants,
} from 'bsd-sockets';
import { acceptRow, blockingRows, control, dial, loadRow } from './blocking-rows.mjs';
import {
  BATCH,
  CALLERS,
  CROWD,
  READY,
  RECEIVED,
  SPIN,
  check,
  checkContents,
  contents,
  hostOf,
  serve,
} from './protocol.mjs';

const { MSG_DONTWAIT } = constants;
const buffer = Buffer.alloc(RECEIVED);

const open = (socket) => ({
  send: (bytes) => socket.sendBytes(bytes),
  receive: (into, length, flags) => socket.receiveBytes(into, flags, 0, length),
  gather: (parts) => socket.sendBytes(parts),
});

const spinning = (socket) => {
  socket.setSpin(SPIN);
  return open(socket);
};

function verifyLast(size) {
  return () => {
    checkContents(buffer.subarray(0, size));
    buffer.fill(0, 0, size);
    return [];
  };
}

function udpPair() {
  const receiver = new DatagramSocket('127.0.0.1:0');
  const sender = new DatagramSocket('ipv4');
  sender.connect(receiver.address());
  return { receiver, sender };
}

await serve({
  ...blockingRows(open),
  spinning: blockingRows(spinning).pingpong,

  callback({ port, size }) {
    const socket = dial(port);
    const message = contents(size);
    let left = 0;
    let done;
    socket.watch(SELECT_READ, () => {
      check(socket.receiveBytes(buffer, 0, 0, size) === size, 'short');
      if (--left > 0) socket.sendBytes(message);
      else done();
    });
    return {
      run: (count) =>
        new Promise((resolve) => {
          left = count;
          done = resolve;
          socket.sendBytes(message);
        }),
      verify: verifyLast(size),
    };
  },

  promise({ port, size }) {
    const socket = dial(port);
    const message = contents(size);
    const options = { length: size };
    return {
      async run(count) {
        for (let i = 0; i < count; i++) {
          socket.sendBytes(message);
          check((await socket.receiveBytesAsync(buffer, options)) === size, 'short');
        }
      },
      verify: verifyLast(size),
    };
  },

  load: ({ port, size }) =>
    loadRow(port, size, (sockets, control) => {
      const set = new PollSet();
      const byDescriptor = [];
      for (const socket of [control, ...sockets]) {
        set.add(socket, PollSet.POLL_READ);
        byDescriptor[socket.sockfd()] = socket;
      }
      const ready = new Int32Array(2 * READY);
      return () => {
        for (let isDone = false; !isDone;) {
          const n = set.poll(undefined, ready);
          for (let i = 0; i < n; i++) {
            const socket = byDescriptor[ready[2 * i]];
            if (socket === control) isDone = true;
            else socket.sendBytes(buffer, 0, 0, socket.receiveBytes(buffer));
          }
        }
      };
    }),

  connect: ({ port, size }) => ({
    run(count, serial) {
      const address = new SocketAddress(hostOf(serial), port);
      for (let i = 0; i < count; i++) {
        const socket = new StreamSocket(address);
        socket.sendBytes(buffer, 0, 0, size);
        socket.close();
      }
    },
  }),

  accept({ port }) {
    const server = new ServerSocket('127.0.0.1:0');
    const accept = (connections) => {
      for (let i = 0; i < CALLERS; i++) connections.push(server.acceptConnection());
    };
    return acceptRow(port, server.address().port(), accept, (connection) => {
      connection.close();
    });
  },

  datagrams({ size }) {
    const { receiver, sender } = udpPair();
    const out = new DatagramBatch(BATCH, size);
    const into = new DatagramBatch(BATCH, size);
    for (let i = 0; i < BATCH; i++) out.set(i, contents(size, i * size));
    return {
      run(count) {
        for (let i = 0; i < count; i += BATCH) {
          check(sender.sendBatch(out) === BATCH, 'not sent');
          check(receiver.receiveBatch(into, MSG_DONTWAIT) === BATCH, 'lost');
        }
      },
      verify() {
        for (let i = 0; i < BATCH; i++) checkContents(into.data(i), i * size);
        return [];
      },
    };
  },

  'one-by-one'({ size }) {
    const { receiver, sender } = udpPair();
    const message = contents(size);
    return {
      run(count) {
        for (let i = 0; i < count; i += BATCH) {
          for (let j = 0; j < BATCH; j++) sender.sendBytes(message);
          for (let j = 0; j < BATCH; j++) {
            check(receiver.receiveBytes(buffer, 0, 0, size) === size, 'lost');
          }
        }
      },
      verify: verifyLast(size),
    };
  },

  async workers({ port, size }) {
    let own = 0;
    for (let i = 0; i < size; i++) {
      const worker = new Worker(new URL('worker.mjs', import.meta.url), { workerData: own });
      own = await new Promise((resolve) => {
        worker.once('message', resolve);
      });
    }
    const { socket, tell } = control(port);
    socket.sendBytes(Uint16Array.of(own));
    return {
      run(count) {
        tell(Uint32Array.of(count / CROWD));
      },
    };
  },
});
