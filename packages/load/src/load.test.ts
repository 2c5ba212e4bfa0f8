import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { ConfigInvalid, ManifestUnsupported, processedBucket, starTables } from '@totes/core';
import { dimensionRows, firstVersion, location, payment, purchase, sale, staff } from '../test/rows.ts';
import { TestLake, type Row } from '../test/testLake.ts';
import { TestWarehouse } from '../test/testWarehouse.ts';
import type { LoadProgress } from './options.ts';

let warehouse: TestWarehouse;
let lake: TestLake;

beforeEach(async () => {
  warehouse = await TestWarehouse.create();
  lake = new TestLake();
});
afterEach(() => warehouse.drop());

const nothing = Object.fromEntries(starTables.map(({ name }) => [name, 0]));
const written = (tables: Record<string, number>) => ({ ...nothing, ...tables });

describe('what a load does', () => {
  test('nothing at all while nothing has been transformed', async () => {
    expect(await warehouse.load(lake)).toEqual({
      version: 0,
      versions: [],
      loaded: nothing,
      deleted: {},
      warnings: 0,
      lag: {},
    });
    expect(await warehouse.text("SELECT nspname FROM pg_namespace WHERE nspname = 'etl'")).toEqual([]);
  });

  test('makes the schema, fills every table and records the version', async () => {
    await lake.commit(firstVersion, { quarantine: { objects: [], rows: 2, total: 7 } });

    const result = await warehouse.load(lake, { now: () => new Date('2024-03-01T09:01:00.123Z') });

    const rows = Object.fromEntries(Object.entries(firstVersion).map(([name, rows]) => [name, rows.length]));
    const lag = Object.fromEntries(Object.keys(rows).map((name) => [name, 61]));
    expect(result).toEqual({ version: 1, versions: [1], loaded: rows, deleted: {}, warnings: 0, lag });
    expect(await warehouse.text('SELECT * FROM fact_sales_order')).toEqual([
      '1|1|2024-02-29|09:00:00|2024-02-29|09:00:00.123|1|1|10|2.50|1|1|2024-03-01|2024-03-04|1',
    ]);
    expect(await warehouse.text('SELECT * FROM dim_staff')).toEqual(["1|Ada|O'Neill|Sales|∅|ada@totes.example"]);
    const ledger = await warehouse.database.query('SELECT * FROM etl.load_log');
    expect(ledger).toEqual([
      {
        warehouse_schema: 'public',
        lake_id: lake.lakeId,
        version: '1',
        run_id: 'run-1',
        source_snapshot: '101:101:',
        source_read_at: new Date('2024-03-01T08:59:59.123Z'),
        loaded_at: expect.any(Date),
        rows,
        warnings: 0,
        quarantined: '7',
        code_version: '1.2.3',
      },
    ]);
  });

  test('each version in a transaction of its own, in order', async () => {
    await lake.commit(firstVersion);
    await lake.commit({ fact_payment: [payment({ paid: 't', last_updated_time: '10:00:00' })] });
    await lake.commit({ fact_payment: [payment({ paid: 'f', last_updated_time: '11:00:00' })] });

    const result = await warehouse.load(lake);

    expect(result).toMatchObject({ version: 3, versions: [1, 2, 3], loaded: { fact_payment: 3, dim_staff: 1 } });
    const writers = await warehouse.text('SELECT xmin FROM fact_payment ORDER BY payment_record_id');
    expect(new Set(writers).size).toBe(3);
    expect(await warehouse.text('SELECT xmin FROM etl.load_log ORDER BY version')).toEqual(writers);
    expect(await warehouse.text('SELECT paid FROM fact_payment ORDER BY payment_record_id')).toEqual([
      'false',
      'true',
      'false',
    ]);
  });

  test('nothing when run again, at the cost of one listing and one small read', async () => {
    await lake.commit(firstVersion);
    await lake.commit({ dim_staff: [staff({ first_name: 'Grace' })] });
    await warehouse.load(lake);
    const before = await warehouse.contents('public', true);
    const ledger = await warehouse.text('SELECT xmin, * FROM etl.load_log');
    lake.store.calls.length = 0;

    const processed = processedBucket(lake.store);
    expect(await warehouse.load(lake, { processed })).toMatchObject({
      version: 2,
      versions: [],
      loaded: nothing,
      warnings: 0,
    });

    expect(await warehouse.contents('public', true)).toEqual(before);
    expect(await warehouse.text('SELECT xmin, * FROM etl.load_log')).toEqual(ledger);
    expect(lake.store.calls).toEqual(['list log/', 'get log/00000000000000000002.json']);
  });

  test('records a version without rows, and does not take a warehouse without rows for an emptied one', async () => {
    await lake.commit({});
    expect(await warehouse.load(lake)).toMatchObject({ version: 1, versions: [1] });
    await lake.commit({});
    expect(await warehouse.load(lake)).toMatchObject({ version: 2, versions: [2] });
    expect(await warehouse.load(lake)).toMatchObject({ version: 2, versions: [] });
    expect(await warehouse.text('SELECT version, rows FROM etl.load_log ORDER BY version')).toEqual(['1|{}', '2|{}']);
  });

  test('tells what it sends', async () => {
    await lake.commit({ dim_staff: [staff(), staff({ staff_id: '2' })] });
    const seen: LoadProgress[] = [];
    await warehouse.load(lake, { onProgress: (progress) => seen.push(progress) });
    expect(seen).toEqual([{ version: 1, head: 1, table: 'dim_staff', rows: 2 }]);
  });

  test('reads every object of a table', async () => {
    const first = await lake.write('dim_staff', 1, [staff(), staff({ staff_id: '2' })]);
    const second = await lake.write('dim_staff', 1, [staff({ staff_id: '3' })]);
    await lake.commit({}, { tables: { dim_staff: [first, second] } });
    const seen: number[] = [];
    await warehouse.load(lake, { onProgress: ({ rows }) => seen.push(rows) });
    expect(seen).toEqual([2, 3]);
    expect(await warehouse.text('SELECT staff_id FROM dim_staff ORDER BY 1')).toEqual(['1', '2', '3']);
  });
});

