/** U29: node net loses the byte. */
import { once } from 'node:events';
import { connect } from 'node:net';
import { ServerSocket } from '../../lib/index';

test('Node’s net loses an urgent byte when it reads on', async () => {
  const server = new ServerSocket('127.0.0.1:0');
  const reader = connect({ host: '127.0.0.1', port: server.address().port() });
  await once(reader, 'connect');
  const accepted = server.acceptConnection();
  accepted?.sendBytes('ab');
  accepted?.sendUrgent(88);
  accepted?.sendBytes('cd');
  accepted?.close();
  server.close();
  let all = '';
  for await (const data of reader) all += String(data);
  expect(all).toBe('abcd');
});
