import fc from 'fast-check';
import { random } from './random.ts';

const take = (seed: number, stream?: number) => {
  const source = random(seed, stream);
  return Array.from({ length: 5 }, () => source.below(2 ** 32));
};

// What an independent implementation of sfc32, in Python's unbounded integers, gives for the same seeds.
test('the numbers are those of sfc32, on every machine', () => {
  expect(take(1)).toEqual([3387734806, 1080862987, 3546521498, 2861869171, 428981239]);
  expect(take(-(2 ** 40) - 7, 9)).toEqual([3910285897, 4002075236, 2893401929, 1853968936, 659989690]);
});

test('seeds and streams tell generators apart, all bits of the seed included', () => {
  const seeds = [0, 1, -1, 2 ** 32, 2 ** 32 + 1, Number.MAX_SAFE_INTEGER, Number.MIN_SAFE_INTEGER];
  const all = seeds.flatMap((seed) => [0, 1, 2].map((stream) => take(seed, stream).join()));
  expect(new Set(all).size).toBe(all.length);
});

test('numbers stay within their limits', () => {
  fc.assert(
    fc.property(fc.maxSafeInteger(), fc.integer(), fc.nat(), (seed, low, span) => {
      const source = random(seed);
      for (let round = 0; round < 20; round++) {
        expect(source.below(span + 1)).toBeLessThanOrEqual(span);
        const value = source.between(low, low + span);
        expect(Number.isInteger(value) && value >= low && value <= low + span).toBe(true);
      }
    }),
  );
});

test('every number of a range comes up about equally often, both ends included', () => {
  const source = random(7);
  const counts = new Array<number>(10).fill(0);
  for (let round = 0; round < 100_000; round++) counts[source.between(5, 14) - 5]!++;
  for (const count of counts) expect(Math.abs(count - 10_000)).toBeLessThan(500);
  const hits = Array.from({ length: 10_000 }, () => source.oneIn(100)).filter(Boolean).length;
  expect(Math.abs(hits - 100)).toBeLessThan(50);
});

test('picks one of the items, and says so when there is none', () => {
  const source = random(3);
  const picked = new Set(Array.from({ length: 100 }, () => source.pick(['a', 'b', 'c'])));
  expect([...picked].sort()).toEqual(['a', 'b', 'c']);
  expect(() => source.pick([])).toThrow(new RangeError('there is nothing to pick from'));
});
