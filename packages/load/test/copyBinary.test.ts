import { pipeline } from 'node:stream/promises';
import fc from 'fast-check';
import { from as copyFrom, to as copyTo } from 'pg-copy-streams';
import { createDatabase } from '../../../scripts/jest/database.ts';
import { batchOf as batchOfRows } from '../../core/test/batchOf.ts';
import { copyText } from '../../core/test/copyText.ts';
import {
  type Batch,
  boolean,
  copyBinary,
  copyBinaryHeader,
  copyBinaryTrailer,
  date,
  decimal,
  integer,
  microsPerDay,
  numeric,
  type Schema,
  sqlType,
  text,
  time,
} from '@totes/core';

const schema: Schema = [
  { name: 'id', type: integer, nullable: true },
  { name: 'label', type: text, nullable: true },
  { name: 'flag', type: boolean, nullable: true },
  { name: 'price', type: decimal(10, 2), nullable: true },
  { name: 'amount', type: numeric, nullable: true },
  { name: 'day', type: date, nullable: true },
  { name: 'at', type: time, nullable: true },
];

const cell = (arbitrary: fc.Arbitrary<string>): fc.Arbitrary<string | null> => fc.option(arbitrary, { nil: null });
const number = (whole: number, fraction: number): fc.Arbitrary<string> =>
  fc
    .tuple(
      fc.constantFrom('', '-'),
      fc.stringMatching(new RegExp(`^(0|[1-9][0-9]{0,${whole - 1}})$`)),
      fc.stringMatching(new RegExp(`^[0-9]{0,${fraction}}$`)),
    )
    .map(([sign, digits, places]) => `${sign}${digits}${places === '' ? '' : `.${places}`}`)
    .map((written) => (/^-[0.]*$/.test(written) ? written.slice(1) : written));
const two = (value: number): string => String(value).padStart(2, '0');

const row = fc.tuple(
  cell(fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }).map(String)),
  cell(fc.string({ unit: 'grapheme', maxLength: 200 }).map((value) => value.replaceAll('\0', ''))),
  cell(fc.constantFrom('t', 'f')),
  cell(fc.tuple(number(8, 0), fc.integer({ min: 0, max: 99 })).map(([whole, cents]) => `${whole}.${two(cents)}`)),
  cell(fc.oneof(number(6, 2), number(12, 10), number(60, 40), fc.constantFrom('0', '0.0001', '9999', '10000.0'))),
  cell(
    fc
      .date({ min: new Date('0001-01-01'), max: new Date('9999-12-31'), noInvalidDate: true })
      .map((day) => day.toISOString().slice(0, 10)),
  ),
  cell(
    fc.integer({ min: 0, max: microsPerDay - 1 }).map((micros) => {
      const seconds = Math.floor(micros / 1e6);
      const clock = [seconds / 3600, (seconds / 60) % 60, seconds % 60].map((part) => two(Math.floor(part))).join(':');
      return `2024-02-29 ${clock}${micros % 10 === 0 ? '' : `.${String(micros % 1e6).padStart(6, '0')}`}`;
    }),
  ),
);

const batchOf = (rows: readonly (readonly (string | null)[])[]): Batch => batchOfRows(schema, rows);

const bytesOf = (chunks: Iterable<Uint8Array>): Buffer => Buffer.concat([...chunks]);

test('PostgreSQL takes in every value as its text says it', async () => {
  const database = await createDatabase();
  const client = await database.connect();
  const columns = schema.map(({ name, type }) => `${name} ${sqlType(type)}`).join(', ');
  await client.query(`CREATE TABLE rows (place int GENERATED ALWAYS AS IDENTITY, ${columns})`);
  const names = schema.map(({ name }) => name).join(', ');
  await fc.assert(
    fc.asyncProperty(fc.array(row, { maxLength: 300 }), async (rows) => {
      const batch = batchOf(rows);
      await client.query('TRUNCATE rows');
      const bytes = bytesOf([copyBinaryHeader, ...copyBinary(batch), copyBinaryTrailer]);
      await pipeline([bytes], client.query(copyFrom(`COPY rows (${names}) FROM STDIN WITH (FORMAT binary)`)));
      const copy = client.query(copyTo(`COPY (SELECT ${names} FROM rows ORDER BY place) TO STDOUT`));
      expect(bytesOf((await copy.toArray()) as Buffer[]).toString()).toBe(bytesOf(copyText(batch)).toString());
    }),
    { numRuns: 60 },
  );
  await client.end();
});

test('a long text and many rows are more than one chunk', () => {
  const long = batchOf([['1', 'x'.repeat(500_000), 't', '1.00', '1.00', null, null]]);
  expect(bytesOf(copyBinary(long)).length).toBeGreaterThan(500_000);
  const many = batchOf(
    Array.from({ length: 5000 }, (_, i) => [String(i), 'some text', 'f', '1.00', '1.50', null, null]),
  );
  const chunks = [...copyBinary(many)];
  expect(chunks.length).toBeGreaterThan(1);
  expect(bytesOf(chunks).length).toBe(5000 * (2 + 7 * 4 + 4 + 9 + 1 + 10 + 12));
});
