import fc from 'fast-check';
import { IdSet } from './idSet.ts';

const ids = fc.array(
  fc.oneof(fc.integer({ min: -70_000, max: 200_000 }), fc.constantFrom(-(2 ** 31), 2 ** 31 - 1, 0, 65_535, 65_536, -1)),
);

test('it holds what was added, in order, and nothing else', () => {
  fc.assert(
    fc.property(ids, fc.array(fc.integer()), (added, others) => {
      const set = IdSet.of(added);
      const expected = [...new Set(added)].sort((a, b) => a - b);
      expect([...set]).toEqual(expected);
      expect(set.size).toBe(expected.length);
      for (const id of [...added, ...others]) expect(set.has(id)).toBe(added.includes(id));
    }),
  );
});

test('its ranges are as few as can be and give it back', () => {
  fc.assert(
    fc.property(ids, (added) => {
      const ranges = [...IdSet.of(added).ranges()];
      const again = ranges.flatMap(([first, last]) => Array.from({ length: last - first + 1 }, (_, i) => first + i));
      expect(again).toEqual([...IdSet.of(added)]);
      expect(IdSet.ofRanges(ranges).equals(IdSet.of(added))).toBe(true);
      ranges.slice(1).forEach(([first], i) => {
        expect(first).toBeGreaterThan(ranges[i]![1] + 1);
      });
    }),
  );
});

test('a copy goes its own way', () => {
  const set = IdSet.of([1, 70_000]);
  const copy = set.copy();
  copy.add(2);
  expect([...set]).toEqual([1, 70_000]);
  expect([...copy]).toEqual([1, 2, 70_000]);
});

test('ids can be taken out again, and two sets are equal iff they hold the same', () => {
  fc.assert(
    fc.property(ids, ids, (added, deleted) => {
      const set = IdSet.of(added);
      for (const id of deleted) set.delete(id);
      const left = added.filter((id) => !deleted.includes(id));
      expect([...set]).toEqual([...IdSet.of(left)]);
      expect(set.size).toBe(new Set(left).size);
      expect([set.equals(IdSet.of(left)), IdSet.of(left).equals(set)]).toEqual([true, true]);
      expect(set.equals(IdSet.of(added))).toBe(left.length === added.length);
    }),
  );
});

test('two sets intersect iff they share an id, and one can take in the other', () => {
  fc.assert(
    fc.property(ids, ids, (some, others) => {
      const [set, other] = [IdSet.of(some), IdSet.of(others)];
      expect(set.intersects(other)).toBe(some.some((id) => other.has(id)));
      set.addAll(other);
      expect([...set]).toEqual([...IdSet.of([...some, ...others])]);
    }),
  );
});

test('sets of the same size are told apart', () => {
  expect(IdSet.of([1, 2]).equals(IdSet.of([1, 70_000]))).toBe(false);
  expect(IdSet.of([1, 70_000]).equals(IdSet.of([1, 2]))).toBe(false);
});
