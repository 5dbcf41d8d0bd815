// Every row of the bench: what is done, by whom, how much of it in one command, and what figure the
// library is to be at.

/** What holds for a load, however many connections there are. */
const POLLS =
  'Two calls for each message, which cost what the row “receive that would block” shows, and for each wait the translation of events into modes; “raw epoll” is without the latter.';

/** What each client is, for the charts' colours. */
const kinds = {
  c: 'C',
  floor: 'C',
  class: 'bsd-sockets',
  stream: 'SocketStream',
  raw: 'bsd-sockets/raw',
  net: 'Node net, dgram',
  python: 'Python',
  koffi: 'koffi, fs',
  fs: 'koffi, fs',
  atomics: 'sync over async',
  synckit: 'sync over async',
};

/** How a variant is named in tables and charts, and which client does the row under which name. */
const named = (name, client, does, kind = kinds[client]) => ({ name, client, does, kind });

/** C, which everything is held against. */
const C = (does) => named('C', 'c', does);
const python = (does) => named('Python', 'python', does);
const net = (does) => named('net', 'net', does);
const klass = (does) => named('class', 'class', does);
const raw = (does) => named('raw', 'raw', does);
const koffi = (does) => named('koffi', 'koffi', does);
const stream = (does) => named('SocketStream', 'stream', does);

/** On one core the wake-ups cost nothing and the calls show; across cores a wake-up is all there is. */
export const SAME_CORE = 'client and server on one core';
export const ACROSS_CORES = 'client and server on a core each';
export const ANY_CORE = 'client and server on any core';

/** As many connect at a time in the row "workers". */
const CROWD = 8;

const KIB = 1024;
const MIB = 1024 * KIB;

/**
 * `connections` that answer what they get, `batch` of them at a time; `count` rounds in a command.
 */
const load = (connections, batch, count) => ({
  peer: ['load', connections, batch],
  size: connections,
  count,
  operations: count * batch,
});

const pollers = [
  C('load'),
  named('PollSet', 'class', 'load'),
  named('raw epoll', 'raw', 'load'),
  net('load'),
  python('load'),
];

