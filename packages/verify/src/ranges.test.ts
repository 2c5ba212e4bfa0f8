import { differingWindows, type Range } from './ranges.ts';

const range = (number: number, sum = '1', count = 10_000): Range => ({ range: number, count, sum });

test('ranges that are the same on both sides are passed over', () => {
  expect(differingWindows([range(-1), range(3)], [range(3), range(-1)])).toEqual([]);
  expect(differingWindows([], [])).toEqual([]);
});

test('a range that differs in sum or count, or that one side lacks, is a window of keys', () => {
  const source = [range(-2), range(0), range(2), range(4)];
  const warehouse = [range(-2, '2'), range(0), range(2, '1', 9999), range(6)];
  expect(differingWindows(source, warehouse)).toEqual([
    { first: -32_768n, last: -16_385n },
    { first: 32_768n, last: 49_151n },
    { first: 65_536n, last: 81_919n },
    { first: 98_304n, last: 114_687n },
  ]);
});

test('ranges that follow one another are looked into together, up to some 65,000 rows', () => {
  const all = Array.from({ length: 10 }, (_, i) => range(i));
  const windows = differingWindows(all, []);
  expect(windows.map(({ first, last }) => Number(last - first + 1n) / 16_384)).toEqual([6, 4]);
  expect(differingWindows([range(0, '1', 1e6), range(1, '1', 1)], [])).toHaveLength(2);
});
