// The worker of synckit.mjs: one exchange for each call.
import { once } from 'node:events';
import { connect } from 'node:net';
import { runAsWorker } from 'synckit';
import { reader } from './reader.mjs';

let socket;
let read;

runAsWorker(async (port, message) => {
  if (socket === undefined) {
    socket = connect({ port, host: '127.0.0.1', noDelay: true });
    await once(socket, 'connect');
    read = reader(socket);
  }
  socket.write(message);
  return read(message.length);
});
