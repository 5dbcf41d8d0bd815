// A client on Node's own net: `net.mjs PORT`. The protocol is c.c's.
import { once } from 'node:events';
import { connect } from 'node:net';
import { createInterface } from 'node:readline';

const port = Number(process.argv[2]);

async function dial(what) {
  const socket = connect({ port, host: '127.0.0.1', noDelay: true });
  await once(socket, 'connect');
  socket.write(what);
  return socket;
}

const message = Buffer.alloc(64);
const rows = {
  pingpong(socket, count) {
    return new Promise((resolve) => {
      let left = count;
      socket.on('data', function next(data) {
        if (data.length !== 64) throw new Error('short');
        if (--left > 0) return void socket.write(message);
        socket.off('data', next);
        resolve();
      });
      socket.write(message);
    });
  },
  receive(socket, count) {
    return new Promise((resolve) => {
      let got = 0;
      socket.on('data', (data) => {
        got += data.length;
        if (got >= count) resolve();
      });
    });
  },
};

const echo = await dial('e');
for await (const line of createInterface({ input: process.stdin })) {
  const [row, count] = line.split(' ');
  const socket = row === 'receive' ? await dial('s') : echo;
  const started = process.hrtime.bigint();
  const cpu = process.cpuUsage();
  await rows[row](socket, Number(count));
  const wall = process.hrtime.bigint() - started;
  const { user, system } = process.cpuUsage(cpu);
  console.log(`${wall} ${(user + system) * 1000}`);
  if (socket !== echo) socket.destroy();
}
