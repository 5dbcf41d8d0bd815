/** F18: a send timeout gives a partial count. */
import { constants } from '../../lib/index';
import * as raw from '../../lib/raw';
import { overTransports } from '../support/facts';

overTransports(
  'a blocking send with SO_SNDTIMEO gives what went; EAGAIN when nothing did',
  ({ socket }) => {
    const fd = socket.sockfd();
    socket.setSendTimeout(50);
    const data = Buffer.alloc(8_000_000);
    let n = raw.send(fd, data, 0, data.length, 0);
    expect(n).toBeGreaterThan(0);
    expect(n).toBeLessThan(data.length);
    // The kernel may still move a part into the receiver's buffer.
    while (n > 0) n = raw.send(fd, data, 0, data.length, 0);
    expect(n).toBe(-constants.EAGAIN);
  },
);
