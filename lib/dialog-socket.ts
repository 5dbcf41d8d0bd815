/** `DialogSocket`: line by line, as FTP, SMTP and Telnet talk, with POCO's members. */
import { count, isBytes, view } from './buffers';
import { constants } from './constants';
import {
  ConnectionAbortedError,
  SocketError,
  invalidArgType,
  invalidArgValue,
  outOfRange,
} from './errors';
import type { Bytes } from './native';
import { WOULD_BLOCK } from './socket';
import type { SocketImpl } from './socket-impl';
import { StreamSocket } from './stream-socket';
import type { IncomingMessage, MessageRequest, OutgoingMessage } from './transfer';

const { ECONNABORTED, EMSGSIZE, MSG_OOB } = constants;

const CR = 13;
const LF = 10;

/** The room for what is received, at first; it grows with the line. */
const ROOM = 1024;
/** How many bytes a line and a reply may have, unless told otherwise. POCO's limit of a line. */
const LINE_LIMIT = 4096;
const REPLY_LIMIT = 65536;

/** RFC 959, 4.2: three digits, and a blank, a hyphen or nothing. */
const STATUS = /^(\d{3})(-| |$)/;

const encodings = ['utf8', 'latin1'] as const;

/** How text becomes bytes; with `'latin1'` every byte is one character, so none is changed. */
export type DialogEncoding = (typeof encodings)[number];

/** A reply to an FTP or SMTP command. */
export interface StatusMessage {
  /** The three digits as a number; 0 if the line does not begin with any. */
  status: number;
  /** All lines, with their digits, joined by LF. */
  message: string;
}

type WouldBlock = typeof WOULD_BLOCK;

/** A line in the buffer: the end of its text, and where the next one begins. */
interface Line {
  end: number;
  next: number;
}

/** What was received and not taken yet. Bytes leave it only as a result: an error takes none. */
class Inbox {
  lineLimit = LINE_LIMIT;
  replyLimit = REPLY_LIMIT;
  encoding: DialogEncoding = 'utf8';
  #memory = Buffer.alloc(ROOM);
  #begin = 0;
  #end = 0;

  size(): number {
    return this.#end - this.#begin;
  }

  clear(): void {
    this.#begin = this.#end;
  }

  /** The first byte, which must be there. */
  first(): number {
    return this.#memory.readUInt8(this.#begin);
  }

  skip(): void {
    this.#begin++;
  }

  /** Moves as much as there is and fits into `target`. */
  take(target: Buffer): number {
    const n = this.#memory.copy(target, 0, this.#begin, this.#end);
    this.#begin += n;
    return n;
  }

  /** Fills some room by `receive`, whose result it gives. */
  fill(receive: (room: Buffer) => number): number {
    const n = receive(this.#room());
    this.#end += Math.max(0, n);
    return n;
  }

  #room(): Buffer {
    if (this.#begin === this.#end || this.#end === this.#memory.length) this.#makeRoom();
    return this.#memory.subarray(this.#end);
  }

  #makeRoom(): void {
    const size = this.size();
    const isFull = size === this.#memory.length;
    const memory = isFull ? Buffer.alloc(2 * size) : this.#memory;
    this.#memory.copy(memory, 0, this.#begin, this.#end);
    this.#memory = memory;
    this.#begin = 0;
    this.#end = size;
  }

  /** The first line, if it is here whole. */
  takeLine(isAtEnd: boolean): string | undefined {
    const line = this.#lineAt(this.#begin, isAtEnd);
    if (line === undefined) return undefined;
    const text = this.#text(this.#begin, line);
    this.#begin = line.next;
    return text;
  }

  /** The first reply, if it is here whole. */
  takeReply(isAtEnd: boolean): StatusMessage | undefined {
    const lines: string[] = [];
    let status = '';
    for (let at = this.#begin; ;) {
      const line = this.#lineAt(at, isAtEnd);
      const length = (line?.next ?? this.#end) - this.#begin;
      if (length > this.replyLimit) throw tooLong('reply', this.replyLimit);
      if (line === undefined) return undefined;
      const text = this.#text(at, line);
      lines.push(text);
      at = line.next;
      const [, digits = '', separator = ''] = STATUS.exec(text) ?? [];
      if (lines.length === 1) status = digits;
      if (digits === status && separator !== '-') {
        this.#begin = at;
        return { status: Number(status), message: lines.join('\n') };
      }
    }
  }

  #text(begin: number, { end }: Line): string {
    return this.#memory.toString(this.encoding, begin, end);
  }

