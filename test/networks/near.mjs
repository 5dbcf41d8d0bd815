// The near side of the cable: near.mjs SCENARIO lets each form of our calls meet one condition, and
// prints what came of it.
import { createHash, randomBytes } from 'node:crypto';
import { readSync, writeSync } from 'node:fs';
import { DatagramSocket, SELECT_READ, WOULD_BLOCK, constants } from 'bsd-sockets';
import { inEachForm, outcome } from './forms.mjs';

const FAR = '10.9.0.1';
const ECHO = { host: FAR, port: 7 };
const DISCARD = { host: FAR, port: 9 };

/** Tells the cable something, and gives its answer. */
function cable(command) {
  const fd = Number(process.env.CABLE);
  writeSync(fd, `${JSON.stringify(command)}\n`);
  const answer = Buffer.alloc(1024);
  return JSON.parse(answer.toString('utf8', 0, readSync(fd, answer)));
}

const hashOf = (data) => createHash('sha256').update(data).digest('hex');

/** There and back over an echo, whatever the cable does. */
async function transfer(rules, { bytes = 1 << 18, prepare = () => undefined } = {}) {
  const before = cable({ count: true });
  let repaired = 0;
  const outcomes = await inEachForm(async (form, socket) => {
    prepare(socket);
    await form.connect(socket, ECHO);
    cable({ rules });
    const data = randomBytes(bytes);
    const back = await form.exchange(socket, data);
    repaired += socket.tcpInfo().total_retrans;
    return hashOf(back) === hashOf(data) ? 'intact' : 'damaged';
  });
  cable({ rules: {} });
  const after = cable({ count: true });
  const counts = Object.fromEntries(
    Object.entries(after).map(([name, count]) => [name, count - before[name]]),
  );
  return { outcomes, counts: { ...counts, repaired } };
}

/** A connection that is set up, and then meets `trouble`; how waiting for data ends. */
function ending(trouble, { address = ECHO, prepare = () => undefined } = {}) {
  return inEachForm(async (form, socket) => {
    cable({ rules: {} });
    prepare(socket);
    await form.connect(socket, address);
    await trouble(socket);
    return form.end(socket);
  });
}

const send = (socket) => socket.sendBytes('x', constants.MSG_DONTWAIT);
const blackhole = () => cable({ rules: { blackhole: true } });

const scenarios = {
  loss: () => transfer({ loss: 0.03 }),
  damage: () => transfer({ damage: 0.03 }),
  delay: () => transfer({ delay: 0.01, jitter: 0.02 }, { bytes: 1 << 16 }),
  reordering: () => transfer({ reorder: 0.2 }),
  duplication: () => transfer({ duplicate: 0.3 }),
  everything: () =>
    transfer({
      loss: 0.02,
      damage: 0.02,
      duplicate: 0.1,
      reorder: 0.1,
      delay: 0.002,
      jitter: 0.004,
    }),
  'tiny buffers': () =>
    transfer(
      { loss: 0.02 },
      {
        bytes: 1 << 15,
        prepare(socket) {
          socket.setReceiveBufferSize(1);
          socket.setSendBufferSize(1);
        },
      },
    ),
  'nobody there, with a timeout of ours': () => {
    blackhole();
    return inEachForm((form, socket) => form.connect(socket, ECHO, 200));
  },
  'nobody there, after one more SYN': () => {
    blackhole();
    return inEachForm((form, socket) => {
      socket.setSynCount(1);
      return form.connect(socket, ECHO);
    });
  },
  'a cable that is cut, with TCP_USER_TIMEOUT': () =>
    ending(
      (socket) => {
        blackhole();
        send(socket);
      },
      { prepare: (socket) => socket.setUserTimeout(400) },
    ),
  'a cable that is cut, with keep-alive': () =>
    ending(blackhole, {
      prepare(socket) {
        socket.setKeepAlive(true);
        socket.setKeepAliveIdle(1);
        socket.setKeepAliveInterval(1);
        socket.setKeepAliveCount(1);
      },
    }),
  'a peer that resets': () => ending(() => cable({ far: 'drop' }), { address: DISCARD }),
  'a peer that forgot the connection': () =>
    ending(
      (socket) => {
        blackhole();
        cable({ far: 'drop' });
        cable({ rules: {} });
        send(socket);
      },
      { address: DISCARD },
    ),
  datagrams,
};

/** Numbered datagrams to an echo that repeats them: what comes is whole, and as often as it should. */
async function datagrams() {
  const COUNT = 200;
  cable({ rules: { loss: 0.1, duplicate: 0.1, reorder: 0.1 } });
  const receives = {
    blocking: (socket, buffer) => socket.receiveBytes(buffer),
    nonblocking: (socket, buffer) =>
      socket.poll(2000, SELECT_READ) ? socket.receiveBytes(buffer) : WOULD_BLOCK,
    async: (socket, buffer) => socket.receiveBytesAsync(buffer, { timeout: 2000 }),
  };
  const outcomes = {};
  for (const [name, receive] of Object.entries(receives)) {
    const before = cable({ count: true });
    const socket = new DatagramSocket('ipv4');
    socket.setReceiveBufferSize(1 << 20);
    socket.connect(ECHO);
    socket.setBlocking(name !== 'nonblocking');
    socket.setReceiveTimeout(2000);
    for (let i = 0; i < COUNT; i++) {
      const data = randomBytes(32);
      socket.sendBytes(Buffer.concat([data, createHash('sha256').update(data).digest()]));
    }
    let [received, intact] = [0, 0];
    const buffer = Buffer.alloc(128);
    const end = await outcome(async () => {
      for (;;) {
        const n = await receive(socket, buffer);
        if (n === WOULD_BLOCK) return 'would block';
        received++;
        const hash = createHash('sha256').update(buffer.subarray(0, 32)).digest();
        if (n === 64 && hash.equals(buffer.subarray(32, 64))) intact++;
      }
    });
    const after = cable({ count: true });
    const asMany =
      received <= COUNT + (after.duplicated - before.duplicated) &&
      received >= COUNT - (after.lost - before.lost);
    outcomes[name] = { allIntact: received > 0 && intact === received, asMany, end };
    socket.close();
  }
  return outcomes;
}

console.log(JSON.stringify(await scenarios[process.argv[2]]()));
