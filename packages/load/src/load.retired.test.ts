import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { LakeCorrupt, ManifestUnsupported, starTables } from '@totes/core';
import { firstVersion, payment, sale, staff } from '../test/rows.ts';
import { TestLake } from '../test/testLake.ts';
import { TestWarehouse } from '../test/testWarehouse.ts';

let warehouse: TestWarehouse;
let lake: TestLake;

beforeEach(async () => {
  warehouse = await TestWarehouse.create();
  lake = new TestLake();
  await lake.commit(firstVersion);
  await warehouse.load(lake);
});
afterEach(() => warehouse.drop());

const history = () =>
  warehouse.text('SELECT payment_record_id, payment_id, payment_amount, paid FROM fact_payment ORDER BY 1');
const current = () => warehouse.text('SELECT payment_record_id, payment_amount FROM current_payment ORDER BY 1');
const retired = (name = 'payment') => warehouse.text(`SELECT * FROM retired_${name} ORDER BY 1`);

describe('a deleted row', () => {
  test('of a fact leaves the current view, stays in history, and is counted once', async () => {
    await lake.commitMore({ deleted: { fact_payment: ['1', '99'] } });
    await lake.commitMore({ deleted: { fact_payment: ['1'] } });

    expect(await warehouse.load(lake)).toMatchObject({
      version: 3,
      loaded: { fact_payment: 0 },
      deleted: { fact_payment: 1 },
      warnings: 0,
    });

    expect(await current()).toEqual([]);
    expect(await history()).toEqual(['1|1|25.00|false']);
    expect(await retired()).toEqual(['1|deleted|2|2024-03-01T08:59:59.123+00:00']);
    expect(await warehouse.text('SELECT version, rows FROM etl.load_log WHERE version > 1 ORDER BY 1')).toEqual([
      '2|{}',
      '3|{}',
    ]);
  });

  test('of a fact that is there again, though as it was, is a further version and no warning', async () => {
    await lake.commitMore({ deleted: { fact_payment: ['1'], fact_sales_order: ['1'] } });
    await lake.commit({ fact_payment: [payment()], fact_sales_order: [sale({ units_sold: '7' })] });
    expect(await warehouse.load(lake)).toMatchObject({
      loaded: { fact_payment: 1, fact_sales_order: 1 },
      deleted: { fact_payment: 1, fact_sales_order: 1 },
      warnings: 0,
    });
    expect(await current()).toEqual(['2|25.00']);
    await lake.commit({ fact_payment: [payment()] });
    expect(await warehouse.load(lake)).toMatchObject({ loaded: { fact_payment: 0 } });
    await lake.commitMore({ deleted: { fact_payment: ['1'] } });
    await warehouse.load(lake);
    expect(await current()).toEqual([]);
    expect((await retired()).map((row) => row.slice(0, 9))).toEqual(['1|deleted', '2|deleted']);
  });

  test('of a dimension stays, because facts point at it, until its row comes again', async () => {
    await lake.commitMore({ deleted: { dim_staff: ['1', '99'], dim_design: ['1'] } });
    expect((await warehouse.load(lake)).deleted).toEqual({ dim_staff: 1, dim_design: 1 });
    expect(await retired('staff')).toEqual(['1|deleted|2|2024-03-01T08:59:59.123+00:00']);
    expect(await warehouse.text('SELECT count(*) FROM dim_staff JOIN retired_staff USING (staff_id)')).toEqual(['1']);
    await lake.commit({ dim_staff: [staff()] });
    expect(await warehouse.load(lake)).toMatchObject({ loaded: { dim_staff: 0 }, deleted: {} });
    expect([await retired('staff'), (await retired('design')).length]).toEqual([[], 1]);
  });

  test('of a dimension that its version writes once more is deleted', async () => {
    await lake.commitMore({
      tables: { dim_staff: [staff({ department_name: 'Buying' })] },
      deleted: { dim_staff: ['1'] },
    });
    expect(await warehouse.load(lake)).toMatchObject({ loaded: { dim_staff: 1 }, deleted: { dim_staff: 1 } });
    expect(await retired('staff')).toHaveLength(1);
  });
});

