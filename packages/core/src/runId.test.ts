import { newRunId } from './runId.ts';

const now = new Date('2026-01-05T09:00:00.123Z');

test('an id tells when its run began, and no two are the same', () => {
  const ids = Array.from({ length: 100 }, () => newRunId(now));
  for (const id of ids) expect(id).toMatch(/^20260105T090000Z-[0-9a-f]{8}$/);
  expect(new Set(ids).size).toBe(100);
});

test.each(['3f0c8f9e-5d3a-4c39-8f5c-6a2f1b0f7f11', 'by_hand-2', 'x'.repeat(80)])('an id names the run %s', (run) => {
  const ids = Array.from({ length: 50 }, () => newRunId(now, run));
  for (const id of ids) expect(id).toMatch(new RegExp(`^${run}[.][0-9a-f]{8}$`));
  // Of 65,536, so that two of fifty may be the same.
  expect(new Set(ids).size).toBeGreaterThan(40);
});

test.each(['', 'a/b', '..', 'a.b', 'é', 'a b', 'a\n', 'x'.repeat(81)])('%j is no part of an id', (run) => {
  expect(newRunId(now, run)).toMatch(/^20260105T090000Z-[0-9a-f]{8}$/);
});