describe('dimensions', () => {
  test('a row is written only where something differs, NULL included', async () => {
    const rows = ['1', '2', '3', '4'].map((location_id) => location({ location_id }));
    await lake.commit({ dim_location: rows });
    await warehouse.load(lake);
    const before = await warehouse.text('SELECT xmin, ctid FROM dim_location ORDER BY location_id');

    await lake.commit({
      dim_location: [
        location({ location_id: '1' }),
        location({ location_id: '2', city: 'York' }),
        location({ location_id: '3', district: null }),
        location({ location_id: '5' }),
      ],
    });
    const { loaded } = await warehouse.load(lake);

    expect(loaded).toEqual(written({ dim_location: 3 }));
    const after = await warehouse.text('SELECT xmin, ctid FROM dim_location ORDER BY location_id');
    expect([after[0], after[3]]).toEqual([before[0], before[3]]);
    expect(await warehouse.text('SELECT location_id, city, district FROM dim_location ORDER BY 1')).toEqual([
      '1|Leeds|',
      '2|York|',
      '3|Leeds|∅',
      '4|Leeds|',
      '5|Leeds|',
    ]);
  });
});

describe('facts', () => {
  beforeEach(async () => {
    await lake.commit(firstVersion);
    await warehouse.load(lake);
  });

  test('an update is a further version, and the view shows the one in force', async () => {
    await lake.commit({
      fact_sales_order: [
        sale({ units_sold: '12', last_updated_date: '2024-03-01' }),
        sale({ sales_order_id: '2', units_sold: '1' }),
      ],
    });
    expect(await warehouse.load(lake)).toMatchObject({ loaded: written({ fact_sales_order: 2 }), warnings: 0 });
    const columns = 'sales_record_id, sales_order_id, units_sold, last_updated_date';
    expect(await warehouse.text(`SELECT ${columns} FROM fact_sales_order ORDER BY 1`)).toEqual([
      '1|1|10|2024-02-29',
      '2|1|12|2024-03-01',
      '3|2|1|2024-02-29',
    ]);
    expect(await warehouse.text(`SELECT ${columns} FROM current_sales_order ORDER BY 1`)).toEqual([
      '2|1|12|2024-03-01',
      '3|2|1|2024-02-29',
    ]);
  });

  test('an identical row is nothing new', async () => {
    await lake.commit({
      fact_sales_order: [sale()],
      fact_purchase_order: [purchase()],
      fact_payment: [payment()],
    });
    expect(await warehouse.load(lake)).toMatchObject({ version: 2, loaded: nothing, warnings: 0 });
  });

  test('a numeric that is written with another scale makes a version: the warehouse shows it as the source does', async () => {
    await lake.commit({ fact_purchase_order: [purchase({ item_unit_price: '0.1250' })] });
    expect(await warehouse.load(lake)).toMatchObject({ loaded: written({ fact_purchase_order: 1 }), warnings: 1 });
    expect(await warehouse.text('SELECT item_unit_price FROM current_purchase_order')).toEqual(['0.1250']);
  });

  test('a difference in any one column makes a version', async () => {
    const others: Record<string, string> = {
      created_date: '2024-03-01',
      created_time: '09:00:00.000001',
      last_updated_date: '2024-03-01',
      last_updated_time: '09:00:00.124',
      item_code: 'zdoi5ea',
      agreed_delivery_date: '2024-03-01',
      agreed_payment_date: '2024-03-04',
    };
    const columns = Object.keys(purchase()).filter((name) => name !== 'purchase_order_id');
    const row = (i: number, more = {}): Row => purchase({ purchase_order_id: String(i + 10), ...more });
    await lake.commit({ ...secondDimensionRows, fact_purchase_order: columns.map((_, i) => row(i)) });
    await lake.commit({ fact_purchase_order: columns.map((name, i) => row(i, { [name]: others[name] ?? '2' })) });
    expect((await warehouse.load(lake)).loaded.fact_purchase_order).toBe(2 * columns.length);
  });

  test('from A to B and back to A ends with A in force', async () => {
    await lake.commit({ fact_payment: [payment({ paid: 't', last_updated_time: '10:00:00' })] });
    await lake.commit({ fact_payment: [payment()] });
    expect(await warehouse.load(lake)).toMatchObject({ loaded: { fact_payment: 2 }, warnings: 1 });
    expect(await warehouse.text('SELECT payment_record_id, paid FROM current_payment')).toEqual(['3|false']);
    expect(await warehouse.text('SELECT count(*) FROM fact_payment')).toEqual(['3']);
  });

  test('a change without a new last_updated is kept and counted as a warning', async () => {
    await lake.commit({
      fact_payment: [payment({ payment_amount: '26.00' }), payment({ payment_id: '2' })],
      fact_sales_order: [sale({ units_sold: '9' })],
    });
    await lake.commit({ fact_payment: [payment({ payment_amount: '25.00' })] });
    expect(await warehouse.load(lake)).toMatchObject({
      loaded: { fact_payment: 3, fact_sales_order: 1 },
      warnings: 3,
    });
    expect(await warehouse.text('SELECT warnings FROM etl.load_log ORDER BY version')).toEqual(['0', '2', '1']);
    expect(await warehouse.text('SELECT payment_amount FROM current_payment ORDER BY payment_id')).toEqual([
      '25.00',
      '25.00',
    ]);
  });
});