  #lineAt(begin: number, isAtEnd: boolean): Line | undefined {
    const limit = this.lineLimit;
    const bytes = this.#memory.subarray(begin, Math.min(this.#end, begin + limit + 1));
    const lf = bytes.indexOf(LF);
    const cr = (lf < 0 ? bytes : bytes.subarray(0, lf)).indexOf(CR);
    if (cr < 0 && lf < 0) {
      if (bytes.length > limit) throw tooLong('line', limit);
      return undefined;
    }
    if (cr < 0) return { end: begin + lf, next: begin + lf + 1 };
    const end = begin + cr;
    const next = end + 1;
    // Only the byte after a CR tells whether it is half of a CRLF.
    if (next === this.#end && !isAtEnd) return undefined;
    const isPair = next < this.#end && this.#memory[next] === LF;
    return { end, next: isPair ? next + 1 : next };
  }
}

/** Handles that share an implementation share what was received. */
const inboxes = new WeakMap<SocketImpl, Inbox>();

function inboxOf(impl: SocketImpl): Inbox {
  const known = inboxes.get(impl);
  if (known !== undefined) return known;
  const inbox = new Inbox();
  inboxes.set(impl, inbox);
  // What one connection sent must not be taken for the next one's.
  impl.beforeClose(() => {
    inbox.clear();
  });
  return inbox;
}

function tooLong(what: string, limit: number): SocketError {
  const hint = `the ${what} has more than ${String(limit)} bytes`;
  return new SocketError(-EMSGSIZE, 'recv', {}, undefined, hint);
}

function endedInside(what: string): SocketError {
  const hint = `the stream has ended inside a ${what}`;
  return new ConnectionAbortedError(-ECONNABORTED, 'recv', {}, undefined, hint);
}

function requireText(name: string, value: string): string {
  if (typeof value === 'string') return value;
  throw invalidArgType(name, 'a string', value);
}

function requireByte(name: string, value: number): number {
  if (typeof value !== 'number') throw invalidArgType(name, 'a number', value);
  if (Number.isInteger(value) && value >= 0 && value <= 0xff) return value;
  throw outOfRange(name, 'an integer from 0 to 255', value);
}

function requireLimit(value: number): number {
  if (count('bytes', value) > 0) return value;
  throw outOfRange('bytes', 'an integer >= 1', value);
}

function requireObject<T extends object>(name: string, expected: string, value: T): T {
  if (typeof value === 'object' && (value as object | null) !== null) return value;
  throw invalidArgType(name, expected, value);
}

/**
 * A `StreamSocket` that reads through a buffer of its own. The handles on one implementation share
 * the buffer, its limits and its encoding (POCO's copies lose each other's bytes); `close` and
 * `detach` empty it. What is received stays in it until a member gives it as a result: after
 * `WOULD_BLOCK`, a {@link TimeoutError} or any other error nothing is lost, and the same call goes
 * on where it was.
 *
 * What asks the kernel does not know the buffer: `poll`, `select`, `receiveBytes`, `readToMark` and
 * `receiveMessage(request)` see only what comes after it. Use them while {@link buffered} is 0.
 *
 * The buffer is filled by plain recv(2). It stops before the urgent mark, as every receive does; the
 * next one, at the mark, destroys an urgent byte that was not taken, and one that waits when a lone
 * urgent byte comes swallows it. Where the peer may send urgent data, wait by `poll`, and call
 * `receiveUrgent` first when it tells `SELECT_URGENT`.
 *
 * A receive timeout is for each recv(2), so a line that comes in pieces may take longer. The socket
 * must be of `SOCK_STREAM`: of a packet the part without room would be lost.
 *
 * Sending has no buffer. In blocking mode all goes, or an error tells `bytesSent`. In nonblocking
 * mode it is one send(2): `WOULD_BLOCK`, or a count, which may be short; the rest is the caller's to
 * send. Telnet's IAC is not doubled in text, and not looked for in what is received.
 */
export class DialogSocket extends StreamSocket {
  /** End of subnegotiation parameters. This and the others: RFC 854, "TELNET command structure". */
  static readonly TELNET_SE = 240;
  /** No operation. */
  static readonly TELNET_NOP = 241;
  /** Data mark: the urgent byte of a Synch. */
  static readonly TELNET_DM = 242;
  /** Break. */
  static readonly TELNET_BRK = 243;
  /** Interrupt process. */
  static readonly TELNET_IP = 244;
  /** Abort output. */
  static readonly TELNET_AO = 245;
  /** Are you there. */
  static readonly TELNET_AYT = 246;
  /** Erase character. */
  static readonly TELNET_EC = 247;
  /** Erase line. */
  static readonly TELNET_EL = 248;
  /** Go ahead. */
  static readonly TELNET_GA = 249;
  /** Subnegotiation of an option. */
  static readonly TELNET_SB = 250;
  /** The sender will use the option. */
  static readonly TELNET_WILL = 251;
  /** The sender will not use the option. */
  static readonly TELNET_WONT = 252;
  /** The receiver is to use the option. */
  static readonly TELNET_DO = 253;
  /** The receiver is not to use the option. */
  static readonly TELNET_DONT = 254;
  /** Interpret as command. */
  static readonly TELNET_IAC = 255;

