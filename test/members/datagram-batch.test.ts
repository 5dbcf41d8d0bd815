/** The public members of `DatagramBatch`; receiving and sending is the socket's. */
import { DatagramBatch } from '../../lib/index';
import { testMembers } from '../support/members';
import { outcome } from '../support/peer';

testMembers(
  'DatagramBatch',
  {
    '#set #length #data #address #flags': () => {
      const batch = new DatagramBatch(2, 4);
      expect([batch.count, batch.size, batch.slab.length]).toEqual([2, 4, 8]);
      batch.set(1, 'abc', '127.0.0.1:9');
      expect([batch.length(0), batch.length(1), batch.data(1).toString()]).toEqual([0, 3, 'abc']);
      expect([batch.address(0), String(batch.address(1)), batch.flags(1)]).toEqual([
        null,
        '127.0.0.1:9',
        0,
      ]);
      for (const wrong of [
        () => batch.length(2),
        () => batch.data(-1),
        () => {
          batch.set(0, 'abcde');
        },
        () => {
          batch.set(2, 'a');
        },
        () => batch.data(0n as unknown as number),
        () => new DatagramBatch(-1, 4),
        () => new DatagramBatch(1, NaN),
      ]) {
        expect(outcome<unknown>(wrong)).toBe('ERR_OUT_OF_RANGE');
      }
    },
  },
  ['#receive', '#send'],
);
