// One port for everything: the router looks at the first bytes of a connection (MSG_PEEK), and hands
// the untouched connection to the worker process that can serve it (SCM_RIGHTS). The workers serve
// it with Node's own http and https, or give it to sshd; they never learn that it came by a router.
//
//   node port-router.mjs FOLDER [PORT]     FOLDER has the certificate and the host key;
//                                          port-router-tour.mjs makes one
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { SELECT_READ, ServerSocket, StreamSocket, constants } from 'bsd-sockets';

const { MSG_PEEK } = constants;
const MOST = 16_384;
// A client that says nothing waits for the server to begin, as ssh-keyscan does.
const SILENCE = 300;

function startWorker(kind, folder) {
  const [ours, theirs] = StreamSocket.pair();
  const file = fileURLToPath(new URL('port-router-worker.mjs', import.meta.url));
  const child = spawn(process.execPath, [file, kind, folder], {
    stdio: ['ignore', 'inherit', 'inherit', theirs.sockfd()],
  });
  theirs.close();
  return { child, channel: ours };
}

// The first bytes, without taking them; more are waited for while `isEnough` says so.
async function peek(connection) {
  const buffer = Buffer.alloc(MOST);
  for (let wanted = 1; ;) {
    connection.setReceiveLowWater(wanted);
    const isReady = await connection.pollAsync(SELECT_READ, { timeout: SILENCE });
    connection.setReceiveLowWater(1);
    const n = isReady ? await connection.receiveBytesAsync(buffer, { flags: MSG_PEEK }) : 0;
    const first = buffer.subarray(0, n);
    const whole = lengthToLookAt(first);
    if (n === 0 || n >= whole || !isReady) return first;
    wanted = whole;
  }
}

// How much must be here to know what it is: a TLS record tells its length, and the server's name is
// in the first one; a request or a banner begins with a word.
function lengthToLookAt(first) {
  if (first[0] === 0x16) return first.length < 5 ? 5 : Math.min(5 + first.readUInt16BE(3), MOST);
  return /^[A-Z]{1,15}$/.test(first.toString('latin1')) ? first.length + 1 : 0;
}

// The server_name extension of a ClientHello (RFC 6066, 3); undefined where there is none.
function serverName(hello) {
  let at = 5 + 4 + 2 + 32;
  const skip = (bytes) => {
    const length = hello.readUIntBE(at, bytes);
    at += bytes + length;
  };
  try {
    skip(1);
    skip(2);
    skip(1);
    const end = at + 2 + hello.readUInt16BE(at);
    for (at += 2; at < end;) {
      const type = hello.readUInt16BE(at);
      const length = hello.readUInt16BE(at + 2);
      if (type === 0) return hello.toString('latin1', at + 9, at + 4 + length);
      at += 4 + length;
    }
  } catch (error) {
    if (error.code !== 'ERR_OUT_OF_RANGE' && error.code !== 'ERR_BUFFER_OUT_OF_BOUNDS') throw error;
  }
  return undefined;
}

function kindOf(first) {
  if (first.length === 0 || first.toString('latin1', 0, 4) === 'SSH-') return 'ssh';
  if (first[0] === 0x16) return 'tls';
  return /^[A-Z]+ /.test(first.toString('latin1', 0, 16)) ? 'http' : undefined;
}

async function route(connection, workers) {
  const first = await peek(connection);
  const kind = kindOf(first);
  const name = kind === 'tls' ? ` for ${serverName(first) ?? 'no name'}` : '';
  console.log(`${connection.peerAddress()}: ${kind ?? 'unknown'}${name}`);
  await workers[kind]?.channel.sendMessageAsync({
    data: Buffer.from('c'),
    control: [{ type: 'SCM_RIGHTS', descriptors: [connection] }],
  });
  connection.close();
}

const [folder, port = '0'] = process.argv.slice(2);
const workers = {
  http: startWorker('http', folder),
  tls: startWorker('tls', folder),
  ssh: startWorker('ssh', folder),
};
const server = new ServerSocket(`127.0.0.1:${port}`);
server.listenAsync((connection) => {
  route(connection, workers).catch((error) => {
    console.log(error.message);
    connection.close();
  });
});
console.log(`listening at ${server.address().port()}`);
process.stdin.resume().on('end', () => {
  for (const { child } of Object.values(workers)) child.kill();
  process.exit();
});
