import { expect, test } from '@jest/globals';
import { LakeCorrupt } from '../errors.ts';
import { parseSnapshot, withoutOthers, writtenSince } from './snapshot.ts';

const epoch = 2n ** 32n;

test('a snapshot is read with 64-bit ids', () => {
  expect(parseSnapshot('9007199254740993:9007199254740999:9007199254740993,9007199254740995')).toEqual({
    xmin: 9007199254740993n,
    xmax: 9007199254740999n,
    running: [9007199254740993n, 9007199254740995n],
  });
  expect(parseSnapshot('7:7:').running).toEqual([]);
});

test.each(['', '1:2', '1:2:x', 'a:2:', '1:2:3,4 '])('%j is not a snapshot', (text) => {
  expect(() => parseSnapshot(text)).toThrow(LakeCorrupt);
});

test('the condition names the low 32 bits of the xmin', () => {
  const since = (xmin: bigint): string => writtenSince({ xmin, xmax: xmin, running: [] });
  expect(since(750n)).toBe("age(xmin) BETWEEN 0 AND age('750'::xid)");
  expect(since(3n * epoch + 750n)).toBe(since(750n));
  expect(since(epoch - 1n)).toContain("'4294967295'::xid");
});

test('ids that no transaction has stand for the first that one can have', () => {
  for (const id of [0n, 1n, 2n]) {
    expect(writtenSince({ xmin: epoch + id, xmax: epoch + 9n, running: [] })).toContain("age('3'::xid)");
  }
});

test('transactions of other databases do not hold a snapshot back', () => {
  expect(withoutOthers('10:20:10,12,15', ['10', '15'])).toBe('12:20:12');
  expect(withoutOthers('10:20:10,12', ['12'])).toBe('10:20:10');
  expect(withoutOthers('10:20:10', ['10'])).toBe('20:20:');
  expect(withoutOthers('10:20:10', [])).toBe('10:20:10');
  expect(withoutOthers('20:20:', ['10'])).toBe('20:20:');
});

test('their ids are compared by the 32 bits that the server shows', () => {
  expect(withoutOthers(`${epoch + 5n}:${epoch + 9n}:${epoch + 5n},${epoch + 7n}`, ['5'])).toBe(
    `${epoch + 7n}:${epoch + 9n}:${epoch + 7n}`,
  );
});

test('the snapshot of a standby, which lists no running transactions, stays as it is', () => {
  expect(withoutOthers('10:20:', [])).toBe('10:20:');
});
