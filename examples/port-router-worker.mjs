// A worker of port-router.mjs: takes connections from the Unix socket on descriptor 3.
//
//   node port-router-worker.mjs http|tls|ssh FOLDER
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { join } from 'node:path';
import { StreamSocket } from 'bsd-sockets';

const [kind, folder] = process.argv.slice(2);
const file = (name) => join(folder, name);

function answer(request, response) {
  const name = request.socket.servername;
  response.setHeader('Connection', 'close');
  response.end(`hello from the ${kind} worker${name ? `, ${name}` : ''}\n`);
}

function sshd(connection) {
  const fd = connection.sockfd();
  const options = ['-i', '-e', '-f', file('sshd_config'), '-h', file('ssh_host_key')];
  spawn('/usr/sbin/sshd', options, { stdio: [fd, fd, 'ignore'] });
  connection.close();
}

function serverOf() {
  if (kind === 'http') return createServer(answer);
  return createTlsServer(
    { key: readFileSync(file('key')), cert: readFileSync(file('cert')) },
    answer,
  );
}

const server = kind === 'ssh' ? undefined : serverOf();
const channel = StreamSocket.fromFileDescriptor(3);
const buffers = [Buffer.alloc(1)];
for (;;) {
  const { bytes, control } = await channel.receiveMessageAsync({ buffers, controlLength: 64 });
  if (bytes === 0) break;
  const connection = control[0].descriptors.takeSocket();
  if (server) server.emit('connection', connection.toNetSocket());
  else sshd(connection);
}
