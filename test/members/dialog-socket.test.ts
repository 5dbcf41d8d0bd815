/** The public members of `DialogSocket`; the peer is Python's. */
import { DialogSocket, SELECT_URGENT, StreamSocket, WOULD_BLOCK } from '../../lib/index';
import { testMembers } from '../support/members';
import { Peer, outcome } from '../support/peer';

const { TELNET_DM, TELNET_IAC, TELNET_IP, TELNET_WILL } = DialogSocket;

let peer: Peer;
let dialog: DialogSocket;
beforeAll(() => {
  peer = new Peer();
});
afterAll(() => {
  peer.close();
});
beforeEach(() => {
  dialog = new DialogSocket(peer.connection('tcp4'));
  dialog.setReceiveTimeout(5000);
});
afterEach(() => {
  peer.run('s.close()');
  dialog.close();
});

const send = (data: string): unknown => peer.run(`s.sendall(b${JSON.stringify(data)})`);
const end = (): unknown => peer.run('s.shutdown(socket.SHUT_WR)');
const received = (length: number): unknown => peer.run(`s.recv(${length}, socket.MSG_WAITALL)`);
const telnet = Object.getOwnPropertyNames(DialogSocket).filter((name) => /^TELNET_/.test(name));

testMembers('DialogSocket', {
  [telnet.map((name) => `.${name}`).join(' ')]: () => {
    const names = 'SE NOP DM BRK IP AO AYT EC EL GA SB WILL WONT DO DONT IAC'.split(' ');
    expect(telnet).toEqual(names.map((name) => `TELNET_${name}`));
    const values = DialogSocket as unknown as Record<string, number>;
    expect(telnet.map((name) => values[name])).toEqual(names.map((_, i) => 240 + i));
  },
  '.fromFileDescriptor .pair #dup': () => {
    const [first, second] = DialogSocket.pair();
    const taken = DialogSocket.fromFileDescriptor(first.detach());
    taken.sendMessage('hello');
    expect(second.receiveMessage()).toBe('hello');
    const copy = taken.dup();
    expect(copy).toBeInstanceOf(DialogSocket);
    for (const one of [taken, copy, second]) one.close();
  },
  '#sendByte #sendString': () => {
    expect(dialog.sendByte(65)).toBe(1);
    expect(dialog.sendString('bü')).toBe(3);
    expect(received(4)).toBe('Ab\u00c3\u00bc');
    for (const wrong of [-1, 256, 1.5, NaN]) {
      expect(outcome(() => dialog.sendByte(wrong))).toBe('ERR_OUT_OF_RANGE');
    }
    expect(outcome(() => dialog.sendString(5 as never))).toBe('ERR_INVALID_ARG_TYPE');
  },
  '#sendMessage': () => {
    dialog.sendMessage('EHLO', 'appinf.com');
    dialog.sendMessage('PUT', 'local.txt', 'remote.txt');
    dialog.sendMessage('QUIT', '');
    expect(dialog.sendMessage({ data: Buffer.from('x') })).toBe(1);
    const all = 'EHLO appinf.com\r\nPUT local.txt remote.txt\r\nQUIT\r\nx';
    expect(received(all.length)).toBe(all);
    expect(outcome(() => dialog.sendMessage('USER', 'me\r\nDELE all'))).toBe(
      'ERR_INVALID_ARG_VALUE',
    );
    expect(outcome(() => dialog.sendMessage(5 as never))).toBe('ERR_INVALID_ARG_TYPE');
  },
  '#receiveMessage': () => {
    send('Hello, world!\r\nline feed only\nreturn only\rlast');
    expect(dialog.receiveMessage()).toBe('Hello, world!');
    expect(dialog.receiveMessage()).toBe('line feed only');
    expect(dialog.receiveMessage()).toBe('return only');
    // A part of a line is told, and is not lost.
    dialog.setBlocking(false);
    expect(dialog.receiveMessage()).toBe(WOULD_BLOCK);
    dialog.setBlocking(true);
    dialog.setReceiveTimeout(20);
    expect(outcome(() => dialog.receiveMessage())).toBe('ETIMEDOUT');
    send(' line\r\npart');
    expect(dialog.receiveMessage()).toBe('last line');
    end();
    dialog.setReceiveTimeout(5000);
    expect(outcome(() => dialog.receiveMessage())).toBe('ECONNABORTED');
    const rest = Buffer.alloc(8);
    expect(dialog.receiveRawBytes(rest)).toBe(4);
    expect(dialog.receiveMessage()).toBeNull();
    expect(dialog.receiveMessage({ buffers: [rest] })).toMatchObject({ bytes: 0 });
    expect(outcome(() => dialog.receiveMessage(5 as never))).toBe('ERR_INVALID_ARG_TYPE');
  },
  '#receiveStatusMessage': () => {
    send('220 ready\r\n220-one\r\n two\r\n221 not the end\r\n220 three\r\nno code\r\n');
    expect(dialog.receiveStatusMessage()).toEqual({ status: 220, message: '220 ready' });
    expect(dialog.receiveStatusMessage()).toEqual({
      status: 220,
      message: '220-one\n two\n221 not the end\n220 three',
    });
    expect(dialog.receiveStatusMessage()).toEqual({ status: 0, message: 'no code' });
    // POCO's loops for ever at this end.
    send('220-begun\r\n');
    end();
    expect(outcome(() => dialog.receiveStatusMessage())).toBe('ECONNABORTED');
    expect(dialog.receiveMessage()).toBe('220-begun');
    expect(dialog.receiveStatusMessage()).toBeNull();
  },
  '#get #peek #buffered #available': () => {
    send('ab');
    expect([dialog.peek(), dialog.get(), dialog.get()]).toEqual([97, 97, 98]);
    dialog.setBlocking(false);
    expect([dialog.get(), dialog.buffered(), dialog.available()]).toEqual([WOULD_BLOCK, 0, 0]);
    dialog.setBlocking(true);
    send('line\r\nmore');
    expect(dialog.receiveMessage()).toBe('line');
    expect(dialog.available()).toBeGreaterThanOrEqual(dialog.buffered());
    end();
    const rest: (number | null)[] = [];
    for (let byte = dialog.get(); byte !== null; byte = dialog.get()) rest.push(byte);
    expect(Buffer.from(rest as number[]).toString()).toBe('more');
    expect(dialog.peek()).toBeNull();
  },
  '#receiveRawBytes': () => {
    send('Header\nMore Bytes');
    expect(dialog.receiveMessage()).toBe('Header');
    const into = Buffer.alloc(16);
    let n = 0;
    while (n < 10) n += dialog.receiveRawBytes(into, n, 10 - n);
    expect(into.toString('latin1', 0, 10)).toBe('More Bytes');
    expect(outcome(() => dialog.receiveRawBytes(into, 17))).toBe('ERR_OUT_OF_RANGE');
    expect(outcome(() => dialog.receiveRawBytes('x' as never))).toBe('ERR_INVALID_ARG_TYPE');
  },
  '#synch #sendTelnetCommand': () => {
    expect(dialog.sendTelnetCommand(TELNET_IP)).toBe(2);
    expect(dialog.sendTelnetCommand(TELNET_WILL, 6)).toBe(3);
    expect(dialog.synch()).toBe(2);
    expect(peer.run('select.select([], [], [s], 5)[2] == [s]')).toBe(true);
    expect(peer.run('s.recv(1, socket.MSG_OOB)[0]')).toBe(TELNET_DM);
    expect(peer.run('list(s.recv(6, socket.MSG_WAITALL))')).toEqual([
      TELNET_IAC,
      TELNET_IP,
      TELNET_IAC,
      TELNET_WILL,
      6,
      TELNET_IAC,
    ]);
    expect(outcome(() => dialog.sendTelnetCommand(256))).toBe('ERR_OUT_OF_RANGE');
    // And the other way round: discard up to the mark.
    send('queued output');
    peer.run(`s.send(bytes([${TELNET_IAC}, ${TELNET_DM}]), socket.MSG_OOB)`);
    expect(dialog.poll(5000, SELECT_URGENT)).toBe(true);
    const buffer = Buffer.alloc(64);
    while (!dialog.readToMark(buffer).atMark);
    expect(dialog.receiveUrgent()).toBe(TELNET_DM);
  },
  '#getLineLimit #setLineLimit #getReplyLimit #setReplyLimit': () => {
    expect([dialog.getLineLimit(), dialog.getReplyLimit()]).toEqual([4096, 65_536]);
    dialog.setLineLimit(5);
    send('123456\r\n');
    expect(outcome(() => dialog.receiveMessage())).toBe('EMSGSIZE');
    dialog.setLineLimit(6);
    expect(dialog.receiveMessage()).toBe('123456');
    dialog.setReplyLimit(8);
    send('1-a\r\n');
    send('220-a\r\n220-b\r\n220 c\r\n');
    expect(dialog.receiveStatusMessage()).toEqual({ status: 0, message: '1-a' });
    expect(outcome(() => dialog.receiveStatusMessage())).toBe('EMSGSIZE');
    expect(dialog.receiveMessage()).toBe('220-a');
    for (const wrong of [0, -1, NaN]) {
      expect(
        outcome(() => {
          dialog.setLineLimit(wrong);
        }),
      ).toBe('ERR_OUT_OF_RANGE');
    }
  },
  '#getEncoding #setEncoding': () => {
    expect(dialog.getEncoding()).toBe('utf8');
    dialog.setEncoding('latin1');
    peer.run("s.sendall(b'\\xfc\\r\\n')");
    expect(dialog.receiveMessage()).toBe('ü');
    dialog.sendString('ü');
    expect(received(1)).toBe('\u00fc');
    expect(
      outcome(() => {
        dialog.setEncoding('utf16' as never);
      }),
    ).toBe('ERR_INVALID_ARG_VALUE');
  },
});

test('handles on one implementation share what was received; close forgets it', () => {
  send('one\r\ntwo\r\n');
  expect(dialog.receiveMessage()).toBe('one');
  const other = new DialogSocket(dialog);
  expect(other.receiveMessage()).toBe('two');
  send('three\r\nfour\r\n');
  expect(other.receiveMessage()).toBe('three');
  dialog.close();
  expect(dialog.buffered()).toBe(0);
  expect(outcome(() => new DialogSocket(new StreamSocket()).receiveMessage())).toBe('EBADF');
});
