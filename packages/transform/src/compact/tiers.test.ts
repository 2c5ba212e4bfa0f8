import type { CompactedRef } from '@totes/core';
import { tiers } from './tiers.ts';

const objects = (...rows: number[]) =>
  rows.map((count, i) => ({ key: `o${i}`, rows: count, bytes: 1, sha256: '', version: i + 1 }));
const merged = (...rows: number[]): number[][] =>
  tiers(objects(...rows), 1000).map((group) => group.map(({ rows: count }) => count));

test('small objects are merged with those before them, far larger ones and full ones are left', () => {
  expect(merged()).toEqual([]);
  expect(merged(5)).toEqual([[5]]);
  expect(merged(5, 5)).toEqual([[5, 5]]);
  expect(merged(500, 5, 4, 6)).toEqual([[500], [5, 4, 6]]);
  expect(merged(1000, 1000, 900)).toEqual([[1000], [1000], [900]]);
  expect(merged(1, 1000, 1)).toEqual([[1], [1000], [1]]);
  expect(merged(900, 500)).toEqual([[900, 500]]);
});

test('over many compactions objects stay few, and rows are written few times', () => {
  let kept: CompactedRef[] = [];
  let written = 0;
  let version = 0;
  for (let compaction = 0; compaction < 200; compaction++) {
    // Sizes without a pattern, and the same each time.
    const added = Array.from({ length: 64 }, () => {
      const rows = 1 + ((++version * 7919) % 40);
      return { key: `v${version}`, rows, bytes: 1, sha256: '', version };
    });
    kept = tiers([...kept, ...added], 50_000).map((group) => {
      const rows = group.reduce((sum, each) => sum + each.rows, 0);
      if (group.length > 1) written += rows;
      return { ...group[0]!, rows };
    });
    expect(kept.filter(({ rows }) => rows < 50_000).length).toBeLessThanOrEqual(17);
  }
  const all = kept.reduce((sum, { rows }) => sum + rows, 0);
  expect(kept.length).toBeLessThan(25);
  expect(written / all).toBeLessThan(10);
});
