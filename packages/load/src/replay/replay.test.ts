import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { starTables, WarehouseMismatch } from '@totes/core';
import { firstVersion, payment, sale, staff } from '../../test/rows.ts';
import { TestLake } from '../../test/testLake.ts';
import { TestWarehouse } from '../../test/testWarehouse.ts';

let warehouse: TestWarehouse;
let lake: TestLake;

/** Three versions: everything, a change and a tombstone, a row that is there again and one that is late. */
beforeEach(async () => {
  warehouse = await TestWarehouse.create();
  lake = new TestLake();
  await lake.commit(firstVersion);
  await lake.commitMore({
    tables: { dim_staff: [staff({ first_name: 'Grace' })], fact_sales_order: [sale({ units_sold: '1' })] },
    deleted: { fact_payment: ['1'], dim_design: ['1'] },
  });
  await lake.commitMore({
    tables: { fact_payment: [payment({ paid: 't' })] },
    late: { fact_sales_order: [sale({ units_sold: '2' })] },
  });
});
afterEach(() => warehouse.drop());

const schemas = () =>
  warehouse.text("SELECT nspname FROM pg_namespace WHERE nspname !~ '^(pg_|information_schema$)' ORDER BY 1");
const ledger = () => warehouse.text('SELECT warehouse_schema, lake_id, version, rows FROM etl.load_log ORDER BY 1, 3');

/** All that the warehouse shows, record keys and retired rows included. */
const state = async () => [
  await warehouse.contents(),
  await warehouse.text('SELECT * FROM retired_sales_order UNION ALL SELECT * FROM retired_payment ORDER BY 1'),
  await warehouse.text('SELECT * FROM retired_design'),
  await warehouse.text('SELECT * FROM current_sales_order'),
  await warehouse.text('SELECT * FROM current_payment'),
  await ledger(),
];

describe('a warehouse is rebuilt from the log', () => {
  test('row for row, whatever became of it, and loads go on from there', async () => {
    await warehouse.load(lake);
    const before = await state();
    await warehouse.database.query(`
      UPDATE dim_staff SET last_name = 'x';
      DELETE FROM fact_payment;
      TRUNCATE retired_design;
      DROP TABLE fact_purchase_order CASCADE;
      INSERT INTO retired_sales_order VALUES (2, 'deleted', 1, now())`);
    await expect(warehouse.load(lake)).rejects.toThrow(WarehouseMismatch);

    expect(await warehouse.replay(lake)).toEqual({
      version: 3,
      versions: [1, 2, 3],
      loaded: {
        ...Object.fromEntries(starTables.map(({ name }) => [name, 1])),
        dim_date: 3,
        dim_staff: 2,
        fact_sales_order: 3,
        fact_payment: 2,
      },
      deleted: { dim_design: 1, fact_payment: 1 },
      warnings: 1,
    });

    expect(await state()).toEqual(before);
    expect(await schemas()).toEqual(['etl', 'public']);
    expect(await warehouse.text("SELECT count(*) FROM pg_constraint WHERE contype = 'f'")).toEqual(['24']);
    await lake.commit({ fact_sales_order: [sale({ units_sold: '5' })] });
    expect(await warehouse.load(lake)).toMatchObject({ version: 4, versions: [4] });
    expect(await warehouse.text('SELECT sales_record_id, units_sold FROM current_sales_order')).toEqual(['4|5']);
  });

  test('that is empty, or whose schema is gone', async () => {
    await warehouse.database.query('DROP SCHEMA public');
    expect(await warehouse.replay(lake)).toMatchObject({ version: 3 });
    expect(await warehouse.load(lake)).toMatchObject({ version: 3, versions: [] });
    expect(await schemas()).toEqual(['etl', 'public']);
  });

  test('of an earlier release, without tables of retired rows', async () => {
    await warehouse.load(lake);
    const tables = await warehouse.text("SELECT tablename FROM pg_tables WHERE tablename LIKE 'retired%'");
    await warehouse.database.query(`DROP TABLE ${tables.join()} CASCADE`);
    expect(await warehouse.replay(lake)).toMatchObject({ version: 3 });
    expect(await warehouse.text('SELECT count(*) FROM retired_payment')).toEqual(['1']);
  });

  test('of which nothing was transformed yet changes nothing', async () => {
    expect(await warehouse.replay(new TestLake())).toMatchObject({ version: 0, versions: [] });
    expect(await schemas()).toEqual(['public']);
  });

  test.each([
    'Totes warehouse',
    'we"ird; DROP SCHEMA public CASCADE; --',
    "it's",
    'é'.repeat(31),
    `${'a'.repeat(62)}%`,
  ])('in a schema called %s', async (schema) => {
    await warehouse.load(lake, { schema });
    const before = await warehouse.contents(schema);
    await warehouse.database.query(
      `CREATE INDEX "ours"" ON x" ON "${schema.replaceAll('"', '""')}".dim_staff (lower(last_name))`,
    );
    expect(await warehouse.replay(lake, { schema })).toMatchObject({ versions: [1, 2, 3] });
    expect(await warehouse.contents(schema)).toEqual(before);
    expect(await schemas()).toEqual(
      [schema, 'etl', 'public'].sort((a, b) => (Buffer.from(a) < Buffer.from(b) ? -1 : 1)),
    );
  });
});

describe('what was loaded from elsewhere', () => {
  const refusal = async (from: TestLake): Promise<string> => {
    const before = await state();
    const error: unknown = await warehouse.replay(from).catch((error: unknown) => error);
    expect(error).toBeInstanceOf(WarehouseMismatch);
    expect(await state()).toEqual(before);
    expect(await schemas()).toEqual(['etl', 'public']);
    return (error as Error).message;
  };
  beforeEach(() => warehouse.load(lake));

  test('another lake is not given up, unless somebody insists', async () => {
    const other = new TestLake();
    await other.commit(firstVersion);
    expect(await refusal(other)).toContain(
      `would lose what was loaded from lake ${lake.lakeId} up to version 3: this is lake ${other.lakeId}, which ends at version 1`,
    );
    expect(await refusal(new TestLake())).toContain('this is an empty lake');
    expect(await warehouse.replay(other, { replaceOtherLake: true })).toMatchObject({ version: 1, versions: [1] });
    expect((await ledger()).map((line) => line.slice(0, 43))).toEqual([`public|${other.lakeId}`]);
  });

  test('versions that the lake lost', async () => {
    lake.store.objects.delete('log/00000000000000000003.json');
    lake = new TestLake(lake.lakeId, lake.store);
    expect(await refusal(lake)).toContain('would lose versions 3 to 3');
    expect(await warehouse.replay(lake, { replaceOtherLake: true })).toMatchObject({ version: 2 });
  });

  test('versions that the lake has otherwise', async () => {
    lake.store.objects.delete('log/00000000000000000003.json');
    lake = new TestLake(lake.lakeId, lake.store);
    const source = { ...(await lake.bucket.log.read(2)).source, readAt: '2024-03-02T08:00:00.000Z' };
    await lake.commit({}, { source });
    expect(await refusal(lake)).toContain('the lake was put back to an older copy');
  });

  test('rows that no ledger explains', async () => {
    await warehouse.database.query('DELETE FROM etl.load_log');
    expect(await refusal(lake)).toContain('the rows of fact_sales_order, fact_purchase_order, fact_payment, of which');
  });

  test("a user's table that bears a name of the star", async () => {
    await warehouse.database.query('ALTER TABLE retired_staff ADD COLUMN note text');
    expect(await refusal(lake)).toContain('retired_staff.note: expected no such column, found text');
  });
});
