/** Telnet and rlogin, whose programs send urgent data: telnet to us, telnetd and rlogind to us. */
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  DialogSocket,
  SELECT_READ,
  SELECT_URGENT,
  ServerSocket,
  StreamSocket,
} from '../../lib/index';
import { Peer, outcome } from '../support/peer';
import { find, inetd, seeing, testWith } from '../support/programs';

const {
  TELNET_AO,
  TELNET_DM,
  TELNET_DO,
  TELNET_DONT,
  TELNET_IAC,
  TELNET_IP,
  TELNET_WILL,
  TELNET_WONT,
} = DialogSocket;
/** RFC 860 */
const TIMING_MARK = 6;

const bytes = (...values: number[]): string => Buffer.from(values).toString('latin1');
/** What follows the mark: DM; the IAC comes again if there was another Synch before it was passed. */
const DATA_MARK = /^\xff?\xf2/;
const buffer = Buffer.alloc(65_536);

let home: string;
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'bsd-sockets-'));
});
afterEach(() => {
  rmSync(home, { recursive: true });
});

/** Receives, past the mark too, until `text` has come. */
function receiveUntil(socket: StreamSocket, text: string): string {
  let received = '';
  do {
    const n = socket.receiveBytes(buffer);
    if (n === 0) throw new Error(`the end, after ${received}`);
    received += buffer.toString('latin1', 0, n);
  } while (!received.includes(text));
  return received;
}

/** What is discarded at a Synch: all before the mark. */
function receiveToMark(socket: StreamSocket): string {
  let discarded = '';
  for (;;) {
    const { bytes: n, atMark } = socket.readToMark(buffer);
    discarded += buffer.toString('latin1', 0, n);
    if (atMark) return discarded;
  }
}

testWith('telnet')('telnet (needs inetutils-telnet): Ctrl-C is IAC IP and a Synch', () => {
  const peer = new Peer();
  const server = new ServerSocket('127.0.0.1:0');
  server.setReceiveTimeout(10_000);
  writeFileSync(join(home, '.telnetrc'), '127.0.0.1 toggle autosynch\n');
  peer.run(`os.environ['HOME'] = ${JSON.stringify(home)}`);
  peer.run(`terminal = on_terminal('telnet', '127.0.0.1', '${server.address().port()}')`);
  const socket = server.acceptConnection() as StreamSocket;
  socket.setReceiveTimeout(10_000);
  socket.sendBytes('hello');
  peer.run("shown(terminal, b'hello')");
  peer.run("os.write(terminal, b'\\x03')");
  expect(socket.poll(10_000, SELECT_URGENT)).toBe(true);
  expect(receiveToMark(socket)).toBe(
    bytes(TELNET_IAC, TELNET_IP, TELNET_IAC, TELNET_DO, TIMING_MARK),
  );
  expect(socket.receiveUrgent()).toBe(TELNET_IAC);
  expect(socket.receiveBytes(buffer)).toBe(1);
  expect(buffer[0]).toBe(TELNET_DM);
  peer.run('os.close(terminal)');
  expect(socket.receiveBytes(buffer)).toBe(0);
  peer.close();
  socket.close();
  server.close();
});

