// The rows of the streams, once for net.Socket and for SocketStream: a client gives
// `connect(port)`, a connected stream without Nagle's delay.
import { once } from 'node:events';
import { acceptRow, loadRow } from './blocking-rows.mjs';
import { HEADER, RECEIVED, check, checkContents, contents, hostOf } from './protocol.mjs';
import { reader } from './reader.mjs';

/** Lets the stream flow and calls `take(chunk)` until it is true. */
function until(stream, take) {
  return new Promise((resolve) => {
    stream.on('data', function next(chunk) {
      if (!take(chunk)) return;
      // Without a listener a stream that flows drops what comes.
      stream.pause();
      stream.off('data', next);
      resolve();
    });
    stream.resume();
  });
}

/** Sends by `send`, waits for the answer of `size` bytes, as often as it is asked. */
function exchanging(stream, size, send) {
  let last;
  return {
    run(count) {
      let left = count;
      let got = 0;
      const done = until(stream, (chunk) => {
        got += chunk.length;
        if (got < size) return false;
        check(got === size, 'too much');
        got = 0;
        last = chunk;
        if (--left > 0) send();
        return left === 0;
      });
      send();
      return done;
    },
    verify() {
      checkContents(last, size - last.length);
      return [];
    },
  };
}

export function duplexRows(connect) {
  /** Sends a record by `send`, and waits for the sink's answer: it has checked the contents. */
  async function sending(port, size, send) {
    const stream = await connect(port);
    const { run } = exchanging(stream, 1, () => {
      send(stream);
    });
    return { run };
  }

  return {
    async pingpong({ port, size }) {
      const stream = await connect(port);
      const message = contents(size);
      return exchanging(stream, size, () => stream.write(message));
    },

    async receive({ port }) {
      const stream = await connect(port);
      stream.pause();
      let at = 0;
      let last;
      return {
        async run(count) {
          const end = at + count * RECEIVED;
          await until(stream, (chunk) => {
            last = chunk;
            at += chunk.length;
            return at >= end;
          });
        },
        verify() {
          checkContents(last, at - last.length);
          return [];
        },
      };
    },

    async records({ port, size }) {
      const read = reader(await connect(port));
      let at = 0;
      let record;
      return {
        async run(count) {
          for (let i = 0; i < count; i++, at += size) record = await read(size);
        },
        verify() {
          checkContents(record, at - size);
          return [];
        },
      };
    },

    send({ port, size }) {
      const message = contents(size);
      return sending(port, size, (stream) => stream.write(message));
    },

    gather({ port, size }) {
      const header = contents(HEADER);
      const body = contents(size - HEADER, HEADER);
      return sending(port, size, (stream) => {
        stream.cork();
        stream.write(header);
        stream.write(body);
        stream.uncork();
      });
    },

    connect: ({ port, size }) => ({
      async run(count, serial) {
        const host = hostOf(serial);
        for (let i = 0; i < count; i++) {
          const stream = await connect(port, host);
          stream.write(contents(size), () => {
            stream.destroy();
          });
          await once(stream, 'close');
        }
      },
    }),
  };
}

/** "load" by streams: `adopt(socket)` gives the stream of a connection. */
export function duplexLoadRow({ port, size }, adopt) {
  return loadRow(port, size, (sockets, control) => {
    for (const socket of sockets) {
      const stream = adopt(socket);
      stream.on('data', (chunk) => stream.write(chunk));
    }
    return () => control.pollAsync(1);
  });
}

/** "accept" by a server's events. */
export async function eventAcceptRow({ port }, server, callers) {
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const accept = (connections) =>
    new Promise((resolve) => {
      server.on('connection', function next(stream) {
        connections.push(stream.on('error', () => {}));
        if (connections.length < callers) return;
        server.off('connection', next);
        resolve();
      });
    });
  return acceptRow(port, server.address().port, accept, (stream) => stream.destroy());
}
