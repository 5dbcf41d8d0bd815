// What goes wrong without a network: alone.mjs SCENARIO prints what came of it in each form.
import { once } from 'node:events';
import { closeSync, openSync, readdirSync } from 'node:fs';
import {
  DatagramSocket,
  PollSet,
  SELECT_ERROR,
  ServerSocket,
  SocketAddress,
  StreamSocket,
  constants,
  createConnection,
} from 'bsd-sockets';
import { inEachForm, outcome } from './forms.mjs';

const { MSG_CTRUNC } = constants;
const LONGEST = 10_000;

/** A filter refuses what comes to this port: what connecting and sending tell. */
async function refused(port) {
  const address = { host: '127.0.0.1', port: Number(port) };
  const connects = await inEachForm((form, socket) => form.connect(socket, address, LONGEST));
  const socket = new DatagramSocket('ipv4');
  socket.setReceiveErrors(true);
  socket.sendTo('x', address);
  socket.poll(LONGEST, SELECT_ERROR);
  const { error, icmpType, icmpCode } = socket.receiveError();
  socket.close();
  return { ...connects, queued: error.code, icmp: [icmpType, icmpCode] };
}

/** Nobody accepts, and there is room for one connection only. */
async function fullBacklog(server, family) {
  server.listen(0);
  const first = new StreamSocket(server.address());
  const full = await inEachForm(
    (form, socket) => form.connect(socket, server.address(), 200),
    family,
  );
  const accepted = server.acceptConnection();
  // The one that was accepted has made room again.
  const second = new StreamSocket();
  second.connect(server.address(), LONGEST);
  for (const socket of [first, accepted, second, server]) socket.close();
  return full;
}

/** Every number is taken: each call tells it, keeps what waits, and works again when one is free. */
async function noDescriptors() {
  const server = new ServerSocket('127.0.0.1:0');
  const address = server.address();
  const clients = [1, 2, 3].map(() => new StreamSocket(address));
  const [sender, receiver] = StreamSocket.pair();
  const before = readdirSync('/proc/self/fd').length;
  const taken = [];
  const fill = () => {
    for (;;) taken.push(openSync('/dev/null', 'r'));
  };
  await outcome(fill);
  const connecting = createConnection({ host: '127.0.0.1', port: address.port() });
  const told = {
    socket: await outcome(() => new StreamSocket('ipv4')),
    connect: await outcome(() => new StreamSocket(address)),
    connectNB: await outcome(() => new StreamSocket().connectNB(address)),
    connectAsync: await outcome(() => new StreamSocket().connectAsync(address)),
    stream: (await once(connecting, 'error'))[0].code,
    accept: await outcome(() => server.acceptConnection()),
    acceptAsync: await outcome(() => server.acceptConnectionAsync()),
    dup: await outcome(() => sender.dup()),
    pair: await outcome(() => StreamSocket.pair()),
    pollSet: await outcome(() => new PollSet()),
  };
  sender.sendMessage({
    data: Buffer.from('x'),
    control: [{ type: 'SCM_RIGHTS', descriptors: [sender] }],
  });
  const message = receiver.receiveMessage({ buffers: [Buffer.alloc(1)], controlLength: 64 });
  told.received = [message.bytes, message.control.length, (message.flags & MSG_CTRUNC) !== 0];
  const listener = server.listenAsync();
  const [error] = await once(listener, 'error');
  told.listener = error.code;
  for (const fd of taken.splice(0)) closeSync(fd);
  // The three that had connected before were not lost.
  const connections = [];
  listener.on('connection', (connection) => connections.push(connection));
  while (connections.length < clients.length) await once(listener, 'connection');
  for (const socket of connections) socket.close();
  told.leaked = readdirSync('/proc/self/fd').length - before;
  for (const socket of [server, sender, receiver, ...clients]) socket.close();
  return told;
}

function listening(address) {
  const server = new ServerSocket();
  server.bind(address);
  return server;
}

const scenarios = {
  refused,
  'full backlog': () => fullBacklog(listening('127.0.0.1:0'), 'ipv4'),
  'full backlog of a Unix socket': () => fullBacklog(listening(new SocketAddress('unix')), 'unix'),
  'no descriptors': noDescriptors,
};

const [scenario, ...options] = process.argv.slice(2);
console.log(JSON.stringify(await scenarios[scenario](...options)));