describe('servers', () => {
  let server: ChildProcess;
  let socket: DialogSocket;
  beforeEach(() => {
    socket = new DialogSocket();
  });
  afterEach(async () => {
    const exit = once(server, 'exit');
    socket.close();
    await exit;
  });

  describe('telnetd (needs inetutils-telnetd)', () => {
    const withTelnetd = testWith('telnetd');
    /** What the shell says before each command. */
    const PROMPT = '# ';
    const UNREAD = 10_000;
    const ENDLESS = 2 ** 30;

    beforeEach(() => {
      server = inetd(socket, [find('telnetd') ?? 'true', '-h', '-E', '/bin/sh']);
      socket.setReceiveTimeout(10_000);
      refuseOptions(socket, PROMPT);
    });

    withTelnetd('IAC AO is answered by a Synch', () => {
      socket.sendTelnetCommand(TELNET_AO);
      expect(socket.poll(10_000, SELECT_URGENT)).toBe(true);
      receiveToMark(socket);
      expect(socket.receiveUrgent()).toBe(TELNET_IAC);
      expect(receiveUntil(socket, bytes(TELNET_DM))).toMatch(DATA_MARK);
    });

    withTelnetd('a Synch with IAC IP stops a command whose output is in the queues', () => {
      socket.sendMessage('yes');
      for (const end = Date.now() + 10_000; socket.available() < UNREAD && Date.now() < end;);
      socket.sendTelnetCommand(TELNET_IP);
      socket.synch();
      // The terminal's queue is flushed, and telnetd says so by a Synch of its own, for which it needs
      // room: what comes is discarded meanwhile, as telnet does it.
      let discarded = 0;
      while ((socket.pollEvents(10_000, SELECT_READ | SELECT_URGENT) & SELECT_URGENT) === 0) {
        discarded += socket.receiveBytes(buffer);
        if (discarded > ENDLESS) throw new Error('the command goes on');
      }
      discarded += receiveToMark(socket).length;
      expect(discarded).toBeGreaterThanOrEqual(UNREAD);
      expect(socket.receiveUrgent()).toBe(TELNET_IAC);
      socket.sendMessage('expr 40 + 2');
      expect(receiveUntil(socket, '42\r\n')).toMatch(DATA_MARK);
    });
  });

  testWith(
    'in.rlogind',
    'unshare',
    'root',
  )('rlogind (needs rsh-server, and root): urgent bytes are the terminal’s events', () => {
    // TIOCPKT's bits, ioctl_tty(2): what rlogin(1) is told urgently.
    const [FLUSHREAD, FLUSHWRITE, WINDOW] = [1, 2, 0x80];
    const pam = join(home, 'pam.d');
    cpSync('/etc/pam.d', pam, { recursive: true });
    const permit = ['auth', 'account', 'session', 'password'].map(
      (facility) => `${facility} required pam_permit.so\n`,
    );
    writeFileSync(join(pam, 'rlogin'), permit.join(''));
    bindReserved(socket);
    const command = seeing({ '/etc/pam.d': pam }, [find('in.rlogind') ?? '']);
    server = inetd(socket, command);
    socket.setReceiveTimeout(10_000);
    socket.sendBytes('\0root\0root\0dumb/9600\0');
    // It asks for the window's size.
    expect(socket.poll(10_000, SELECT_URGENT)).toBe(true);
    expect(socket.receiveUrgent()).toBe(WINDOW);
    receiveUntil(socket, '# ');
    socket.sendBytes('\x03');
    expect(socket.poll(10_000, SELECT_URGENT)).toBe(true);
    expect(socket.receiveUrgent()).toBe(WINDOW | FLUSHREAD | FLUSHWRITE);
    expect(socket.poll(10_000, SELECT_READ)).toBe(true);
    // The terminal's echo; a shell that has only just shown its prompt may show no other.
    receiveUntil(socket, '^C');
  });
});

/** Refuses every option that the server offers or asks for, until `text` has come. */
function refuseOptions(socket: DialogSocket, text: string): void {
  let received = '';
  for (let answered = 0; !received.includes(text);) {
    received += receiveUntil(socket, '');
    // IAC, WILL or DO, and the option.
    const offers = [...received.matchAll(/\xff[\xfb\xfd]([^])/g)];
    for (const [offer, option = ''] of offers.slice(answered)) {
      const refusal = offer.charCodeAt(1) === TELNET_WILL ? TELNET_DONT : TELNET_WONT;
      socket.sendTelnetCommand(refusal, option.charCodeAt(0));
    }
    answered = offers.length;
  }
}

/** rlogin's clients prove by such a port that they are root's, as rresvport(3) takes one. */
function bindReserved(socket: StreamSocket): void {
  for (let port = 1023; port >= 512; port--) {
    const bound = outcome(() => {
      socket.bind({ host: '127.0.0.1', port });
      return true;
    });
    if (bound === true) return;
  }
  throw new Error('no port is left');
}
