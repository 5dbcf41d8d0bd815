/** F5: waitall with peek. */
import { constants } from '../../lib/index';
import { overTransports } from '../support/facts';
import { text } from '../support/peer';

const { MSG_PEEK, MSG_WAITALL } = constants;

overTransports(
  'MSG_WAITALL | MSG_PEEK waits on TCP, not on Unix',
  ({ socket, peer, isUnix, send, arrives }) => {
    send('abc');
    arrives(3);
    socket.setReceiveTimeout(5000);
    peer.start(`${isUnix ? '0' : `wait_until_blocked(${process.pid})`}; s.send(b'def')`);
    expect(text(socket, MSG_WAITALL | MSG_PEEK, 6)).toMatch(isUnix ? /^abc/ : /^abcdef$/);
    peer.finish();
    arrives(6);
    expect(text(socket)).toBe('abcdef');
  },
);