/** The rows of performance.md's table, by the name they have on the command line. */
const table = {
  pingpong: {
    title: 'ping-pong, 64 B',
    size: 64,
    count: 3000,
    variants: [
      C('pingpong'),
      klass('pingpong'),
      raw('pingpong'),
      net('pingpong'),
      named('net, onread', 'net', 'pingpong-onread'),
      python('pingpong'),
      koffi('pingpong'),
      named('fs.readSync', 'fs', 'pingpong'),
      named('Atomics.wait', 'atomics', 'pingpong'),
      named('synckit', 'synckit', 'pingpong'),
    ],
    be: { class: { speed: 0.96, cpu: 1.06 } },
  },
  'pingpong-16k': {
    title: 'ping-pong, 16 KiB',
    size: 16 * KIB,
    count: 2500,
    variants: [
      C('pingpong'),
      klass('pingpong'),
      raw('pingpong'),
      net('pingpong'),
      named('net, onread', 'net', 'pingpong-onread'),
      python('pingpong'),
      koffi('pingpong'),
    ],
    be: { class: { speed: 0.96 } },
  },
  'pingpong-across': {
    title: 'ping-pong, 64 B, across cores',
    cores: ACROSS_CORES,
    size: 64,
    count: 1000,
    variants: [
      C('pingpong'),
      klass('pingpong'),
      named('class, setSpin(100)', 'class', 'spinning'),
      raw('pingpong'),
      net('pingpong'),
      python('pingpong'),
      koffi('pingpong'),
      named('Atomics.wait', 'atomics', 'pingpong'),
    ],
    be: { class: { speed: 0.96 } },
  },
  receive: {
    title: 'receive, 64 KiB buffer',
    peer: ['source'],
    size: 64 * KIB,
    count: 3000,
    variants: [
      C('receive'),
      klass('receive'),
      raw('receive'),
      stream('receive'),
      net('receive'),
      named('net, onread', 'net', 'receive-onread'),
      python('receive'),
      koffi('receive'),
      named('fs.readSync', 'fs', 'receive'),
      named('Atomics.wait', 'atomics', 'receive'),
    ],
    be: { class: { speed: 0.97, cpu: 1.03 } },
  },
  'receive-across': {
    title: 'receive, 64 KiB buffer, across cores',
    cores: ACROSS_CORES,
    peer: ['source'],
    size: 64 * KIB,
    count: 3000,
    variants: [
      C('receive'),
      klass('receive'),
      raw('receive'),
      stream('receive'),
      net('receive'),
      named('net, onread', 'net', 'receive-onread'),
      python('receive'),
    ],
    be: { class: { speed: 0.97 } },
  },
  records: {
    title: 'records of 1 MiB by MSG_WAITALL',
    peer: ['source'],
    size: MIB,
    count: 200,
    variants: [
      C('records'),
      klass('records'),
      raw('records'),
      named('net, read(n)', 'net', 'records'),
      python('records'),
      koffi('records'),
    ],
    be: { class: { speed: 0.97 } },
  },
  send: {
    title: 'send, 1 MiB',
    peer: ['sink'],
    size: MIB,
    count: 150,
    variants: [C('send'), klass('send'), raw('send'), net('send'), python('send'), koffi('send')],
    be: { class: { speed: 0.97 } },
  },
  'would-block': {
    title: 'receive that would block',
    unit: 'above',
    base: 'floor',
    size: 64,
    count: 100_000,
    variants: [
      named('floor', 'floor', 'would-block'),
      klass('would-block'),
      raw('would-block'),
      koffi('would-block'),
      python('would-block'),
    ],
    be: { class: { above: 85 } },
    note: 'Compared by CPU time, as nobody waits here. Of the 900 instructions of a raw receive (`npm run test:instructions`) about 600 are Node-API’s and V8’s own, for five arguments, a buffer’s memory and a number; the class adds under 10 ns.',
  },
  loop: {
    title: 'ping-pong on the event loop, 64 B',
    size: 64,
    count: 3000,
    variants: [
      C('loop'),
      named('callback', 'class', 'callback'),
      named('promise', 'class', 'promise'),
      stream('pingpong'),
      net('pingpong'),
    ],
    be: { callback: { speed: 0.86 }, promise: { speed: 0.83 } },
  },
  'connections-100': {
    title: '100 connections, 10 of them busy',
    note: POLLS,
    ...load(100, 10, 500),
    variants: pollers,
    be: { PollSet: { cpu: 1.1 } },
  },
  'connections-1000': {
    title: '1,000 connections, 10 of them busy',
    note: POLLS,
    ...load(1000, 10, 500),
    variants: pollers,
    be: { PollSet: { cpu: 1.05 } },
  },
  'connections-10000': {
    title: '10,000 connections, 10 of them busy',
    note: POLLS,
    ...load(10_000, 10, 500),
    variants: pollers,
    be: { PollSet: { cpu: 1.05 } },
  },
  connect: {
    title: 'connect, 1 byte, close',
    note: 'The class makes an owner for the descriptor, which closes it when nobody refers to the socket, and gives it up again: about 0.6 µs for a socket’s life, in CPU time, beside the raw calls.',
    peer: ['short'],
    size: 1,
    count: 400,
    variants: [C('connect'), klass('connect'), raw('connect'), net('connect'), python('connect')],
    be: { class: { speed: 0.95 } },
  },
  accept: {
    title: 'accept, 64 that wait',
    note: 'Only the accepts are timed, without a byte sent or received. Beside a call of 1.5 µs Node-API takes 0.2 µs, and the class makes the owner by which the garbage collector closes what nobody refers to, and the socket’s objects: 0.6 µs.',
    peer: ['callers'],
    size: 1,
    count: 64 * 10,
    least: 64,
    variants: [C('accept'), klass('accept'), raw('accept'), net('accept')],
    be: { class: { speed: 0.97 } },
  },
  gather: {
    title: 'sendmsg, 64 B and 1 KiB',
    note: 'A raw sendmsg of two buffers takes 2,900 instructions, against 900 of a send: most of the difference is Node-API’s, for reading an array’s elements one by one.',
    peer: ['sink'],
    size: 64 + KIB,
    count: 2500,
    variants: [
      C('gather'),
      klass('gather'),
      raw('gather'),
      named('net, cork', 'net', 'gather'),
      named('C, two sends', 'c', 'two-sends'),
      named('class, two sends', 'class', 'two-sends'),
      named('class, concat', 'class', 'concat'),
      python('gather'),
    ],
    be: { class: { speed: 0.97 } },
  },
  'gather-256k': {
    title: 'sendmsg, 64 B and 256 KiB',
    note: 'As above; beside that the class is within the spread of the raw call.',
    peer: ['sink'],
    size: 64 + 256 * KIB,
    count: 300,
    variants: [
      C('gather'),
      klass('gather'),
      raw('gather'),
      named('net, cork', 'net', 'gather'),
      named('class, concat', 'class', 'concat'),
      python('gather'),
    ],
    be: { class: { speed: 0.98 } },
  },
  datagrams: {
    title: '64 datagrams of 512 B by one call',
    note: 'The class looks at the kind of its arguments and at the batch’s fields beside a call of 2.6 µs: 0.05 µs.',
    peer: null,
    size: 512,
    count: 64 * 250,
    least: 64,
    variants: [
      C('datagrams'),
      klass('datagrams'),
      raw('datagrams'),
      named('dgram', 'net', 'datagrams'),
      named('class, one by one', 'class', 'one-by-one'),
      named('Python, one by one', 'python', 'datagrams'),
    ],
    be: { class: { speed: 0.98 } },
  },
};

