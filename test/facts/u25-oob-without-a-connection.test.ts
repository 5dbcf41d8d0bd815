/** U25: oob without a connection. */
import { constants } from '../../lib/index';
import * as raw from '../../lib/raw';

const { MSG_OOB } = constants;

test('MSG_OOB on sockets that are not connected', () => {
  const codes = [];
  for (const family of [constants.AF_INET, constants.AF_UNIX]) {
    const fd = raw.socket(family, constants.SOCK_STREAM, 0);
    const byte = Buffer.alloc(1);
    codes.push(raw.recv(fd, byte, 0, 1, MSG_OOB), raw.send(fd, byte, 0, 1, MSG_OOB));
    raw.close(fd);
  }
  const { EINVAL, EPIPE, ENOTCONN } = constants;
  expect(codes).toEqual([-EINVAL, -EPIPE, -EINVAL, -ENOTCONN]);
});
