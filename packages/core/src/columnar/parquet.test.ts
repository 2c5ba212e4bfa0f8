import fc from 'fast-check';
import { tableFromIPC } from 'apache-arrow';
import { ParquetFile, readParquet as readWasm } from 'parquet-wasm';
import { boolean, date, decimal, integer, numeric, text, time } from '../tables/types.ts';
import { lengthOf, type Batch, type Schema } from './column.ts';
import { batchOf as batchOfRows } from '../../test/batchOf.ts';
import { copyText } from '../../test/copyText.ts';
import { readParquet, writeParquet } from './parquet.ts';
import { takeRows } from './take.ts';
import { columnOf, concatBatches, emptyBatch } from './values.ts';

const schema: Schema = [
  { name: 'id', type: integer, nullable: true },
  { name: 'label', type: text, nullable: true },
  { name: 'flag', type: boolean, nullable: true },
  { name: 'price', type: decimal(10, 2), nullable: true },
  { name: 'amount', type: numeric, nullable: true },
  { name: 'day', type: date, nullable: true },
];

const cell = (arbitrary: fc.Arbitrary<string>): fc.Arbitrary<string | null> => fc.option(arbitrary, { nil: null });
const money = (digits: number): fc.Arbitrary<string> =>
  fc
    .tuple(fc.bigInt(0n, 10n ** 7n), fc.stringMatching(new RegExp(`^[0-9]{1,${digits}}$`)))
    .map(([whole, part]) => `${whole}.${part}`);

const row = fc.tuple(
  cell(fc.integer().map(String)),
  cell(fc.string({ unit: 'grapheme' }).map((value) => value.replaceAll('\0', ''))),
  cell(fc.constantFrom('t', 'f')),
  cell(money(2)),
  cell(money(25)),
  cell(
    fc
      .date({ min: new Date('0001-01-01'), max: new Date('9999-12-31'), noInvalidDate: true })
      .map((day) => day.toISOString().slice(0, 10)),
  ),
);

const batchOf = (rows: readonly (readonly (string | null)[])[]): Batch => batchOfRows(schema, rows);

const asText = (batches: Iterable<Batch>): string =>
  [...batches].flatMap((batch) => Array.from(copyText(batch), (chunk) => Buffer.from(chunk).toString())).join('');

test('what is written is read again, NULL, scale and all', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.array(row, { maxLength: 20 }), { minLength: 1, maxLength: 3 }), async (parts) => {
      const batches = parts.map(batchOf);
      expect(asText(readParquet(await writeParquet(batches, schema), schema))).toBe(asText(batches));
    }),
    { numRuns: 50 },
  );
});

test('an object of several row groups is read in its order', async () => {
  const ids = Array.from({ length: 300_000 }, (_, i) => i);
  const only: Schema = [{ name: 'id', type: integer, nullable: false }];
  const bytes = await writeParquet([{ rows: ids.length, columns: [columnOf('integer', ids)] }], only);
  const file = await ParquetFile.fromFile(new Blob([new Uint8Array(bytes)]));
  expect(file.metadata().numRowGroups()).toBe(3);
  expect(asText(readParquet(bytes, only))).toBe(`${ids.join('\n')}\n`);
});

test('what goes wrong while rows are made is what the writer throws', async () => {
  const failure = new RangeError('the object ends within row 3');
  const batches = async function* (): AsyncGenerator<Batch> {
    yield await Promise.resolve(batchOf([['1', 'x', 't', '1.50', '12.5', '2024-02-29']]));
    throw failure;
  };
  await expect(writeParquet(batches(), schema)).rejects.toBe(failure);
});

test('the same rows give the same bytes', async () => {
  const batch = batchOf([['1', 'x', 't', '1.50', '12.5', '2024-02-29']]);
  expect(await writeParquet([batch], schema)).toEqual(await writeParquet([batch], schema));
});

test('other readers see decimals, dates and booleans as such', async () => {
  const bytes = await writeParquet([batchOf([['1', 'x', 't', '1.50', '12.5', '2024-02-29']])], schema);
  const table = tableFromIPC(readWasm(bytes).intoIPCStream());
  expect(Object.fromEntries(table.schema.fields.map((field) => [field.name, String(field.type)]))).toEqual({
    id: 'Int32',
    label: 'Utf8',
    flag: 'Bool',
    price: 'Decimal[10e+2]',
    amount: 'Decimal[38e+10]',
    amount_exact: 'Utf8',
    day: 'Date32<DAY>',
  });
});

test('a missing column is named', async () => {
  const bytes = await writeParquet([batchOf([])], schema);
  const one = await writeParquet([batchOf([['1', null, null, null, null, null]])], schema);
  const wider: Schema = [...schema, { name: 'gone', type: text, nullable: true }];
  expect(() => [...readParquet(one, wider)]).toThrow(new RangeError('the object has no column gone'));
  expect(asText(readParquet(bytes, schema))).toBe('');
});

test('times keep their microseconds', async () => {
  const times: Schema = [{ name: 'at', type: time, nullable: false }];
  const batch = batchOfRows(times, [['2022-11-03 23:59:59.999999'], ['2022-11-03 00:00:00.000001']]);
  expect(asText(readParquet(await writeParquet([batch], times), times))).toBe('23:59:59.999999\n00:00:00.000001\n');
});

test('rows are taken in any order and batches joined', () => {
  fc.assert(
    fc.property(
      fc.array(row, { minLength: 1, maxLength: 12 }),
      fc.array(fc.nat(11), { maxLength: 20 }),
      (rows, picks) => {
        const picked = picks.map((pick) => pick % rows.length);
        expect(asText([takeRows(batchOf(rows), Int32Array.from(picked))])).toBe(
          asText([batchOf(picked.map((i) => rows[i]!))]),
        );
      },
    ),
  );
  const narrow: Schema = schema.slice(0, 3);
  const cut = (batch: Batch): Batch => ({ rows: batch.rows, columns: batch.columns.slice(0, 3) });
  fc.assert(
    fc.property(fc.array(fc.array(row, { maxLength: 5 }), { minLength: 1, maxLength: 4 }), (parts) => {
      const joined = concatBatches(
        parts.map((part) => cut(batchOf(part))),
        narrow,
      );
      expect(asText([joined])).toBe(asText([cut(batchOf(parts.flat()))]));
      expect(joined.columns.map(lengthOf)).toEqual(Array(3).fill(parts.flat().length));
    }),
  );
});

test('columns of JavaScript values', () => {
  const columns = [columnOf('integer', [1, null]), columnOf('text', ['a', null]), columnOf('date', [0, null])];
  expect(asText([{ rows: 2, columns }])).toBe('1\ta\t1970-01-01\n\\N\t\\N\t\\N\n');
  expect(emptyBatch(schema).columns.map(lengthOf)).toEqual([0, 0, 0, 0, 0, 0]);
});