/** Processes that are measured as a whole, a new one for each figure. */
const processes = {
  memory: {
    title: 'memory for each idle connection',
    note: 'Growth of the resident set; what the kernel keeps for a connection is not in it.',
    unit: 'bytes',
    isOneShot: true,
    peer: null,
    size: 10_000,
    variants: [
      named('plain', 'memory', 'plain', kinds.class),
      named('watched', 'memory', 'watched', kinds.raw),
      named('SocketStream', 'memory', 'stream', kinds.stream),
      named('net', 'memory', 'net', kinds.net),
    ],
    be: { plain: { bytes: 900 }, watched: { bytes: 1600 } },
  },
  'start-up': {
    title: 'require() in a fresh process',
    note: '`require()` gives the names; a class and what it needs are loaded when it is first used, which the third line includes. An empty package that is found by its name takes as long here, 1.6 to 1.7 ms: that is Node’s own search for a package; its own modules come compiled in its snapshot, without one.',
    base: 'net',
    isOneShot: true,
    peer: null,
    variants: [
      named('net', 'start-up', 'net', kinds.net),
      named('bsd-sockets', 'start-up', 'bsd-sockets', kinds.class),
      named('bsd-sockets, StreamSocket', 'start-up', 'bsd-sockets.StreamSocket', kinds.class),
      named('koffi', 'start-up', 'koffi', kinds.koffi),
    ],
    be: { 'bsd-sockets': { speed: 1 } },
  },
};

/** How cost grows: rows with one `x` each, drawn as one chart. */
const scales = {
  sizes: {
    title: 'ping-pong from 1 B to 1 MiB',
    axis: 'bytes in a message',
    points: [1, 16, 256, KIB, 4 * KIB, 16 * KIB, 64 * KIB, 256 * KIB, MIB],
    row: (size) => ({
      size,
      count: Math.ceil(3000 / (1 + size / (32 * KIB))),
      variants: [C('pingpong'), klass('pingpong'), net('pingpong')],
    }),
  },
  connections: {
    title: 'every one of 1 to 10,000 connections busy',
    note: 'All connections get a message at once, and the next when all have answered: the times are from the first send to the first answer and to the last.',
    axis: 'connections',
    points: [1, 10, 100, 1000, 10_000],
    row: (connections) => ({
      ...load(connections, connections, Math.ceil(3000 / connections)),
      cores: ACROSS_CORES,
      variants: [C('load'), named('PollSet', 'class', 'load'), stream('load'), net('load')],
    }),
  },
  bytes: {
    title: 'memory for each of so many idle connections',
    note: 'Growth of the resident set, beyond 2,000 connections that were open before.',
    axis: 'connections',
    points: [1000, 3000, 10_000],
    row: (size) => ({ ...processes.memory, size, be: {} }),
  },
  workers: {
    title: '1 to 4 workers on one port by SO_REUSEPORT',
    note: 'Eight callers connect, exchange a byte and close, on the same cores: with two cores there is nothing to gain beyond two workers.',
    axis: 'workers',
    points: [1, 2, 3, 4],
    row: (size) => ({
      cores: ANY_CORE,
      peer: ['crowd', CROWD],
      size,
      count: CROWD * 150,
      least: CROWD,
      variants: [named('C, threads', 'c', 'workers'), named('class, workers', 'class', 'workers')],
      base: 'C, threads',
    }),
  },
};

/** `count` operations in a command, a multiple of `least`. */
const defaults = {
  cores: SAME_CORE,
  peer: ['echo'],
  unit: 'ratio',
  base: 'C',
  count: 1,
  be: {},
  least: 1,
};

function complete(name, row) {
  const { count } = { ...defaults, ...row };
  return { name, operations: count, ...defaults, ...row };
}

export const rows = Object.entries({ ...table, ...processes }).map(([name, row]) =>
  complete(name, row),
);

export const scaleRows = Object.entries(scales).map(([name, { points, row, ...scale }]) => ({
  name,
  ...scale,
  rows: points.map((x) => {
    const title = `${scale.title}: ${x}`;
    return { ...complete(`${name}-${x}`, row(x)), title, x };
  }),
}));
