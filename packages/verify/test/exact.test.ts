import fc from 'fast-check';
import { sourceTable, sourceTables, starTables } from '@totes/core';
import { createPair, type Pair } from './pair.ts';

describe('a source column of another type that reads the same', () => {
  test.each([
    ['currency.currency_code', 'character(5)', 'GBP', `'GBP  '`, `'GBP'`],
    ['design.design_name', 'character varying(20)', 'a ', `'a '`, `'a'`],
    ['design.design_name', 'integer', 7, `'7'`, `'07'`],
    ['design.design_name', 'numeric', '1.10', `'1.10'`, `'1.1'`],
    ['design.design_name', 'date', '2024-02-29', `'2024-02-29'`, `'2024-02-28'`],
    [
      'design.design_name',
      'uuid',
      '0DEFACED-0000-0000-0000-000000000000',
      `'0defaced-0000-0000-0000-000000000000'`,
      `''`,
    ],
    ['sales_order.agreed_payment_date', 'date', '2024-02-29', `'2024-02-29'`, `'2024-02-28'`],
    ['sales_order.units_sold', 'smallint', -3, '-3', '3'],
    ['sales_order.units_sold', 'bigint', -3, '-3', '3'],
    ['sales_order.unit_price', 'numeric', '1.1', '1.1', '1.11'],
    ['sales_order.unit_price', 'numeric', '-1.1', '-1.1', '1.1'],
    ['sales_order.unit_price', 'integer', 5, '5', '5.01'],
    ['payment.payment_amount', 'numeric', '1.10', '1.10', '1.1'],
    ['payment.payment_amount', 'numeric', '-1', '-1', '1'],
    ['payment.payment_amount', 'bigint', 0, '0', '0.0'],
  ])('%s as %s: %j', async (column, type, value, same, other) => {
    const [table, name] = column.split('.') as [string, string];
    const pair = await createPair({ [column]: type });
    await pair.insert(table, 1, { [name]: value });
    const star = { currency: 'dim_currency', design: 'dim_design' }[table] ?? `fact_${table}`;
    await pair.fill();
    await pair.query(`UPDATE star.${star} SET ${name} = ${same}`);
    // The name follows the code as it is written.
    if (table === 'currency') await pair.query('UPDATE star.dim_currency SET currency_name = currency_code');
    expect((await pair.verify()).tables[star]).toMatchObject({ sample: [] });
    await pair.query(`UPDATE star.${star} SET ${name} = ${other}`);
    expect((await pair.verify()).tables[star]).toMatchObject({ altered: 1, sample: [{ columns: [name] }] });
    await pair.drop();
  });
});

describe('what the star cannot hold differs from whatever it shows', () => {
  test.each([
    ['sales_order', 'units_sold', 'bigint', '4294967301', 'units_sold = 4'],
    ['transaction', 'sales_order_id', 'bigint', '4294967296', 'sales_order_id = 0'],
    ['transaction', 'sales_order_id', 'bigint', '4294967296', 'sales_order_id = NULL'],
    ['sales_order', 'unit_price', 'numeric', '1.234', 'unit_price = 1.23'],
    ['sales_order', 'unit_price', 'numeric', 'NaN', 'unit_price = 0'],
    ['sales_order', 'agreed_payment_date', 'text', '2023-02-30', `agreed_payment_date = '2023-03-02'`],
    ['sales_order', 'agreed_payment_date', 'text', ' 2023-02-03', `agreed_payment_date = '2023-02-03'`],
    ['sales_order', 'agreed_payment_date', 'text', null, 'agreed_payment_date = NULL'],
    ['payment', 'last_updated', 'timestamp', 'infinity', `last_updated_date = 'infinity', last_updated_time = '00:00'`],
    ['payment', 'created_at', 'timestamp', 'infinity', `created_date = 'infinity'`],
  ])('%s.%s, %s: %s', async (table, column, type, value, shown) => {
    const pair = await createPair({ [`${table}.${column}`]: type });
    await pair.insert(table, 1);
    await pair.fill();
    await pair.query(`UPDATE shop.${table} SET ${column} = $1`, [value]);
    const star = table === 'transaction' ? 'dim_transaction' : `fact_${table}`;
    await pair.query(`UPDATE star.${star} SET ${shown}`);
    expect((await pair.verify()).tables[star]?.sample).toHaveLength(1);
    await pair.drop();
  });
});

test('a key beyond type integer is missing, and is not asked for', async () => {
  const pair = await createPair({ 'design.design_id': 'bigint' });
  await pair.insert('design', 2 ** 40);
  expect(await pair.verify()).toMatchObject({ keys: {}, tables: { dim_design: { missing: 1 } } });
  await pair.drop();
});

