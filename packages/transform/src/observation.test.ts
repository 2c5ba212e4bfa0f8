import { observe } from './observation.ts';

test('rows set aside now are a warning; those that wait are a metric', () => {
  const result = { version: 5, transformed: [4, 5], rows: { dim_staff: 2, dim_date: 0 }, waiting: 3, bytes: 99 };
  expect(observe({ ...result, quarantined: 1 })).toEqual({
    version: 5,
    fields: { versions: 2, rows: { dim_staff: 2 }, set_aside: 1, waiting: 3, bytes: 99 },
    warnings: [{ message: 'rows were set aside', fields: { rows: 1, waiting: 3 } }],
    metrics: [
      { name: 'BytesWritten', unit: 'Bytes', value: 99 },
      { name: 'RowsSetAside', unit: 'Count', value: 1 },
      { name: 'RowsWaiting', unit: 'Count', value: 3 },
      { name: 'RowsWritten', unit: 'Count', value: 2, table: 'dim_staff' },
    ],
  });
  expect(observe({ ...result, quarantined: 0 }).warnings).toEqual([]);
});

test('slices are told of in the log alone: what they bring is counted once they are committed', () => {
  const planned = { folder: 'slices/run', items: 'slices/run/slices.json', slices: 9 };
  expect(observe({ version: 5, ...planned })).toEqual({ version: 5, fields: planned, warnings: [], metrics: [] });
  const taken = { table: 'fact_payment', rows: 7, bytes: 99 };
  expect(observe({ version: 6, ...taken })).toEqual({ version: 6, fields: taken, warnings: [], metrics: [] });
});
