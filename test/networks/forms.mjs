// The forms of our calls, each able to connect a socket, to exchange data with an echo, and to wait for
// data until it ends; and what comes of them under one condition.
import { once } from 'node:events';
import {
  SELECT_ERROR,
  SELECT_READ,
  SELECT_WRITE,
  StreamSocket,
  WOULD_BLOCK,
  constants,
} from 'bsd-sockets';

const { MSG_WAITALL } = constants;
/** What a blocking form has on its way at most: nobody receives while it sends. */
const PART = 8192;

/** The code that `act` fails with; what it gives if it does not. */
export async function outcome(act) {
  try {
    return await act();
  } catch (error) {
    return error.code;
  }
}

const forms = {
  blocking: {
    connect: (socket, address, timeout) => socket.connect(address, timeout),
    exchange(socket, data) {
      const back = Buffer.alloc(data.length);
      for (let at = 0; at < data.length; at += PART) {
        const length = Math.min(PART, data.length - at);
        socket.sendBytes(data, 0, at, length);
        socket.receiveBytes(back, MSG_WAITALL, at, length);
      }
      return back;
    },
    end: (socket) => socket.receiveBytes(Buffer.alloc(1)),
  },
  nonblocking: {
    connect(socket, address, timeout) {
      socket.connectNB(address);
      if (!socket.poll(timeout, SELECT_WRITE)) return 'not ready';
      const error = socket.getError();
      if (error !== null) throw error;
      return undefined;
    },
    exchange(socket, data) {
      const back = Buffer.alloc(data.length);
      let [sent, received] = [0, 0];
      while (received < data.length) {
        const mode = sent < data.length ? SELECT_READ | SELECT_WRITE : SELECT_READ;
        const ready = socket.pollEvents(undefined, mode);
        if ((ready & SELECT_WRITE) !== 0 && sent < data.length) {
          sent += Math.max(0, socket.sendBytes(data, 0, sent));
        }
        if ((ready & SELECT_READ) === 0) continue;
        const n = socket.receiveBytes(back, 0, received);
        if (n === 0) break;
        if (n !== WOULD_BLOCK) received += n;
      }
      return back;
    },
    end(socket) {
      socket.poll(undefined, SELECT_READ | SELECT_ERROR);
      return socket.receiveBytes(Buffer.alloc(1));
    },
  },
  async: {
    connect: (socket, address, timeout) => socket.connectAsync(address, { timeout }),
    async exchange(socket, data) {
      const back = Buffer.alloc(data.length);
      await Promise.all([
        socket.sendBytesAsync(data),
        socket.receiveBytesAsync(back, { flags: MSG_WAITALL }),
      ]);
      return back;
    },
    end: (socket) => socket.receiveBytesAsync(Buffer.alloc(1)),
  },
  stream: {
    async connect(socket, address, timeout) {
      socket.connectNB(address);
      const stream = socket.toStream();
      socket.stream = stream;
      if (timeout !== undefined) {
        stream.setTimeout(timeout, () => {
          stream.destroy(Object.assign(new Error('idle'), { code: 'idle' }));
        });
      }
      await once(stream, 'connect');
      stream.setTimeout(0);
    },
    async exchange({ stream }, data) {
      stream.write(data);
      const parts = [];
      let length = 0;
      for await (const part of stream.iterator({ destroyOnReturn: false })) {
        parts.push(part);
        if ((length += part.length) >= data.length) break;
      }
      return Buffer.concat(parts);
    },
    async end({ stream }) {
      stream.resume();
      await once(stream, 'end');
      return 0;
    },
  },
};

/** The outcome of `act` in each form, on a socket of its own. */
export async function inEachForm(act, family = 'ipv4') {
  const outcomes = {};
  for (const [name, form] of Object.entries(forms)) {
    const socket = new StreamSocket(family);
    outcomes[name] = await outcome(() => act(form, socket));
    socket.close();
  }
  return outcomes;
}
