// SocketStream, this library's Duplex.
import { once } from 'node:events';
import { createConnection } from 'bsd-sockets';
import { duplexLoadRow, duplexRows } from './duplex-rows.mjs';
import { serve } from './protocol.mjs';

async function connect(port, host = '127.0.0.1') {
  const stream = createConnection({ port, host, noDelay: true });
  await once(stream, 'connect');
  return stream;
}

await serve({
  ...duplexRows(connect),
  load: (asked) => duplexLoadRow(asked, (socket) => socket.toStream()),
});