  /** One byte by send(2). 1, or `WOULD_BLOCK`. */
  sendByte(value: number): number {
    return this.sendBytes(Uint8Array.of(requireByte('value', value)));
  }

  /** The text as it is, without a line end, by send(2). The count of bytes, or `WOULD_BLOCK`. */
  sendString(value: string): number {
    return this.sendBytes(this.#encode(requireText('value', value)));
  }

  /**
   * A line, by one send(2): the text, each argument after a blank, and CRLF; an empty last argument
   * is left out with its blank. The count of bytes, or `WOULD_BLOCK`. The text may hold line ends,
   * and is then several lines; an argument must not (`ERR_INVALID_ARG_VALUE`), so that data from
   * elsewhere cannot add a command.
   */
  override sendMessage(line: string, ...args: string[]): number;
  /** `StreamSocket`'s: sendmsg(2), for buffers. */
  override sendMessage(message: OutgoingMessage): number;
  override sendMessage(line: string | OutgoingMessage, ...args: string[]): number {
    if (typeof line !== 'string') {
      return super.sendMessage(requireObject('message', 'a string or an OutgoingMessage', line));
    }
    const parts = args.map((arg, index) => this.#argument(`args[${String(index)}]`, arg));
    if (parts.at(-1)?.length === 0) parts.pop();
    const blank = this.#encode(' ');
    const bytes = [this.#encode(line), ...parts.flatMap((part) => [blank, part])];
    return this.sendBytes(Buffer.concat([...bytes, this.#encode('\r\n')]));
  }

  /** Looked at as bytes: in latin-1 more characters than CR and LF become CR and LF. */
  #argument(name: string, value: string): Buffer {
    const bytes = this.#encode(requireText(name, value));
    if (!bytes.includes(CR) && !bytes.includes(LF)) return bytes;
    throw invalidArgValue(name, 'must not have a line end', value);
  }

  #encode(value: string): Buffer {
    return Buffer.from(value, this.getEncoding());
  }

  /**
   * The next line, without its end: CRLF, or LF, or CR alone, which is known when the byte after it
   * has come. null at the end of the stream; `WOULD_BLOCK`; {@link TimeoutError}.
   * {@link ConnectionAbortedError} if the stream ends inside a line: its part is in the buffer for
   * {@link receiveRawBytes}. `EMSGSIZE` if it is longer than {@link setLineLimit} allows: all of it
   * is left, to be read with a higher limit or as bytes.
   */
  override receiveMessage(): string | null | WouldBlock;
  /** `StreamSocket`'s: recvmsg(2), into buffers, past what is in the buffer here. */
  override receiveMessage(request: MessageRequest): IncomingMessage;
  override receiveMessage(request?: MessageRequest): string | null | WouldBlock | IncomingMessage {
    if (request !== undefined) {
      return super.receiveMessage(requireObject('request', 'a MessageRequest', request));
    }
    const inbox = inboxOf(this.implementation);
    return this.#receive(inbox, 'line', (isAtEnd) => inbox.takeLine(isAtEnd));
  }

  /**
   * The next reply of an FTP or SMTP server (RFC 959, 4.2; RFC 5321, 4.2.1): one line, or, if its
   * three digits are followed by a hyphen, all lines until one with the same digits and no hyphen.
   * A first line without digits is a reply by itself, of status 0. null at the end of the stream;
   * `WOULD_BLOCK`; {@link TimeoutError}. {@link ConnectionAbortedError} if the stream ends inside a
   * reply, `EMSGSIZE` if a line or the reply is too long: all of it is left, and
   * {@link receiveMessage} reads it line by line.
   */
  receiveStatusMessage(): StatusMessage | null | WouldBlock {
    const inbox = inboxOf(this.implementation);
    return this.#receive(inbox, 'reply', (isAtEnd) => inbox.takeReply(isAtEnd));
  }

  /** Receives until `take` gives something. */
  #receive<T>(
    inbox: Inbox,
    what: string,
    take: (isAtEnd: boolean) => T | undefined,
  ): T | null | WouldBlock {
    for (let isAtEnd = false; ;) {
      const taken = take(isAtEnd);
      if (taken !== undefined) return taken;
      if (isAtEnd) {
        if (inbox.size() > 0) throw endedInside(what);
        return null;
      }
      const n = this.#fill(inbox);
      if (n === WOULD_BLOCK) return WOULD_BLOCK;
      isAtEnd = n === 0;
    }
  }

  /** One recv(2) into the buffer. */
  #fill(inbox: Inbox): number {
    return inbox.fill((room) => this.receiveBytes(room));
  }

  /** The next byte. null at the end of the stream, `WOULD_BLOCK`, {@link TimeoutError}. */
  get(): number | null {
    const value = this.peek();
    if (value !== null && value !== WOULD_BLOCK) inboxOf(this.implementation).skip();
    return value;
  }

  /** The next byte, which stays: the next member gets it too. Results as {@link get}'s. */
  peek(): number | null {
    const inbox = inboxOf(this.implementation);
    const n = inbox.size() > 0 ? 1 : this.#fill(inbox);
    if (n === WOULD_BLOCK) return WOULD_BLOCK;
    return n === 0 ? null : inbox.first();
  }

  /**
   * Bytes as they came, into `length` bytes from `offset`: what is in the buffer, or, if it is
   * empty, what one recv(2) gives. The count, 0 at the end of the stream, `WOULD_BLOCK`,
   * {@link TimeoutError}.
   */
  receiveRawBytes(buffer: Bytes, offset = 0, length?: number): number {
    if (!isBytes(buffer)) {
      throw invalidArgType('buffer', 'an ArrayBufferView or an ArrayBuffer', buffer);
    }
    const most = buffer.byteLength - count('offset', offset, buffer.byteLength);
    const wanted = count('length', length ?? most, most);
    const inbox = inboxOf(this.implementation);
    if (inbox.size() === 0) return this.receiveBytes(buffer, 0, offset, wanted);
    return inbox.take(view(buffer, offset).subarray(0, wanted));
  }

  /** How many bytes are in the buffer here: received, and not taken yet. */
  buffered(): number {
    return inboxOf(this.implementation).size();
  }

  /** How many bytes can be read here now: {@link buffered}, and ioctl(2) with `FIONREAD`. */
  override available(): number {
    return super.available() + this.buffered();
  }

  /**
   * Telnet's Synch (RFC 854): IAC in the stream and DM as the urgent byte, by one send(2) with
   * `MSG_OOB`. 2, or `WOULD_BLOCK`. The peer discards up to the mark; here that is: empty the buffer
   * by {@link receiveRawBytes}, `readToMark` until `atMark`, then `receiveUrgent`.
   */
  synch(): number {
    const { TELNET_IAC, TELNET_DM } = DialogSocket;
    return this.sendBytes(Uint8Array.of(TELNET_IAC, TELNET_DM), MSG_OOB);
  }

  /** IAC, the command and, if given, its option, by one send(2). The count, or `WOULD_BLOCK`. */
  sendTelnetCommand(command: number, arg?: number): number {
    const bytes = [DialogSocket.TELNET_IAC, requireByte('command', command)];
    if (arg !== undefined) bytes.push(requireByte('arg', arg));
    return this.sendBytes(Uint8Array.from(bytes));
  }

  /** How many bytes a line may have without its end. */
  getLineLimit(): number {
    return inboxOf(this.implementation).lineLimit;
  }

  /** How many bytes a line may have without its end; default 4096, at least 1. */
  setLineLimit(bytes: number): void {
    inboxOf(this.implementation).lineLimit = requireLimit(bytes);
  }

  /** How many bytes a reply may have with its line ends. */
  getReplyLimit(): number {
    return inboxOf(this.implementation).replyLimit;
  }

  /** How many bytes a reply may have with its line ends; default 65536, at least 1. */
  setReplyLimit(bytes: number): void {
    inboxOf(this.implementation).replyLimit = requireLimit(bytes);
  }

  /** How text becomes bytes, both ways. */
  getEncoding(): DialogEncoding {
    return inboxOf(this.implementation).encoding;
  }

  /**
   * How text becomes bytes, both ways: `'utf8'` (the default), which receives bytes that are no
   * UTF-8 as U+FFFD, or `'latin1'`, which receives every byte as one character.
   */
  setEncoding(encoding: DialogEncoding): void {
    if (!encodings.includes(requireText('encoding', encoding) as DialogEncoding)) {
      throw invalidArgValue('encoding', "must be 'utf8' or 'latin1'", encoding);
    }
    inboxOf(this.implementation).encoding = encoding;
  }

  /** As `Socket`'s; what is in the buffer stays here, and the copy has the default limits. */
  override dup(): this {
    return new DialogSocket(super.dup()) as this;
  }

  /** As `StreamSocket`'s. */
  static override fromFileDescriptor(fd: number): DialogSocket {
    return new DialogSocket(StreamSocket.fromFileDescriptor(fd));
  }

  /** As `StreamSocket`'s. */
  static override pair(type?: number): [DialogSocket, DialogSocket] {
    const [first, second] = StreamSocket.pair(type);
    return [new DialogSocket(first), new DialogSocket(second)];
  }
}
