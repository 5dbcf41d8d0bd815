/** The public members of `ReceivedDescriptors`. */
import { closeSync, fstatSync, openSync } from 'node:fs';
import { ReceivedDescriptors, StreamSocket } from '../../lib/index';
import * as raw from '../../lib/raw';
import { testMembers } from '../support/members';
import { outcome } from '../support/peer';

/** What a message with these descriptors brings. */
function sendAndReceive(...descriptors: (number | StreamSocket)[]): ReceivedDescriptors {
  const [first, second] = StreamSocket.pair();
  first.sendMessage({ data: Buffer.from('x'), control: [{ type: 'SCM_RIGHTS', descriptors }] });
  const { control } = second.receiveMessage({ buffers: [Buffer.alloc(1)], controlLength: 64 });
  first.close();
  second.close();
  const [received] = control;
  if (received?.type !== 'SCM_RIGHTS') throw new Error('no descriptors came');
  return (received as { descriptors: ReceivedDescriptors }).descriptors;
}

testMembers('ReceivedDescriptors', {
  '#length #take #close': () => {
    const file = openSync('/dev/null', 'r');
    const received = sendAndReceive(file, file);
    expect(received.length).toBe(2);
    const fd = received.take();
    expect(fstatSync(fd).ino).toBe(fstatSync(file).ino);
    closeSync(fd);
    received.close();
    received.close();
    expect(received.length).toBe(0);
    expect(outcome(() => received.take())).toBe('ERR_OUT_OF_RANGE');
    closeSync(file);
  },
  '#takeSocket': () => {
    const [first, second] = StreamSocket.pair();
    const file = openSync('/dev/null', 'r');
    const received = sendAndReceive(second, file);
    second.close();
    const socket = received.takeSocket();
    expect(socket).toBeInstanceOf(StreamSocket);
    expect(raw.send(socket.sockfd(), Buffer.from('y'), 0, 1, 0)).toBe(1);
    expect(outcome(() => received.takeSocket())).toBe('ENOTSOCK');
    expect(received.length).toBe(1);
    received.close();
    expect(outcome(() => received.takeSocket())).toBe('ERR_OUT_OF_RANGE');
    for (const one of [first, socket]) one.close();
    closeSync(file);
  },
});
