import type { IngestResult } from './ingest.ts';
import { observe } from './observation.ts';

const nothing: IngestResult = {
  version: 4,
  committed: false,
  read: { staff: 0, design: 0 },
  deleted: {},
  served: 0,
  notices: [],
  schemaChanges: [],
  bytes: 0,
};

test('nothing new is nothing to warn of, and says so', () => {
  expect(observe(nothing)).toEqual({
    version: 4,
    fields: { committed: false, rows: {}, deleted: {}, served: 0, bytes: 0, full_read_because: undefined },
    warnings: [],
    metrics: [
      { name: 'BytesWritten', unit: 'Bytes', value: 0 },
      { name: 'SchemaChanges', unit: 'Count', value: 0 },
    ],
  });
});

test('every notice is a warning, and those of the schema are counted', () => {
  const fullReadBecause = 'the source is another database';
  const schemaChanges = ['table note is gone from the source, or ignored now'];
  const read = { staff: 3, design: 0 };
  const again = `everything was read again: ${fullReadBecause}`;
  const { fields, warnings, metrics } = observe({
    ...nothing,
    committed: true,
    read,
    deleted: { staff: 1 },
    bytes: 120,
    fullReadBecause,
    notices: [again, ...schemaChanges],
    schemaChanges,
  });
  expect(fields).toMatchObject({ rows: { staff: 3 }, deleted: { staff: 1 }, full_read_because: fullReadBecause });
  expect(warnings).toEqual([
    { message: 'ingest has a notice', fields: { notice: again } },
    { message: 'the schema of the source changed', fields: { notice: schemaChanges[0] } },
  ]);
  expect(metrics).toEqual([
    { name: 'BytesWritten', unit: 'Bytes', value: 120 },
    { name: 'SchemaChanges', unit: 'Count', value: 1 },
    { name: 'RowsRead', unit: 'Count', value: 3, table: 'staff' },
  ]);
});

test('a call for slices tells what it did', () => {
  const slice = { version: 3, table: 'payment', part: 2, rows: 10, bytes: 100 };
  const { version, ...fields } = slice;
  expect(observe(slice)).toEqual({ version, fields, warnings: [], metrics: [] });
});
