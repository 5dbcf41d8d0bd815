/** The public members of `ServerSocket`. */
import { once } from 'node:events';
import * as library from '../../lib/index';
import { eachWithConnection, testMembers } from '../support/members';
import { outcome } from '../support/peer';

const { SELECT_READ, ServerSocket, StreamSocket, constants } = library;
const { SOL_SOCKET } = constants;
const ends = eachWithConnection();

testMembers('ServerSocket', {
  '#acceptConnectionAsync': async () => {
    const waits = ends.server.acceptConnectionAsync();
    const client = new StreamSocket(ends.server.address());
    const connection = await waits;
    expect(connection.peerAddress().equals(client.address())).toBe(true);
    expect([ends.server.getBlocking(), connection.getBlocking()]).toEqual([true, true]);
    for (const one of [client, connection]) one.close();
    const closed = ends.server.acceptConnectionAsync();
    ends.server.close();
    await expect(closed).rejects.toBeInstanceOf(library.InvalidSocketError);
  },
  '#listenAsync': async () => {
    const seen: library.StreamSocket[] = [];
    const listener = ends.server.listenAsync((connection) => seen.push(connection));
    const clients = [1, 2, 3].map(() => new StreamSocket(ends.server.address()));
    while (seen.length < 3) await once(listener, 'connection');
    const closed = once(listener, 'close');
    ends.server.close();
    await closed;
    for (const one of [...clients, ...seen]) one.close();
  },
  '#asyncIterator': async () => {
    const clients = [1, 2].map(() => new StreamSocket(ends.server.address()));
    let count = 0;
    for await (const connection of ends.server) {
      connection.close();
      if (++count === 2) ends.server.close();
    }
    expect(count).toBe(2);
    for (const client of clients) client.close();
  },
  '.fromFileDescriptor': () => {
    const server = ServerSocket.fromFileDescriptor(ends.server.detach());
    const client = new StreamSocket(server.address());
    server.acceptConnection()?.close();
    const fd = client.detach();
    expect(outcome(() => ServerSocket.fromFileDescriptor(fd))).toBe('ERR_INVALID_ARG_VALUE');
    StreamSocket.fromFileDescriptor(fd).close();
    server.close();
  },
  '#bind': () => {
    const other = new ServerSocket();
    expect(() => {
      other.bind(ends.server.address());
    }).toThrow(library.AddressInUseError);
    other.close();
    other.bind(0);
    expect(other.address().host()).toBe('0.0.0.0');
    other.close();
  },
  '#bind6': () => {
    const other = new ServerSocket();
    other.bind6(0, true, false, true);
    expect(other.getOption(constants.IPPROTO_IPV6, constants.IPV6_V6ONLY)).toBe(1);
    expect(
      outcome(() => {
        other.bind6('127.0.0.1:0');
      }),
    ).toBe('ERR_INVALID_ARG_VALUE');
    other.close();
  },
  '#listen': () => {
    const other = new ServerSocket();
    expect(() => {
      other.listen();
    }).toThrow(library.InvalidSocketError);
    other.bind('127.0.0.1:0');
    other.listen(1);
    expect(other.getOption(SOL_SOCKET, constants.SO_ACCEPTCONN)).toBe(1);
    other.close();
  },
  '#acceptConnection': () => {
    ends.server.setReceiveTimeout(20);
    expect(outcome(() => ends.server.acceptConnection())).toBe('ETIMEDOUT');
    ends.server.setBlocking(false);
    expect(ends.server.acceptConnection()).toBeNull();
    const socket = new StreamSocket(ends.server.address());
    expect(ends.server.poll(5000, SELECT_READ)).toBe(true);
    const connection = ends.server.acceptConnection();
    expect(connection?.getBlocking()).toBe(true);
    const other = new StreamSocket(ends.server.address());
    expect(ends.server.poll(5000, SELECT_READ)).toBe(true);
    const [accepted, clientAddress] = ends.server.acceptConnection(true) ?? [];
    expect(clientAddress?.equals(other.address())).toBe(true);
    expect(ends.server.acceptConnection(true)).toBeNull();
    for (const one of [other, accepted]) one?.close();
    expect(connection?.peerAddress().equals(socket.address())).toBe(true);
    socket.close();
    connection?.close();
  },
});
