/** A kernel fact, seen through the library over each transport; the other end is Python's. */
import { SELECT_URGENT, constants } from '../../lib/index';
import * as raw from '../../lib/raw';
import { Peer, atOnce, outcome, text, transports, type Transport } from './peer';
import type { Socket, StreamSocket } from '../../lib/index';

const { MSG_OOB, POLLIN, POLLOUT, POLLPRI, POLLRDHUP = 0 } = constants;

/** How long something may take to come, in milliseconds. The control case, where it never does, says less. */
export const PATIENCE = Number(process.env['FACT_PATIENCE'] ?? 5000);

/** Waits for what no call waits for. */
export function until(holds: () => boolean): void {
  for (const end = Date.now() + PATIENCE; !holds();) {
    if (Date.now() > end) throw new Error(`not within ${String(PATIENCE)} ms: ${String(holds)}`);
  }
}

/** poll(2)'s bits of a descriptor, now. */
export function pollEvents(fd: number, asked = POLLIN | POLLOUT | POLLPRI | POLLRDHUP): number {
  const entry = Int32Array.of(fd, asked, 0);
  raw.poll(entry, 1, 0);
  return entry[2] ?? 0;
}

/** Waits until poll(2) tells one of these bits. */
export function pollFor(socket: Socket, bits: number): void {
  const entry = Int32Array.of(socket.sockfd(), bits, 0);
  expect(raw.poll(entry, 1, PATIENCE)).toBe(1);
}

export interface Fact {
  transport: Transport;
  isUnix: boolean;
  /** Python, which has the other end as `s`. */
  peer: Peer;
  /** Our end, with a receive timeout. */
  socket: StreamSocket;
  /** Python sends these, one by one, urgently where one begins with '!'. */
  send: (...parts: string[]) => void;
  /** Python makes the connection reset. */
  reset: () => void;
  /** Python sends so much that an urgent byte is announced before it is here. */
  announce: () => void;
  /** What a receive gives now: text, 0, WOULD_BLOCK or the error's code. */
  now: (flags?: number) => string | number | undefined;
  /** The urgent byte as text. */
  urgent: () => string | null;
  /** One raw recv(2) with MSG_OOB. */
  oob: () => number;
  /** One raw recv(2). */
  raws: (flags: number, length: number) => number;
  waitForUrgent: () => void;
  /** Waits until so many bytes can be received. */
  arrives: (bytes: number) => void;
  events: () => number;
}

function factsOf(transport: Transport, peer: Peer, socket: StreamSocket): Fact {
  const raws = (flags: number, length: number): number =>
    raw.recv(socket.sockfd(), Buffer.alloc(length), 0, length, flags);
  const oob = (): number => raws(MSG_OOB, 1);
  return {
    transport,
    isUnix: transport === 'unix',
    peer,
    socket,
    send(...parts) {
      for (const part of parts) {
        const isUrgent = part.startsWith('!');
        const data = JSON.stringify(isUrgent ? part.slice(1) : part);
        peer.run(`s.send(b${data}, ${isUrgent ? 'socket.MSG_OOB' : '0'})`);
      }
    },
    reset() {
      // A Unix socket is reset when what it was sent is unread at its close.
      if (transport === 'unix') socket.sendBytes('unread');
      peer.run(
        "s.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack('ii', 1, 0)); s.close()",
      );
    },
    announce() {
      peer.run(
        `s.setblocking(False)
queued = 0
while queued < 3000000:
    try: queued += s.send(b'x' * 65536)
    except BlockingIOError: break
s.send(b'X', socket.MSG_OOB)`,
      );
      // EINVAL until the announcement has come.
      until(() => oob() !== -constants.EINVAL);
    },
    now: (flags = 0) => atOnce(socket, () => outcome(() => text(socket, flags))),
    urgent() {
      const byte = socket.receiveUrgent();
      return byte === null ? null : String.fromCharCode(byte);
    },
    oob,
    raws,
    waitForUrgent() {
      expect(socket.poll(PATIENCE, SELECT_URGENT)).toBe(true);
    },
    arrives(bytes) {
      until(() => socket.available() >= bytes);
    },
    events: () => pollEvents(socket.sockfd()),
  };
}

let peer: Peer | undefined;
afterAll(() => {
  peer?.close();
});

/** A test over each of these transports. */
export function overTransports(
  title: string,
  fact: (facts: Fact) => void,
  only: readonly Transport[] = transports,
): void {
  test.each(only)(`%s: ${title}`, (transport) => {
    const python = (peer ??= new Peer());
    const socket = python.connection(transport);
    socket.setReceiveTimeout(PATIENCE);
    try {
      fact(factsOf(transport, python, socket));
    } finally {
      python.run('s.close()');
      socket.close();
    }
  });
}
