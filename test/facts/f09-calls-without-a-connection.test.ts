/** F9: calls without a connection. */
import { constants } from '../../lib/index';
import * as raw from '../../lib/raw';

const { EINVAL, ENOTCONN, EPIPE } = constants;

describe('sockets that are not connected', () => {
  const byte = Buffer.alloc(1);
  const outcomes = (family: number): number[] => {
    const fd = raw.socket(family, constants.SOCK_STREAM, 0);
    const results = [
      raw.send(fd, byte, 0, 1, 0),
      raw.recv(fd, byte, 0, 1, 0),
      raw.shutdown(fd, constants.SHUT_RDWR),
    ];
    raw.close(fd);
    return results;
  };
  test('TCP', () => {
    expect(outcomes(constants.AF_INET)).toEqual([-EPIPE, -ENOTCONN, -ENOTCONN]);
  });
  test('Unix', () => {
    expect(outcomes(constants.AF_UNIX)).toEqual([-ENOTCONN, -EINVAL, 0]);
  });
});
