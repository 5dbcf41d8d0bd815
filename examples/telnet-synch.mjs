// Telnet's Synch (RFC 854): the user interrupts a program that has filled every queue with output.
// The client sends IAC IP, and a Synch, whose urgent data mark overtakes the queue; the server stops,
// and answers by a Synch of its own, at which the client discards all output up to the mark.
//
//   node telnet-synch.mjs            the client is here too
//   node telnet-synch.mjs --serve    prints its port, for a telnet client of yours
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { Worker, isMainThread, parentPort, workerData } from 'node:worker_threads';
import { DialogSocket, SELECT_URGENT, SELECT_WRITE, ServerSocket, constants } from 'bsd-sockets';

const { MSG_DONTWAIT } = constants;
const { TELNET_DM, TELNET_IP, TELNET_IAC } = DialogSocket;
const PROMPT = '\r\nready> ';

// The server: floods until an urgent data mark comes.
function serve(listener) {
  const connection = new DialogSocket(listener.acceptConnection());
  const line = Buffer.from(`${'output '.repeat(10)}\r\n`);
  let sent = 0;
  for (;;) {
    const bits = connection.pollEvents(undefined, SELECT_WRITE | SELECT_URGENT);
    if ((bits & SELECT_URGENT) !== 0) break;
    if ((bits & SELECT_WRITE) === 0) return; // The client is gone.
    sent += Math.max(0, connection.sendBytes(line, MSG_DONTWAIT));
  }
  // Everything that the user typed before the mark is void, but for the command in it.
  const typed = Buffer.alloc(1024);
  let commands = '';
  for (let isAtMark = false; !isAtMark;) {
    const { bytes, atMark } = connection.readToMark(typed);
    commands += typed.toString('latin1', 0, bytes);
    isAtMark = atMark;
  }
  const mark = connection.receiveUrgent();
  const isInterrupt = commands.includes(String.fromCharCode(TELNET_IAC, TELNET_IP));
  console.log(
    `  server: ${sent} bytes sent; ${isInterrupt ? 'IAC IP' : 'no command'}, ${
      mark === TELNET_DM ? 'data mark' : 'no mark'
    }`,
  );
  // A blocking send: the client reads again, to find the mark.
  connection.synch();
  connection.sendString(PROMPT);
  connection.shutdownSend();
  while (connection.receiveBytes(typed) > 0);
  connection.close();
}

// The client: reads nothing, so that all queues are full; then the user presses Ctrl-C.
function interrupt(port) {
  const socket = new DialogSocket({ host: '127.0.0.1', port });
  const buffer = Buffer.alloc(65_536);
  // Full: nothing more has come into the own buffer for a while.
  for (let before = -1; before !== socket.available();) {
    before = socket.available();
    socket.poll(50, SELECT_URGENT);
  }
  socket.sendTelnetCommand(TELNET_IP);
  socket.synch();
  let discarded = 0;
  for (let isAtMark = false; !isAtMark;) {
    const { bytes, atMark } = socket.readToMark(buffer);
    discarded += bytes;
    isAtMark = atMark;
  }
  const mark = socket.receiveUrgent();
  let shown = '';
  for (let n; (n = socket.receiveBytes(buffer)) > 0;) shown += buffer.toString('latin1', 0, n);
  console.log(
    `  client: ${discarded} bytes of output discarded up to the ${
      mark === TELNET_DM ? 'data mark' : 'end'
    }; then: ${JSON.stringify(shown)}`,
  );
  socket.close();
}

if (!isMainThread) {
  if (workerData.port) interrupt(workerData.port);
  else serve(ServerSocket.fromFileDescriptor(workerData.listener));
  parentPort.close();
} else {
  const file = fileURLToPath(import.meta.url);
  const listener = new ServerSocket('127.0.0.1:0');
  const port = listener.address().port();
  if (process.argv[2] === '--serve') console.log(port);
  const server = new Worker(file, { workerData: { listener: listener.detach() } });
  const client =
    process.argv[2] === '--serve' ? undefined : new Worker(file, { workerData: { port } });
  await Promise.all([once(server, 'exit'), client && once(client, 'exit')]);
}
