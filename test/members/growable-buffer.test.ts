/** The public members of `GrowableBuffer`. */
import { GrowableBuffer } from '../../lib/index';
import { outcome } from '../support/peer';
import { testMembers } from '../support/members';

const bytes = (text: string): Buffer => Buffer.from(text);

testMembers('GrowableBuffer', {
  // grows, shrinks without giving capacity back, and never shows old bytes
  '#size #capacity #resize #setCapacity #begin': () => {
    const buffer = new GrowableBuffer(bytes('abc'));
    buffer.resize(1);
    expect([buffer.size(), buffer.capacity()]).toEqual([1, 3]);
    buffer.resize(3);
    expect([...buffer.begin()]).toEqual([97, 0, 0]);
    buffer.setCapacity(2);
    expect([buffer.size(), buffer.capacity()]).toEqual([2, 2]);
  },
  // assign, append, at, clear, swap, equals
  '#assign #append #at #clear #empty #swap #equals': () => {
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
  },
});
