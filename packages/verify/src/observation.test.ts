import { observe } from './observation.ts';
import type { TableResult, VerifyResult } from './result.ts';

const table: TableResult = {
  rows: 9,
  missing: 0,
  extra: 0,
  altered: 0,
  stale: 0,
  setAside: 0,
  unjudged: 0,
  pending: 0,
  sample: [],
};

const equal: VerifyResult = {
  equal: true,
  version: 4,
  compared: 18,
  tables: { dim_staff: table, fact_payment: table },
  settled: { missing: 0, extra: 0, altered: 0, stale: 0 },
  gone: {},
  keys: {},
  truncated: false,
  seconds: 1,
};

const kinds = ['RowsMissing', 'RowsExtra', 'RowsAltered', 'RowsStale', 'RowsDiffering'];
const metrics = (...values: number[]) => kinds.map((name, i) => ({ name, unit: 'Count', value: values[i] }));

test('where all is equal there is nothing to warn of', () => {
  expect(observe(equal)).toEqual({
    version: 4,
    fields: { equal: true, compared: 18, rows: { dim_staff: 9, fact_payment: 9 }, asked: {}, truncated: false },
    warnings: [],
    metrics: metrics(0, 0, 0, 0, 0),
  });
});

test('differences that stay are one warning, with the counts of each table that differs', () => {
  const tables = { ...equal.tables, dim_staff: { ...table, missing: 2, stale: 1, pending: 1 } };
  const settled = { missing: 1, extra: 0, altered: 0, stale: 1 };
  const seen = observe({ ...equal, equal: false, tables, settled, keys: { staff: [1, 2, 3] } });
  expect(seen.fields).toMatchObject({ asked: { staff: 3 } });
  const counts = { dim_staff: { missing: 2, extra: 0, altered: 0, stale: 1, pending: 1 } };
  expect(seen.warnings).toEqual([{ message: 'source and warehouse differ', fields: { ...settled, tables: counts } }]);
  expect(seen.metrics).toEqual(metrics(1, 0, 0, 1, 2));
});

test('what the next run brings anyhow is no warning', () => {
  const tables = { dim_staff: { ...table, altered: 1, pending: 1 } };
  expect(observe({ ...equal, equal: false, tables }).warnings).toEqual([]);
});

test('rows set aside that the source has no more are one warning of each table', () => {
  const gone = { design: { rows: 2, keys: [1, 2] }, staff: { rows: 1, keys: [7] } };
  const message = 'rows that are set aside are gone from the source';
  expect(observe({ ...equal, equal: false, gone }).warnings).toEqual([
    { message, fields: { table: 'design', rows: 2 } },
    { message, fields: { table: 'staff', rows: 1 } },
  ]);
});
