/** F6: trunc writes nothing on tcp. */
import { constants } from '../../lib/index';
import { overTransports } from '../support/facts';
import { text } from '../support/peer';

const { MSG_TRUNC } = constants;

overTransports(
  'MSG_TRUNC on TCP takes bytes away and writes none, on Unix it copies',
  ({ socket, isUnix, send, arrives }) => {
    send('abcdefgh');
    arrives(8);
    const buffer = Buffer.from('......');
    expect(socket.receiveBytes(buffer, MSG_TRUNC, 0, 3)).toBe(3);
    expect(buffer.toString()).toBe(isUnix ? 'abc...' : '......');
    expect(text(socket)).toBe('defgh');
  },
);
