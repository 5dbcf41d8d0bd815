/**
 * Every operation, with every fault in every system call that it makes, one at a time: the outcome
 * is the documented one, nothing sent is lost or doubled, no descriptor is left.
 *
 * `npm run test:faults` makes all of them; `npm test` a part.
 */
import { constants } from '../../lib/index';
import { underStrace, type Fault } from '../support/inject';
import { localPair } from '../support/peer';
import {
  MESSAGE,
  SENT,
  openSockets,
  operations,
  outcomeOf,
  same,
  shown,
  type Operation,
} from './operations';

const isWhole = process.env['FAULTS'] === 'all';
const errors = [
  'EINTR',
  'EAGAIN',
  'ENOMEM',
  'ENOBUFS',
  'EMFILE',
  'ECONNRESET',
  'EPIPE',
  'ETIMEDOUT',
];

/** Calls that wait, and so may be interrupted; the others are told as they are. */
const transfers = ['recvfrom', 'recvmsg', 'sendto', 'sendmsg', 'sendfile', 'accept4'];
const waits = [...transfers, 'connect', 'poll', 'epoll_wait'];

/** What the documentation says of a fault in a call. */
function documented(
  { name, form, exceptions = {} }: Operation,
  { call, nth, what }: Fault,
): unknown {
  if (what.startsWith('delay')) return same;
  const error = what.replace('error=', '');
  const exception =
    exceptions[`${call} ${nth} ${error}`] ??
    exceptions[`${call} ${error}`] ??
    exceptions[`${call} ${nth}`] ??
    exceptions[call];
  if (exception !== undefined) return exception;
  if (form === 'raw') return -Number(constants[error as keyof typeof constants]);
  if (call === 'close') return same;
  const mayWait = waits.includes(call);
  if (error === 'EINTR' && mayWait && name !== 'receiveUrgent()') return same;
  if (error === 'EAGAIN' && name === 'receiveUrgent()') return null;
  if (error === 'EAGAIN' && transfers.includes(call)) {
    if (form === 'async' || form === 'stream') return same;
    if (form === 'blocking') return 'ETIMEDOUT';
    return call === 'accept4' ? null : -1;
  }
  // With a timeout of the library's own the connect is one that does not wait.
  if (error === 'EAGAIN' && name === 'connect(address, timeout)') return error;
  if (error === 'EAGAIN' && call === 'connect')
    return form === 'async' ? same : form === 'blocking' ? 'ETIMEDOUT' : 'EAGAIN';
  return error;
}

/** What is wrong with the operation under the fault; '' if nothing is. */
async function wrong(operation: Operation, fault: Fault, usual: unknown): Promise<string> {
  const before = openSockets();
  const scene = operation.scene();
  const { result, injected, elsewhere } = await underStrace(() => outcomeOf(scene.act), fault);
  if (elsewhere > 0) {
    for (const socket of scene.sockets) socket.close();
    return wrong(operation, fault, usual);
  }
  const expected = documented(operation, fault);
  const wanted = shown(expected === same ? usual : expected);
  const found: string[] = [];
  if (injected !== 1) found.push(`${injected} faults were injected`);
  if (shown(result) !== wanted) found.push(`${shown(result)}, not ${wanted}`);
  if (scene.finish && scene.finish(result) !== SENT) found.push('bytes are lost or doubled');
  for (const socket of scene.sockets) socket.close();
  // Where the fault was in close(2) itself, the call was not made.
  const left = openSockets().filter((socket) => !before.includes(socket));
  if (fault.call !== 'close' && left.length > 0) found.push(`left open: ${left.join(' ')}`);
  return found.length === 0 ? '' : `${fault.call} ${fault.nth} ${fault.what}: ${found.join('; ')}`;
}

let injected = 0;
afterAll(() => {
  if (isWhole) process.stdout.write(`${injected} faults injected\n`);
});

describe.each(operations)('$form: $name', (operation) => {
  test('has the documented outcome, whatever call fails', async () => {
    const scene = operation.scene();
    const { result, calls } = await underStrace(() => outcomeOf(scene.act));
    if (scene.finish) expect(scene.finish(result)).toBe(SENT);
    for (const socket of scene.sockets) socket.close();
    const seen: Record<string, number> = {};
    const found: string[] = [];
    for (const [index, call] of calls.entries()) {
      const nth = (seen[call] = (seen[call] ?? 0) + 1);
      // Those of the event loop, which ends the process when one fails.
      if (call === 'epoll_ctl' && ['async', 'stream'].includes(operation.form)) continue;
      const whats = [...errors.map((error) => `error=${error}`), 'delay_enter=5000'];
      const some = whats.filter((_, i) => i % 4 === index % 4).slice(0, 2);
      for (const what of isWhole ? whats : some) {
        const report = await wrong(operation, { call, nth, what }, result);
        injected++;
        if (report !== '') found.push(report);
      }
    }
    expect(calls).not.toEqual([]);
    expect(found).toEqual([]);
  });
});

test('readToMarkAsync() tells what it has received when the mark cannot be asked for', async () => {
  const [ours, theirs] = localPair('tcp4');
  const read = (): Promise<unknown> => {
    theirs.sendBytes(MESSAGE);
    return outcomeOf(() => ours.readToMarkAsync(Buffer.alloc(MESSAGE.length)));
  };
  const { calls } = await underStrace(read);
  // The last is the one behind the receive.
  expect(calls.lastIndexOf('ioctl')).toBeGreaterThan(calls.indexOf('recvfrom'));
  const nth = calls.filter((call) => call === 'ioctl').length;
  const { result } = await underStrace(read, { call: 'ioctl', nth, what: 'error=ENOMEM' });
  expect(result).toMatchObject({ code: 'ENOMEM', bytesReceived: MESSAGE.length });
  ours.close();
  theirs.close();
});
