/** U19: two marks in line. */
import { overTransports } from '../support/facts';
import { text } from '../support/peer';

overTransports(
  'of two marks in line only the last breaks a receive',
  ({ socket, peer, send, arrives }) => {
    socket.setOOBInline(true);
    send('abc', '!X', 'de', '!Y', 'fg');
    peer.run('s.shutdown(socket.SHUT_WR)');
    const all: unknown[] = [];
    // Wait until all has come, without reading.
    arrives(9);
    for (let part = text(socket); part !== 0; part = text(socket)) all.push(part);
    expect(all).toEqual(['abcXde', 'Yfg']);
  },
);
