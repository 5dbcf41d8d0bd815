/** U5: announced then shut or reset. */
import { SELECT_ERROR, constants } from '../../lib/index';
import { overTransports } from '../support/facts';

overTransports(
  'announced urgent data and an own SHUT_RD: MSG_OOB gives 0',
  ({ socket, announce, oob }) => {
    announce();
    socket.shutdownReceive();
    expect(oob()).toBe(0);
  },
  ['tcp4', 'tcp6'],
);

overTransports(
  'announced urgent data and a reset: MSG_OOB gives ENOTCONN, and SO_ERROR tells the reset',
  ({ socket, peer, announce, oob }) => {
    announce();
    peer.run(
      "s.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack('ii', 1, 0)); s.close()",
    );
    expect(socket.poll(5000, SELECT_ERROR)).toBe(true);
    expect(oob()).toBe(-constants.ENOTCONN);
    expect(socket.getError()?.code).toBe('ECONNRESET');
  },
  ['tcp4', 'tcp6'],
);
