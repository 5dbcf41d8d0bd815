/** An open descriptor: who closes it, and who is told before. */
import { invalidArgValue } from './errors';
import { native } from './native';

export const NO_DESCRIPTOR = -1;

/** Keeps an open number: it is closed when nobody refers to its owner, or when the thread ends. */
export class Owner {
  /** What the addon knows it by; negative if it was refused. */
  readonly number: number;

  constructor(call: 'own' | 'adopt' | 'borrow', fd: number) {
    this.number = native[call](fd, this);
  }
}

export class Descriptor {
  /** The number, -1 if there is none. */
  fd = NO_DESCRIPTOR;
  /** @internal Closes the number when nobody refers to it; the event loop's watcher is its. */
  owner: Owner | undefined;
  /** Whether somebody else closes the number. */
  isBorrowed = false;
  /** @internal Who waits on the event loop; every idle connection may have one, so no closure. */
  readiness: { end: () => void } | undefined;
  #beforeClose: (() => void)[] | undefined;

  /** Takes over an open number that a call has just given. */
  attach(fd: number): void {
    this.#hold(fd, new Owner('own', fd), false);
  }

  /** Uses an open number that somebody else closes. */
  borrow(fd: number): void {
    this.#hold(fd, new Owner('borrow', fd), true);
  }

  /** Takes over an open number from elsewhere, which must not be another object's, in any thread. */
  takeOver(fd: number): void {
    const owner = new Owner('adopt', fd);
    if (owner.number < 0) {
      throw invalidArgValue('fd', 'belongs to another object here: detach() or dup() it', fd);
    }
    this.#hold(fd, owner, false);
  }

  #hold(fd: number, owner: Owner, isBorrowed: boolean): void {
    this.owner = owner;
    this.fd = fd;
    this.isBorrowed = isBorrowed;
  }

  /** Gives the number away, still open; -1 if there is none. */
  detach(): number {
    if (this.owner === undefined) return NO_DESCRIPTOR;
    this.readiness?.end();
    if (this.#beforeClose !== undefined) for (const leave of [...this.#beforeClose]) leave();
    const { fd } = this;
    native.disown(this.owner.number);
    this.owner = undefined;
    this.fd = NO_DESCRIPTOR;
    return fd;
  }

  /** close(2). Its errors tell nothing that could be acted upon: the number is gone. */
  close(): void {
    const { isBorrowed } = this;
    const fd = this.detach();
    if (fd !== NO_DESCRIPTOR && !isBorrowed) native.close(fd);
  }

  /** @internal The event loop's watcher was made; where it changes the mode, it is put back. */
  restoreMode(): void {
    // What has no mode of its own has none to put back.
  }

  /** Whoever watches the number is told before it is closed or given away. */
  beforeClose(leave: () => void): void {
    (this.#beforeClose ??= []).push(leave);
  }

  /** Takes back {@link beforeClose}. */
  forget(leave: () => void): void {
    this.#beforeClose = this.#beforeClose?.filter((other) => other !== leave);
  }
}
