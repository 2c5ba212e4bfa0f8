import type { Comparison } from './compare.ts';
import { outcome, type Outcome } from './measured.ts';
import { page } from './page.ts';
import { programs } from './programs.ts';

const machine = { processor: 'Chip', cores: 2, memoryGigabytes: 8, node: 'v22', postgres: 'PostgreSQL 18' };
const program = (name: string) => programs.find((each) => each.name === name)!;
const took = (seconds: number): Outcome => ({
  kind: 'done',
  took: { seconds, cpuSeconds: seconds / 2, peakMegabytes: 100 },
});

test('a run is done, late, skipped or failed', () => {
  const answer = { seconds: 2, cpuSeconds: 1, peakMegabytes: 3, exitCode: 0, late: false };
  expect(outcome(answer, 'all is well', 600)).toEqual({
    kind: 'done',
    took: { seconds: 2, cpuSeconds: 1, peakMegabytes: 3 },
  });
  expect(outcome({ ...answer, exitCode: -9, late: true }, '', 600)).toEqual({ kind: 'late', limitSeconds: 600 });
  expect(outcome({ ...answer, exitCode: 69 }, 'a warning\nskipped: no wheel', 600)).toEqual({
    kind: 'skipped',
    why: 'no wheel',
  });
  expect(outcome({ ...answer, exitCode: 1 }, 'no such table', 600)).toEqual({
    kind: 'failed',
    why: 'exit code 1: no such table',
  });
});

test('the page has medians of what was done, and says why there are none', () => {
  const comparison: Comparison = {
    orders: 10_000,
    rows: 45_000,
    programs: [
      {
        program: program('totes'),
        outcomes: [took(9), took(3), took(4)],
        left: { primaryKeys: 22, foreignKeys: 24, amounts: ['numeric'] },
      },
      { program: program('Sling'), outcomes: [{ kind: 'skipped', why: 'no wheel' }], left: undefined },
      { program: program('dlt'), outcomes: [took(9), { kind: 'late', limitSeconds: 600 }], left: undefined },
      { program: program('DuckDB'), outcomes: [{ kind: 'failed', why: 'exit code 1' }], left: undefined },
    ],
  };
  const text = page(machine, { dlt: '1.2', 'sling-mac-arm64': '1.4' }, [comparison]);
  expect(text).toContain('| totes | 3 | 4.00 | 11,250 | 2.00 | 100 |');
  expect(text).toContain('| totes | a star | 22 | 24 | `numeric` |');
  expect(text).toContain('| Sling |  | skipped: no wheel |  |  |  |');
  expect(text).toContain('| dlt, arrow |  | more than 600 |  |  |  |');
  expect(text).toContain('| DuckDB |  | failed |  |  |  |');
  expect(text).toContain('- **dlt 1.2, arrow**:');
  expect(text).toContain('- **Sling 1.4**:');
});
