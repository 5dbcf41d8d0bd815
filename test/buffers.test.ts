/** FIFOBuffer and GrowableBuffer, member by member. */
import { FIFOBuffer, GrowableBuffer } from '../lib/index';
import { outcome } from './support/peer';

/** What a notifying FIFO emitted: R or W, and the sign of the change. */
function watched(fifo: FIFOBuffer): string[] {
  const events: string[] = [];
  fifo.on('readable', (on) => events.push(on ? 'R+' : 'R-'));
  fifo.on('writable', (on) => events.push(on ? 'W+' : 'W-'));
  return events;
}

const bytes = (text: string): Buffer => Buffer.from(text);

describe('FIFOBuffer', () => {
  test('events: fill, empty, two bytes, three more', () => {
    const fifo = new FIFOBuffer(5, true);
    const events = watched(fifo);
    fifo.write(bytes('hello'));
    fifo.drain();
    fifo.write(bytes('ab'));
    fifo.write(bytes('cde'));
    expect(events).toEqual(['R+', 'W-', 'R-', 'W+', 'R+', 'W-']);
  });

  test('notification is off unless asked for, and can be switched', () => {
    const fifo = new FIFOBuffer(2);
    const events = watched(fifo);
    fifo.write(bytes('a'));
    expect([fifo.getNotify(), events]).toEqual([false, []]);
    fifo.setNotify();
    fifo.drain(1);
    expect([fifo.getNotify(), events]).toEqual([true, ['R-']]);
  });

  test('size, used, available, empty, full, at', () => {
    const fifo = new FIFOBuffer(3);
    expect([fifo.size(), fifo.used(), fifo.available(), fifo.isEmpty()]).toEqual([3, 0, 3, true]);
    expect(fifo.write(bytes('abcd'))).toBe(3);
    expect([fifo.used(), fifo.available(), fifo.isFull(), fifo.at(2)]).toEqual([3, 0, true, 99]);
    expect(outcome(() => fifo.at(3))).toBe('ERR_OUT_OF_RANGE');
  });

  test('next and advance, begin and drain: what goes in comes out, first in first', () => {
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
  });

  test('peek, read, copy', () => {
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
  });

  test('resize keeps what is held, or refuses', () => {
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
  });

  test('end of file and error', () => {
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
  });
});

describe('GrowableBuffer', () => {
  test('grows, shrinks without giving capacity back, and never shows old bytes', () => {
    const buffer = new GrowableBuffer(bytes('abc'));
    buffer.resize(1);
    expect([buffer.size(), buffer.capacity()]).toEqual([1, 3]);
    buffer.resize(3);
    expect([...buffer.begin()]).toEqual([97, 0, 0]);
    buffer.setCapacity(2);
    expect([buffer.size(), buffer.capacity()]).toEqual([2, 2]);
  });

  test('assign, append, at, clear, swap, equals', () => {
    const buffer = new GrowableBuffer();
    buffer.assign('ab');
    buffer.append(bytes('c'));
    buffer.append(100);
    expect([buffer.begin().toString(), buffer.at(3)]).toEqual(['abcd', 100]);
    const other = new GrowableBuffer(bytes('abcd'));
    expect(buffer.equals(other)).toBe(true);
    other.clear();
    expect(other.empty()).toBe(true);
    buffer.swap(other);
    expect([buffer.size(), other.size()]).toEqual([0, 4]);
    expect(outcome(() => buffer.at(0))).toBe('ERR_OUT_OF_RANGE');
  });
});
