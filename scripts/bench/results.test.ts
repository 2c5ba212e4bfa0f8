import { countRequests, dollarsOfFunctions, dollarsOfRun } from './cost.ts';
import { markdown } from './markdown.ts';
import { median, type Run, type Size } from './results.ts';
import { promises } from './verdict.ts';

const run = (seconds: number, peakMegabytes = 100): Run => {
  const call = { seconds: seconds / 3, cpuSeconds: seconds / 30, peakMegabytes };
  return { ingest: call, transform: call, load: call };
};
const size = (orders: number, seconds: number, more: Partial<Size> = {}): Size => ({
  orders,
  rows: orders * 4.5,
  first: [run(seconds), run(seconds * 9), run(seconds)],
  limits: [],
  bytes: { raw: 1e9, processed: 2e9, warehouse: 3e9 },
  deltas: {},
  ...more,
});

test('a median is the middle, or between two', () => {
  expect([median([3, 1, 2]), median([4, 1]), median([7])]).toEqual([2, 2.5, 7]);
  expect(() => median([])).toThrow(RangeError);
});

test('promises are held against medians, memory against the highest', () => {
  const million = size(1_000_000, 40, {
    limits: [{ kept: 25, afterwards: 10 }],
    deltas: { nothing: [run(1)], hundred: [run(0.9)] },
  });
  const ten = size(10_000_000, 450, { first: [run(450, 299), run(450, 301)] });
  const bundles = [
    { stage: 'ingest', zipBytes: 299_000, importMilliseconds: 90 },
    { stage: 'load', zipBytes: 3_100_000, importMilliseconds: 149 },
  ] as const;
  const kept = promises([million, ten], { writes: 5, reads: 6 }, bundles).map(
    (each) => `${each.what}: ${each.seen}, ${each.kept ? 'kept' : 'broken'}`,
  );
  expect(kept).toEqual([
    'a first load of 1,000,000 orders takes at most 2 × the limit: 1.60 ×, kept',
    'ten million orders take at most 11 × one million: 11.3 ×, broken',
    'no stage needs 300 MB at 1,000,000 orders: 100 MB, kept',
    'no stage needs 300 MB at 10,000,000 orders: 301 MB, broken',
    'a warm run without a change needs under 0.2 s of CPU, 1,000,000 orders: 0.100 s, kept',
    '100 changed rows arrive in under 1 s, 1,000,000 orders: 0.90 s, kept',
    'a run without a change makes at most 10 requests: 11, broken',
    'every zip has less than 3 MB: 3.10 MB, broken',
    'every function loads in under 150 ms: 149 ms, kept',
  ]);
});

test('the page has a table for each size and says what psql took', () => {
  const machine = { processor: 'Chip', cores: 2, memoryGigabytes: 8, node: 'v22', postgres: 'PostgreSQL 18' };
  const page = markdown(machine, {
    sizes: [size(10_000, 3, { limits: [{ kept: 2, afterwards: 1 }], deltas: { two: [run(0.3)] } })],
    requests: { nothing: { writes: 5, reads: 4 }, hundred: { writes: 30, reads: 20 } },
    bundles: [{ stage: 'ingest', zipBytes: 299_000, importMilliseconds: 90 }],
    promised: [],
  });
  expect(page).toContain('| **together** | **3.00** | **15,000** | 0.30 |  |');
  expect(page).toContain('| `psql`, keys kept; the pipeline takes 1.50 × | 2.00 | 22,500 |  |  |');
  expect(page).toContain('| 10,000 | 2 rows | 1 | 0.30 | 0.10 | 0.10 | 0.10 | 0.03 | 100 |');
  expect(page).toContain('| ingest | 0.30 | 90 |');
});

test('requests are counted as S3 prices them', () => {
  const made = ['PUT a', 'GET a', 'HEAD a', 'GET ?list-type=2&prefix=log', 'POST a?uploads'];
  expect(countRequests(made)).toEqual({ writes: 3, reads: 2 });
});

test('a function is paid for its memory and seconds, longer where its memory has less than a core', () => {
  const waits = { seconds: 10, cpuSeconds: 0, peakMegabytes: 100 };
  const computes = { seconds: 10, cpuSeconds: 10, peakMegabytes: 100 };
  const nothing = { seconds: 0, cpuSeconds: 0, peakMegabytes: 100 };
  const dollars = (more: Partial<Run>): number =>
    dollarsOfFunctions([{ ingest: nothing, transform: nothing, load: nothing, ...more }]) - 3 * 0.0000002;
  expect(dollars({ ingest: waits })).toBeCloseTo(10 * 0.0000133334, 9);
  expect(dollars({ ingest: computes })).toBeCloseTo(17.275 * 0.0000133334, 6);
  expect(dollars({ transform: computes })).toBeCloseTo(10 * (1769 / 1024) * 0.0000133334, 9);
  const run = { ingest: nothing, transform: nothing, load: nothing };
  expect(dollarsOfRun([run], { writes: 10, reads: 10 })).toBeCloseTo(3 * 0.0000002 + 0.0002 + 0.00005 + 0.000004, 9);
});
