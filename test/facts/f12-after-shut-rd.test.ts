/** F12: after shut rd. */
import { overTransports } from '../support/facts';
import { text } from '../support/peer';

overTransports(
  'after SHUT_RD what is pending comes, then 0',
  ({ socket, peer, isUnix, send, arrives }) => {
    send('abc');
    arrives(3);
    socket.shutdownReceive();
    expect(text(socket)).toBe('abc');
    expect(text(socket)).toBe(0);
    expect(peer.run("s.send(b'def')")).toBe(isUnix ? 'EPIPE' : 3);
    if (!isUnix) {
      arrives(3);
      expect(text(socket)).toBe('def');
    }
  },
);