describe('late history', () => {
  test('never comes into force, and what comes next is compared with what is', async () => {
    await lake.commit({ fact_payment: [payment({ payment_amount: '3' })] });
    await lake.commitMore({
      late: { fact_payment: ['1', '2', '1', '25.00'].map((payment_amount) => payment({ payment_amount })) },
    });
    expect(await warehouse.load(lake)).toMatchObject({ loaded: { fact_payment: 3 }, deleted: {} });
    expect(await history()).toEqual(['1|1|25.00|false', '2|1|3|false', '3|1|1|false', '4|1|2|false']);
    expect(await current()).toEqual(['2|3']);
    expect((await retired()).map((row) => row.slice(0, 14))).toEqual(['3|superseded|3', '4|superseded|3']);

    await lake.commit({ fact_payment: [payment({ payment_amount: '3' })] });
    expect(await warehouse.load(lake)).toMatchObject({ loaded: { fact_payment: 0 } });
    await lake.commitMore({ deleted: { fact_payment: ['1'] } });
    expect(await warehouse.load(lake)).toMatchObject({ deleted: { fact_payment: 1 } });
    expect(await current()).toEqual([]);
    await lake.commit({ fact_payment: [payment({ payment_amount: '2' })] });
    expect(await warehouse.load(lake)).toMatchObject({ loaded: { fact_payment: 1 } });
    expect(await current()).toEqual(['5|2']);
  });

  test('of a row that is not in force at all stays out of force, also beside the row that follows it', async () => {
    const late = { fact_payment: [payment({ payment_id: '7', payment_amount: '1' })] };
    await lake.commitMore({ late });
    await warehouse.load(lake);
    expect(await current()).toEqual(['1|25.00']);
    const rows = [payment({ payment_id: '7', payment_amount: '2' }), payment({ payment_id: '8', payment_amount: '3' })];
    await lake.commitMore({
      tables: { fact_payment: rows },
      late: { fact_payment: [payment({ payment_id: '8', payment_amount: '1' })] },
    });
    await warehouse.load(lake);
    expect(await current()).toEqual(['1|25.00', '3|2', '4|3']);
  });
});

describe('a warehouse that is loaded again from the start', () => {
  beforeEach(async () => {
    await lake.commitMore({ deleted: { fact_payment: ['1'], dim_staff: ['1'] } });
    await warehouse.load(lake);
  });
  const all = starTables.map(({ name }) => name).join(', ');

  test.each([`TRUNCATE ${all} RESTART IDENTITY`, `TRUNCATE ${all} RESTART IDENTITY; DROP SCHEMA etl CASCADE`])(
    'forgets what was retired: %s',
    async (sql) => {
      await warehouse.database.query(sql);
      const other = new TestLake();
      await other.commit(firstVersion);
      await warehouse.load(other);
      expect(await current()).toEqual(['1|25.00']);
      expect([...(await retired()), ...(await retired('staff'))]).toEqual([]);
    },
  );
});

describe('a warehouse that an earlier release made', () => {
  test('gets the tables, and views that use them', async () => {
    await warehouse.database.query(`
      DROP TABLE retired_payment, retired_staff CASCADE;
      CREATE VIEW current_payment AS SELECT version.* FROM fact_payment AS version
      WHERE NOT EXISTS (SELECT 1 FROM fact_payment AS later
        WHERE later.payment_id = version.payment_id AND later.payment_record_id > version.payment_record_id);
      CREATE ROLE ${role}; GRANT SELECT ON current_payment TO ${role}`);
    expect(await warehouse.load(lake)).toMatchObject({ version: 1, versions: [] });
    await lake.commitMore({ deleted: { fact_payment: ['1'] } });
    await warehouse.load(lake);
    expect(await current()).toEqual([]);
    expect(await warehouse.text(`SELECT has_table_privilege('${role}', 'current_payment', 'SELECT')`)).toEqual([
      'true',
    ]);
    await warehouse.database.query(`DROP OWNED BY ${role}; DROP ROLE ${role}`);
  });
  const role = `reader_${process.pid}_${Math.floor(performance.timeOrigin)}`;
});

test('the reasons that a row can be retired for are few', async () => {
  const retire = (table: string, reason: string) =>
    warehouse.database.query(`INSERT INTO ${table} VALUES (5, $1, 1, now())`, [reason]);
  await expect(retire('retired_payment', 'lost')).rejects.toThrow('check constraint');
  await expect(retire('retired_staff', 'superseded')).rejects.toThrow('check constraint');
});

test.each([
  ['tombstones', { deleted: { dim_date: [] } }, 'tombstones of dim_date'],
  ['late rows', { late: { dim_staff: [] } }, 'late rows of dim_staff'],
])('%s that this release does not know are refused', async (_, more, message) => {
  await lake.commit({}, more);
  const error: unknown = await warehouse.load(lake).catch((error: unknown) => error);
  expect(error).toBeInstanceOf(ManifestUnsupported);
  expect(String(error)).toContain(`processed version 2 has ${message}, which this release does not know`);
});

test('a key that is deleted twice in one version is a fault of the lake', async () => {
  await lake.commitMore({ deleted: { fact_payment: ['1', '1'] } });
  await expect(warehouse.load(lake)).rejects.toThrow(LakeCorrupt);
  expect(await retired()).toEqual([]);
});

test('many rows, deleted and late, are found by index', async () => {
  const rows = Array.from({ length: 3000 }, (_, i) => sale({ sales_order_id: String(i) }));
  await lake.commit({ fact_sales_order: rows });
  await lake.commitMore({
    deleted: { fact_sales_order: rows.slice(1000).map(({ sales_order_id }) => sales_order_id!) },
    late: { fact_sales_order: rows.slice(0, 1500).map((row) => ({ ...row, units_sold: '1' })) },
  });
  expect(await warehouse.load(lake)).toMatchObject({ deleted: { fact_sales_order: 2000 } });
  expect(await warehouse.text('SELECT count(*), max(sales_order_id) FROM current_sales_order')).toEqual(['1000|999']);
});
