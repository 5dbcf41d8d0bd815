// Telnet's Synch (RFC 854): the user interrupts a program that has filled every queue with output.
// The client sends IAC IP, and a Synch, whose urgent data mark overtakes the queue; the server stops,
// and answers by a Synch of its own, at which the client discards all output up to the mark.
//
//   node telnet-synch.mjs            the client is here too
//   node telnet-synch.mjs --serve    prints its port, for a telnet client of yours
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { Worker, isMainThread, parentPort, workerData } from 'node:worker_threads';
import {
  DialogSocket,
  SELECT_READ,
  SELECT_URGENT,
  SELECT_WRITE,
  ServerSocket,
  constants,
} from 'bsd-sockets';

const { MSG_DONTWAIT, MSG_OOB } = constants;
const { TELNET_DM, TELNET_DO, TELNET_IP, TELNET_IAC, TELNET_WILL } = DialogSocket;
/** RFC 860's option: "tell me when you have come here". */
const TIMING_MARK = 6;
const INTERRUPT = String.fromCharCode(TELNET_IAC, TELNET_IP);
const DO_TIMING_MARK = String.fromCharCode(TELNET_IAC, TELNET_DO, TIMING_MARK);
const PROMPT = '\r\nready> ';

// The server: floods until the user interrupts. A Synch shows it the command past all that was typed
// before; a client that sends none (telnet, unless told to "toggle autosynch") is read as it comes.
function serve(listener) {
  const connection = new DialogSocket(listener.acceptConnection());
  const line = Buffer.from(`${'output '.repeat(10)}\r\n`);
  const typed = Buffer.alloc(1024);
  let sent = 0;
  let commands = '';
  let mark = null;
  while (mark === null && !commands.includes(INTERRUPT)) {
    const bits = connection.pollEvents(undefined, SELECT_READ | SELECT_WRITE | SELECT_URGENT);
    if ((bits & SELECT_URGENT) !== 0) {
      commands = textToMark(connection, typed);
      mark = connection.receiveUrgent();
    } else if ((bits & SELECT_READ) !== 0) {
      const n = connection.receiveBytes(typed);
      if (n === 0) return; // The client is gone.
      commands += typed.toString('latin1', 0, n);
    } else {
      sent += Math.max(0, connection.sendBytes(line, MSG_DONTWAIT));
    }
  }
  const command = commands.includes(INTERRUPT) ? 'IAC IP' : 'no command';
  // Of the Synch's two bytes, telnet sends the first one urgently.
  const isSynch = mark === TELNET_DM || mark === TELNET_IAC;
  console.log(`  server: ${sent} bytes sent; ${command}, ${isSynch ? 'data mark' : 'no mark'}`);
  // A blocking send: the client reads again, to find the mark.
  connection.synch();
  // RFC 860; telnet shows nothing before it has this answer.
  if (commands.includes(DO_TIMING_MARK)) connection.sendTelnetCommand(TELNET_WILL, TIMING_MARK);
  connection.sendString(PROMPT);
  connection.shutdownSend();
  while (connection.receiveBytes(typed) > 0);
  connection.close();
}

/** What comes before the urgent mark. */
function textToMark(socket, buffer) {
  let text = '';
  for (let isAtMark = false; !isAtMark;) {
    const { bytes, atMark } = socket.readToMark(buffer);
    text += buffer.toString('latin1', 0, bytes);
    isAtMark = atMark;
  }
  return text;
}

// The client: reads nothing, so that all queues are full; then the user presses Ctrl-C.
function interrupt(port) {
  const socket = new DialogSocket({ host: '127.0.0.1', port });
  const buffer = Buffer.alloc(65_536);
  socket.poll(undefined, SELECT_READ);
  // Full: nothing more has come into the own buffer for a while.
  for (let before = -1; before < 10_000 || before !== socket.available();) {
    before = socket.available();
    socket.poll(50, SELECT_URGENT);
  }
  // The command and a Synch, in one segment.
  socket.sendBytes(Uint8Array.of(TELNET_IAC, TELNET_IP, TELNET_IAC, TELNET_DM), MSG_OOB);
  const discarded = textToMark(socket, buffer).length;
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