test('a table that was filled with many rows has its statistics at once', async () => {
  const rows = Array.from({ length: 12_000 }, (_, i) => sale({ sales_order_id: String(i) }));
  await lake.commit({ ...dimensionRows, fact_sales_order: rows });
  await lake.commit({ fact_sales_order: [sale({ sales_order_id: '77', units_sold: '11' })] });
  expect(await warehouse.load(lake)).toMatchObject({ loaded: { fact_sales_order: 12_001 }, warnings: 1 });
  expect(await warehouse.text("SELECT reltuples FROM pg_class WHERE relname = 'fact_sales_order'")).toEqual(['12000']);
  expect(
    await warehouse.text(
      'SELECT sales_record_id, sales_order_id FROM fact_sales_order WHERE sales_order_id = 77 ORDER BY 1',
    ),
  ).toEqual(['78|77', '12001|77']);
});

describe('values', () => {
  const texts = [
    '',
    ' ',
    '\\N',
    'NULL',
    'null',
    '\\',
    '\\.',
    '\t',
    '\n',
    '\r\n',
    '"',
    "'",
    ',',
    '00123',
    'Zoë €𝄞',
    '\u0001',
  ];

  test('text arrives as it was, NULL apart from the empty text', async () => {
    await lake.commit({
      dim_staff: texts.map((text, i) =>
        staff({ staff_id: String(i), first_name: text, location: text === '' ? null : text }),
      ),
    });
    await warehouse.load(lake);
    const rows = await warehouse.database.query('SELECT first_name, location FROM dim_staff ORDER BY staff_id');
    expect(rows).toEqual(texts.map((text) => ({ first_name: text, location: text === '' ? null : text })));
  });

  test('numbers of any scale, microseconds and the days at the ends of the calendar', async () => {
    const prices = ['0', '-0.1', '12.50', '0.00000000000000000000000000000000000001', `${'9'.repeat(40)}.5`];
    await lake.commit({
      ...dimensionRows,
      dim_date: ['0001-01-01', '2024-02-29', '2024-03-01', '2024-03-04', '9999-12-31'].map((date_id) => ({
        ...dimensionRows.dim_date[0],
        date_id,
      })),
      fact_purchase_order: prices.map((item_unit_price, i) =>
        purchase({
          purchase_order_id: String(i),
          item_unit_price,
          created_date: '0001-01-01',
          created_time: '00:00:00.000001',
          last_updated_date: '9999-12-31',
          last_updated_time: '23:59:59.999999',
        }),
      ),
    });
    await warehouse.load(lake);
    expect(
      await warehouse.text(
        `SELECT item_unit_price::text, created_date, created_time, last_updated_date, last_updated_time
         FROM fact_purchase_order ORDER BY purchase_order_id`,
      ),
    ).toEqual(prices.map((price) => `${price}|0001-01-01|00:00:00.000001|9999-12-31|23:59:59.999999`));
  });
});