test('a key that the source has twice differs', async () => {
  const pair = await createPair();
  await pair.query('ALTER TABLE shop.design DROP CONSTRAINT design_pkey');
  await pair.insert('design', 1);
  await pair.fill().catch(() => undefined);
  await pair.insert('design', 1);
  expect((await pair.verify()).tables.dim_design).toMatchObject({ altered: 1, sample: [{ key: 1, columns: [] }] });
  await pair.drop();
});

describe('random rows', () => {
  let pair: Pair;
  beforeAll(async () => {
    pair = await createPair();
  });
  afterAll(() => pair.drop());

  const text = fc
    .oneof(fc.constantFrom('', ' ', 'a', 'A', 'ä', 'a\u0308', '\\', '"', "'", '\u0001'), fc.string({ unit: 'binary' }))
    .map((value) => value.replaceAll('\0', '').toWellFormed());
  const integer = fc.oneof(fc.integer(), fc.constantFrom(-(2 ** 31), 2 ** 31 - 1, 0, 1, -1));
  const numeric = fc.constantFrom('0', '0.0', '-0.1', '0.1', '0.10', '1', '-1', '1e30', '-1e-30', '12345678.90');
  const price = fc.integer({ min: -(10 ** 10) + 1, max: 10 ** 10 - 1 }).map((cents) => (cents / 100).toFixed(2));
  const instant = fc
    .date({ min: new Date('0001-01-02T00:00:00Z'), max: new Date('9999-12-31T00:00:00Z'), noInvalidDate: true })
    .map((date) => date.toISOString());
  const date = instant.map((value) => value.slice(0, 10));

  /** A value for a column of the source that the star can hold. */
  function valueOf(table: (typeof sourceTables)[number], column: string): fc.Arbitrary<unknown> {
    const { type, nullable } = table.columns[column]!;
    if (column.endsWith('_date')) return date;
    if (column === 'unit_price') return price;
    const values = { integer, text, numeric, boolean: fc.boolean(), timestamp: instant.map((at) => at.slice(0, -1)) };
    const value: fc.Arbitrary<unknown> = values[type.kind as keyof typeof values];
    return nullable ? fc.option(value) : value;
  }

  /** The source columns that the star takes, and the star tables of each source table. */
  const taken = starTables.flatMap(({ source, key, columns }) =>
    columns.flatMap(({ name, from }) =>
      source === undefined || from.kind === 'elsewhere' || name === key
        ? []
        : [{ table: sourceTable(from.kind === 'joined' ? from.table : source), column: from.column }],
    ),
  );
  const fedBy = (table: string): string[] =>
    starTables
      .filter(
        ({ source, columns }) =>
          source === table || columns.some(({ from }) => 'table' in from && from.table === table),
      )
      .map(({ name }) => name);

  /** One cell of one row, and two values for it. */
  const change = fc.constantFrom(...taken).chain(({ table, column }) =>
    fc.record({
      table: fc.constant(table),
      column: fc.constant(column),
      key: fc.constantFrom(1, 2, 3),
      before: valueOf(table, column),
      after: valueOf(table, column),
    }),
  );

  test('a cell that changes is found, one that does not is not', async () => {
    for (const { name } of sourceTables) for (const key of [1, 2, 3]) await pair.insert(name, key);
    await pair.fill();
    await fc.assert(
      fc.asyncProperty(change, async ({ table, column, key, before, after }) => {
        const set = (value: unknown) =>
          pair.query<{ same: boolean }>(
            `UPDATE shop.${table.name} own SET ${column} = $1 FROM shop.${table.name} was
             WHERE own.${table.key} = $2 AND was.${table.key} = $2
             RETURNING own.${column}::text IS NOT DISTINCT FROM was.${column}::text AS same`,
            [value, key],
          );
        const fill = async (): Promise<void> => {
          for (const name of fedBy(table.name)) await pair.fill(name);
        };
        await set(before);
        await fill();
        expect((await pair.verify()).equal).toBe(true);
        const [changed] = await set(after);
        const { equal, tables } = await pair.verify();
        expect(equal).toBe(changed!.same);
        const found = Object.values(tables).flatMap(({ sample }) => sample.map((row) => row.key));
        expect(new Set(found)).toEqual(new Set(changed!.same ? [] : [key]));
        await fill();
      }),
      { numRuns: 100, seed: 20221103, endOnFailure: true },
    );
  }, 240_000);
});
