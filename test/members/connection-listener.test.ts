/** The public members of `ConnectionListener`; `listenAsync` makes them. */
import { once } from 'node:events';
import { ServerSocket, StreamSocket } from '../../lib/index';
import { testMembers } from '../support/members';

testMembers('ConnectionListener', {
  '#close': async () => {
    const server = new ServerSocket('127.0.0.1:0');
    const listener = server.listenAsync();
    const client = new StreamSocket(server.address());
    const [connection] = (await once(listener, 'connection')) as [StreamSocket];
    listener.close();
    listener.close();
    const other = new StreamSocket(server.address());
    // The socket goes on listening.
    const next = server.acceptConnection() as StreamSocket;
    for (const one of [server, client, connection, other, next]) one.close();
  },
});