describe('the warehouse schema', () => {
  test.each([
    'Totes warehouse',
    'we"ird; DROP SCHEMA public CASCADE; --',
    "it's",
    'é'.repeat(31),
    'select',
    'a.b',
    '\\',
  ])('may be called %s', async (schema) => {
    await lake.commit(firstVersion);
    await lake.commit({ fact_sales_order: [sale({ units_sold: '1' })] });
    expect(await warehouse.load(lake, { schema })).toMatchObject({ versions: [1, 2], warnings: 1 });
    expect(await warehouse.load(lake, { schema })).toMatchObject({ version: 2, versions: [] });
    expect(await warehouse.text('SELECT DISTINCT warehouse_schema FROM etl.load_log')).toEqual([schema]);
    expect((await warehouse.contents(schema)).fact_sales_order).toHaveLength(2);
    expect(await warehouse.text("SELECT nspname FROM pg_namespace WHERE nspname = 'public'")).toEqual(['public']);
  });

  test.each(['', 'é'.repeat(32)])('may not be called "%s"', async (schema) => {
    await lake.commit(firstVersion);
    await expect(warehouse.load(lake, { schema })).rejects.toThrow(ConfigInvalid);
  });

  test('shares a database with others, each with versions of its own', async () => {
    await lake.commit(firstVersion);
    await warehouse.load(lake, { schema: 'one' });
    await lake.commit({ fact_sales_order: [sale({ units_sold: '1', last_updated_time: '10:00:00' })] });
    expect(await warehouse.load(lake, { schema: 'two' })).toMatchObject({ versions: [1, 2] });
    expect(await warehouse.load(lake, { schema: 'one' })).toMatchObject({ versions: [2] });
    expect(await warehouse.contents('one')).toEqual(await warehouse.contents('two'));
  });
});

test('a version with a table that this release does not know is refused whole', async () => {
  const staffObject = await lake.write('dim_staff', 1, [staff()]);
  await lake.commit({}, { tables: { dim_staff: [staffObject], fact_return: [staffObject] } });
  const error = await warehouse.load(lake).catch((error: unknown) => error);
  expect(error).toBeInstanceOf(ManifestUnsupported);
  expect(String(error)).toContain('processed version 1 has rows of fact_return');
  expect(await warehouse.filledTables()).toEqual(['etl.migration']);
});

/** The rows of key 1 again under key 2, for facts that point elsewhere. */
const secondDimensionRows: Record<string, Row[]> = Object.fromEntries(
  Object.entries(dimensionRows)
    .filter(([name]) => name !== 'dim_date')
    .map(([name, [row]]) => [name, [{ ...row, [Object.keys(row)[0]!]: '2' }]]),
);
