/** F24: what accept inherits. */
import { ServerSocket, StreamSocket } from '../../lib/index';
import { overTransports } from '../support/facts';
import { anyAddress } from '../support/peer';

overTransports('accept inherits options, but not the mode', ({ isUnix, transport }) => {
  const server = new ServerSocket();
  server.bind(anyAddress(transport));
  server.setKeepAlive(true);
  server.setReceiveTimeout(3000);
  server.listen();
  server.setBlocking(false);
  const client = new StreamSocket(server.address());
  const accepted = server.acceptConnection();
  expect(accepted?.getBlocking()).toBe(true);
  if (!isUnix)
    expect([accepted?.getKeepAlive(), accepted?.getReceiveTimeout()]).toEqual([true, 3000]);
  for (const one of [server, client, accepted]) one?.close();
});
