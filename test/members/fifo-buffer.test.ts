/** The public members of `FIFOBuffer`. */
import { FIFOBuffer } from '../../lib/index';
import { outcome } from '../support/peer';
import { testMembers } from '../support/members';

/** What a notifying FIFO emitted: R or W, and the sign of the change. */
function watched(fifo: FIFOBuffer): string[] {
  const events: string[] = [];
  fifo.on('readable', (on) => events.push(on ? 'R+' : 'R-'));
  fifo.on('writable', (on) => events.push(on ? 'W+' : 'W-'));
  return events;
}

const bytes = (text: string): Buffer => Buffer.from(text);

testMembers('FIFOBuffer', {
  // events: fill, empty, two bytes, three more
  '#write #drain': () => {
    const fifo = new FIFOBuffer(5, true);
    const events = watched(fifo);
    fifo.write(bytes('hello'));
    fifo.drain();
    fifo.write(bytes('ab'));
    fifo.write(bytes('cde'));
    expect(events).toEqual(['R+', 'W-', 'R-', 'W+', 'R+', 'W-']);
  },
  // notification is off unless asked for, and can be switched
  '#getNotify #setNotify': () => {
    const fifo = new FIFOBuffer(2);
    const events = watched(fifo);
    fifo.write(bytes('a'));
    expect([fifo.getNotify(), events]).toEqual([false, []]);
    fifo.setNotify();
    fifo.drain(1);
    expect([fifo.getNotify(), events]).toEqual([true, ['R-']]);
  },
  // size, used, available, empty, full, at
  '#size #used #available #isEmpty #isFull #at': () => {
    const fifo = new FIFOBuffer(3);
    expect([fifo.size(), fifo.used(), fifo.available(), fifo.isEmpty()]).toEqual([3, 0, 3, true]);
    expect(fifo.write(bytes('abcd'))).toBe(3);
    expect([fifo.used(), fifo.available(), fifo.isFull(), fifo.at(2)]).toEqual([3, 0, true, 99]);
    expect(outcome(() => fifo.at(3))).toBe('ERR_OUT_OF_RANGE');
  },
  // next and advance, begin and drain: what goes in comes out, first in first
  '#next #advance #begin': () => {
    const fifo = new FIFOBuffer(4);
    bytes('abc').copy(fifo.next());
    fifo.advance(3);
    fifo.drain(2);
    bytes('de').copy(fifo.next());
    fifo.advance(2);
    expect(fifo.begin().toString()).toBe('cde');
    expect(
      outcome(() => {
        fifo.advance(2);
      }),
    ).toBe('ERR_OUT_OF_RANGE');
    fifo.drain(99);
    expect(fifo.isEmpty()).toBe(true);
  },
  // peek, read, copy
  '#peek #read #copy': () => {
    const fifo = new FIFOBuffer(bytes('abc'));
    const into = Buffer.alloc(2);
    expect([fifo.peek(into), into.toString(), fifo.used()]).toEqual([2, 'ab', 3]);
    expect([fifo.read(into), into.toString(), fifo.used()]).toEqual([2, 'ab', 1]);
    expect(
      outcome(() => {
        fifo.copy(bytes('xyz'));
      }),
    ).toBe('ERR_OUT_OF_RANGE');
    fifo.copy(bytes('xy'));
    expect(fifo.begin().toString()).toBe('cxy');
  },
  // resize keeps what is held, or refuses
  '#resize': () => {
    const fifo = new FIFOBuffer(bytes('abc'));
    expect(
      outcome(() => {
        fifo.resize(2);
      }),
    ).toBe('ERR_OUT_OF_RANGE');
    fifo.resize(5);
    expect([fifo.size(), fifo.begin().toString()]).toEqual([5, 'abc']);
    fifo.resize(1, false);
    expect([fifo.size(), fifo.used()]).toEqual([1, 0]);
  },
  // end of file and error
  '#hasEOF #isEOF #setEOF #setError #isValid #isReadable #isWritable': () => {
    const fifo = new FIFOBuffer(3, true);
    const events = watched(fifo);
    fifo.write(bytes('a'));
    fifo.setEOF();
    expect([fifo.hasEOF(), fifo.isEOF(), fifo.isWritable(), fifo.isReadable()]).toEqual([
      true,
      false,
      false,
      true,
    ]);
    expect(fifo.write(bytes('b'))).toBe(0);
    fifo.setEOF(false);
    fifo.setError();
    expect([fifo.isValid(), fifo.used(), fifo.isWritable()]).toEqual([false, 0, false]);
    fifo.setError(false);
    expect(events).toEqual(['R+', 'W-', 'W+', 'R-', 'W-', 'W+']);
  },
});
