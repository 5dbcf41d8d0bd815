/** F28: unknown flags and levels. */
import { StreamSocket } from '../../lib/index';
import { overTransports } from '../support/facts';
import { outcome, text } from '../support/peer';

overTransports('unknown flag bits are ignored', ({ socket, send, arrives }) => {
  send('ab');
  arrives(2);
  expect(text(socket, 0x10000000)).toBe('ab');
});

test('unknown levels and options', () => {
  const socket = new StreamSocket('ipv4');
  expect(outcome(() => socket.getOption(500, 1))).toBe('EOPNOTSUPP');
  expect(
    outcome(() => {
      socket.setOption(500, 1, 1);
    }),
  ).toBe('ENOPROTOOPT');
  socket.close();
});
