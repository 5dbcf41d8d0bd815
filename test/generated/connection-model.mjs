/**
 * What a connection is, without sockets: per direction what was sent and not yet received, with the
 * place of the urgent mark, and per end what is shut down, closed or broken.
 */

/** After so many bytes the content of a direction begins again. */
export const PERIOD = 65_536;
/** The content of a direction, twice, so that a part from anywhere is one piece. */
export const content = Buffer.from(
  { length: 2 * PERIOD },
  (_, k) => (k * 31 + ((k % PERIOD) >> 8) * 7) & 0xff,
);

/** A stream of bytes. */
export class Bytes {
  sent = 0;
  /** Sent and not received, without the byte that is urgent now. */
  pending = Buffer.alloc(0);
  /** How many bytes stand before the mark, the byte, and whether `MSG_OOB` has had it. */
  mark;
  isUncertain = false;

  /** @param countsUrgent Whether FIONREAD goes past the mark, as that of Unix sockets. */
  constructor(countsUrgent) {
    this.countsUrgent = countsUrgent;
  }

  /** The bytes that a send of `length` has to take now. */
  next(length) {
    return content.subarray(this.sent % PERIOD, (this.sent % PERIOD) + length);
  }

  send(length) {
    this.pending = Buffer.concat([this.pending, this.next(length)]);
    this.sent += length;
  }

  /** TCP: an earlier urgent byte becomes data, or is lost if the reader stands at it. */
  sendUrgent(byte) {
    if (this.mark?.at > 0) {
      const { at, byte: earlier } = this.mark;
      const parts = [this.pending.subarray(0, at), Buffer.of(earlier), this.pending.subarray(at)];
      this.pending = Buffer.concat(parts);
    }
    this.mark = { at: this.pending.length, byte, isTaken: false };
  }

  get isAtMark() {
    return this.mark?.at === 0;
  }

  get hasUrgent() {
    return this.mark !== undefined && !this.mark.isTaken;
  }

  get isEmpty() {
    return this.pending.length === 0;
  }

  /** FIONREAD; on Unix sockets an urgent byte that was passed stays in the count for a while. */
  get available() {
    if (this.isUncertain) return undefined;
    if (this.countsUrgent) return this.pending.length + (this.hasUrgent ? 1 : 0);
    return this.mark?.at ?? this.pending.length;
  }

  /** What a receive of `length` gives: up to the mark, or what is behind it if it stands there. */
  peek(length) {
    return this.pending.subarray(0, Math.min(length, this.mark?.at || this.pending.length));
  }

  /** The receive itself, which goes past the mark even if it finds nothing. */
  receive(length) {
    const found = this.peek(length);
    if (this.isAtMark) {
      this.isUncertain ||= this.countsUrgent && this.hasUrgent;
      this.mark = undefined;
    }
    this.pending = this.pending.subarray(found.length);
    if (this.mark) this.mark.at -= found.length;
    return found;
  }

  receiveUrgent() {
    if (!this.hasUrgent) return null;
    this.mark.isTaken = true;
    return this.mark.byte;
  }

  /** Whether a receive that wants all of `length` ends at once. */
  satisfies(length) {
    return this.pending.length >= length || this.mark?.at > 0;
  }

  /** The length of what is received, which `MSG_TRUNC` tells. */
  whole(length) {
    return this.peek(length).length;
  }
}

/** Messages: each receive gives one, as much of it as has room. */
export class Messages {
  sent = 0;
  pending = [];
  isAtMark = false;
  hasUrgent = false;

  /** @param countsAll Whether FIONREAD adds up what waits, as that of `SOCK_SEQPACKET`. */
  constructor(countsAll) {
    this.countsAll = countsAll;
  }

  next(length) {
    return content.subarray(this.sent % PERIOD, (this.sent % PERIOD) + length);
  }

  send(length) {
    this.pending.push(this.next(length));
    this.sent += length;
  }

  get isEmpty() {
    return this.pending.length === 0;
  }

  get available() {
    const counted = this.countsAll ? this.pending : this.pending.slice(0, 1);
    return counted.reduce((sum, message) => sum + message.length, 0);
  }

  peek(length) {
    return (this.pending[0] ?? Buffer.alloc(0)).subarray(0, length);
  }

  receive(length) {
    const found = this.peek(length);
    this.pending.shift();
    return found;
  }

  satisfies() {
    return !this.isEmpty;
  }

  whole() {
    return this.pending[0]?.length ?? 0;
  }
}

/** One end of a connection. */
class End {
  isOpen = true;
  isBlocking = true;
  hasShutSend = false;
  hasShutReceive = false;
  /** The peer has ended its direction: 0 comes after what is pending. */
  isEnded = false;
  /** The connection was reset: the next call that finds nothing better says so, once. */
  isBroken = false;

  constructor(incoming, outgoing) {
    this.incoming = incoming;
    this.outgoing = outgoing;
  }

  /** Whether a receive finds the end when nothing is pending. */
  get findsEnd() {
    return this.isEnded || this.hasShutReceive || this.isBroken;
  }

  get hasSomething() {
    return !this.incoming.isEmpty || this.findsEnd;
  }

  get cannotSend() {
    return this.hasShutSend || this.isBroken;
  }

  /** What close(2) leaves unread makes the peer see a reset. */
  get hasUnread() {
    return !this.incoming.isEmpty || this.incoming.mark !== undefined || this.incoming.isUncertain;
  }
}

/** Two ends, of one of the kinds `tcp4`, `tcp6`, `unix`, `seqpacket`, `udp`, `datagram`. */
export class Connection {
  constructor(kind) {
    this.kind = kind;
    this.isTcp = kind.startsWith('tcp');
    this.isStream = this.isTcp || kind === 'unix';
    this.hasEnds = this.isStream || kind === 'seqpacket';
    this.connect();
  }

  connect() {
    const [there, back] = [0, 1].map(() =>
      this.isStream ? new Bytes(this.kind === 'unix') : new Messages(this.kind === 'seqpacket'),
    );
    this.ends = [new End(back, there), new End(there, back)];
  }

  peer(side) {
    return this.ends[1 - side];
  }

  shutdownSend(side) {
    this.ends[side].hasShutSend = true;
    this.peer(side).isEnded = true;
  }

  /** A Unix peer learns of it, and cannot send any more; TCP does not tell. */
  shutdownReceive(side) {
    this.ends[side].hasShutReceive = true;
    if (!this.isTcp) this.peer(side).hasShutSend = true;
  }

  close(side) {
    const [end, peer] = [this.ends[side], this.peer(side)];
    end.isOpen = false;
    if (end.hasUnread) peer.isBroken = true;
    peer.isEnded = true;
    if (!this.isTcp) peer.hasShutSend = true;
  }

  /** What a TCP peer that is gone, or has shut both directions, is sent it answers by a reset. */
  #isRefused(side) {
    const { isOpen, hasShutSend, hasShutReceive } = this.peer(side);
    if (!this.isTcp || (isOpen && !(hasShutSend && hasShutReceive))) return false;
    for (const end of this.ends) end.isBroken = true;
    return true;
  }

  sent(side, length) {
    const { outgoing } = this.ends[side];
    if (this.#isRefused(side)) outgoing.sent += length;
    else outgoing.send(length);
  }

  sentUrgent(side, byte) {
    if (!this.#isRefused(side)) this.ends[side].outgoing.sendUrgent(byte);
  }
}
