/** U23: oob of no bytes. */
import { constants } from '../../lib/index';
import { overTransports } from '../support/facts';
import { outcome } from '../support/peer';

const { MSG_OOB } = constants;

overTransports(
  'MSG_OOB with 0 bytes does nothing on TCP, and is EOPNOTSUPP on Unix',
  ({ socket, isUnix }) => {
    const result = outcome(() => socket.sendBytes(Buffer.alloc(0), MSG_OOB));
    expect(result).toBe(isUnix ? 'EOPNOTSUPP' : 0);
  },
);
