import { committed, summary } from './loadResult.ts';
import { observe } from './observation.ts';

const readAt = '2026-01-05T09:00:00.500Z';
const at = (time: string): Date => new Date(`2026-01-05T${time}Z`);
const version = (number: number, rows: Record<string, number>, warnings = 0) => ({
  version: number,
  rows,
  deleted: {},
  warnings,
});

test('lag is the longest that rows of a table took from the look at the source to the warehouse', () => {
  const result = summary(3, [
    committed(version(1, { dim_staff: 1, dim_design: 1 }), readAt, at('09:10:00.500')),
    committed(version(2, { dim_staff: 4 }), readAt, at('09:00:30.750')),
    committed(version(3, { fact_payment: 1 }), readAt, at('08:59:59')),
  ]);
  expect(result.lag).toEqual({ dim_staff: 600, dim_design: 600, fact_payment: 0 });
  expect(observe(result)).toEqual({
    version: 3,
    fields: {
      versions: 3,
      rows: { dim_staff: 5, dim_design: 1, fact_payment: 1 },
      deleted: {},
      lag: { dim_staff: 600, dim_design: 600, fact_payment: 0 },
    },
    warnings: [],
    metrics: [
      { name: 'RowsLoaded', unit: 'Count', value: 5, table: 'dim_staff' },
      { name: 'RowsLoaded', unit: 'Count', value: 1, table: 'dim_design' },
      { name: 'RowsLoaded', unit: 'Count', value: 1, table: 'fact_payment' },
      { name: 'LagSeconds', unit: 'Seconds', value: 600, table: 'dim_staff' },
      { name: 'LagSeconds', unit: 'Seconds', value: 600, table: 'dim_design' },
      { name: 'LagSeconds', unit: 'Seconds', value: 0, table: 'fact_payment' },
    ],
  });
});

test('fact rows that changed unseen by last_updated are one warning', () => {
  const { warnings } = observe(summary(1, [committed(version(1, { fact_payment: 3 }, 2), readAt, at('09:00:01'))]));
  expect(warnings).toEqual([{ message: 'fact rows changed though their last_updated did not', fields: { rows: 2 } }]);
});

test('nothing to load has no rows and no lag', () => {
  expect(observe(summary(7, []))).toEqual({
    version: 7,
    fields: { versions: 0, rows: {}, deleted: {}, lag: {} },
    warnings: [],
    metrics: [],
  });
});
