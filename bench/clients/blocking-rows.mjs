// The rows of the blocking clients, once for all of them: a client gives `open(socket)`, its calls
// on a connection: `send(bytes)` all of them, `receive(buffer, length, flags)` the count, and
// `gather(parts)` several buffers by one call. Only these are measured; connections are made by the
// library's classes for everybody, and detached where only the number is used.
import { SocketAddress, StreamSocket, constants } from 'bsd-sockets';
import { CALLERS, HEADER, LARGEST, RECEIVED, check, checkContents, contents } from './protocol.mjs';

const { MSG_DONTWAIT, MSG_WAITALL } = constants;

/** A connection to a peer of the bench, without Nagle's delay. */
export function dial(port) {
  const socket = new StreamSocket('ipv4');
  socket.setNoDelay(true);
  socket.connect(new SocketAddress('127.0.0.1', port));
  return socket;
}

/**
 * The connection to a peer that is told what to do by it: `tell(bytes)` waits for the answer's first
 * byte.
 */
export function control(port) {
  const socket = dial(port);
  const answer = Buffer.alloc(1);
  return {
    socket,
    tell(bytes) {
      socket.sendBytes(bytes);
      socket.receiveBytes(answer);
    },
  };
}

/**
 * "load": many connections that answer what they get. `prepare(sockets, socket)` gives a function
 * that serves `sockets` until `socket` is readable.
 */
export function loadRow(port, connections, prepare) {
  const { socket } = control(port);
  const own = new Uint16Array(1);
  socket.receiveBytes(own, MSG_WAITALL);
  const sockets = Array.from({ length: connections }, () => dial(own[0]));
  socket.receiveBytes(Buffer.alloc(1));
  const serveUntilTold = prepare(sockets, socket);
  return {
    run(count) {
      socket.sendBytes(Uint32Array.of(count));
      return serveUntilTold();
    },
    verify() {
      const times = new Float64Array(2);
      socket.receiveBytes(times, MSG_WAITALL);
      return times;
    },
  };
}

/** "accept": connections that have come already are accepted by `accept`, into an array. */
export function acceptRow(port, ownPort, accept, close) {
  const { socket, tell } = control(port);
  socket.sendBytes(Uint16Array.of(ownPort));
  return {
    async timed(count, clock) {
      for (let i = 0; i < count; i += CALLERS) {
        const connections = [];
        tell('c');
        clock.start();
        const pending = accept(connections);
        if (pending !== undefined) await pending;
        clock.stop();
        tell('h');
        for (const connection of connections) close(connection);
      }
    },
  };
}

export function blockingRows(open) {
  const buffer = Buffer.alloc(LARGEST);

  /** Sends a record by `send`, and waits for the sink's answer: it has checked the contents. */
  function sending(port, prepare) {
    const calls = open(dial(port));
    const send = prepare(calls);
    return {
      run(count) {
        for (let i = 0; i < count; i++) {
          send();
          check(calls.receive(buffer, 1, 0) === 1, 'no answer');
        }
      },
    };
  }

  function headerAndBody(port, size, send) {
    const header = contents(HEADER);
    const body = contents(size - HEADER, HEADER);
    return sending(port, (calls) => () => {
      send(calls, header, body);
    });
  }

  return {
    pingpong({ port, size }) {
      const { send, receive } = open(dial(port));
      const message = contents(size);
      return {
        run(count) {
          for (let i = 0; i < count; i++) {
            send(message);
            check(receive(buffer, size, MSG_WAITALL) === size, 'short');
          }
        },
        verify() {
          checkContents(buffer.subarray(0, size));
          buffer.fill(0, 0, size);
          return [];
        },
      };
    },

    receive({ port, size }) {
      const { receive } = open(dial(port));
      let at = 0;
      let n = 0;
      return {
        run(count) {
          for (let left = count * RECEIVED; left > 0; left -= n) {
            n = receive(buffer, size, 0);
            at += n;
          }
        },
        verify() {
          checkContents(buffer.subarray(0, n), at - n);
          return [];
        },
      };
    },

    records({ port, size }) {
      const { receive } = open(dial(port));
      let at = 0;
      return {
        run(count) {
          for (let i = 0; i < count; i++, at += size) {
            check(receive(buffer, size, MSG_WAITALL) === size, 'short');
          }
        },
        verify() {
          checkContents(buffer.subarray(0, size), at - size);
          return [];
        },
      };
    },

    send({ port, size }) {
      const message = contents(size);
      return sending(port, (calls) => () => {
        calls.send(message);
      });
    },

    gather: ({ port, size }) =>
      headerAndBody(port, size, (calls, header, body) => {
        calls.gather([header, body]);
      }),

    'two-sends': ({ port, size }) =>
      headerAndBody(port, size, (calls, header, body) => {
        calls.send(header);
        calls.send(body);
      }),

    concat: ({ port, size }) =>
      headerAndBody(port, size, (calls, header, body) => {
        calls.send(Buffer.concat([header, body]));
      }),

    'would-block'({ port, size }) {
      const { receive } = open(dial(port));
      return {
        run(count) {
          for (let i = 0; i < count; i++) {
            check(receive(buffer, size, MSG_DONTWAIT) < 0, 'data');
          }
        },
      };
    },
  };
}
