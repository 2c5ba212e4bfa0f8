import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { starTables, WarehouseMismatch } from '@totes/core';
import { firstVersion, payment, sale, staff } from '../test/rows.ts';
import { TestLake } from '../test/testLake.ts';
import { TestWarehouse } from '../test/testWarehouse.ts';

let warehouse: TestWarehouse;
let lake: TestLake;
let before: Record<string, string[]>;
const all = starTables.map(({ name }) => name).join(', ');

beforeEach(async () => {
  warehouse = await TestWarehouse.create();
  lake = new TestLake();
  await lake.commit(firstVersion);
  await lake.commit({ dim_staff: [staff({ first_name: 'Grace' })], fact_payment: [payment({ paid: 't' })] });
  await lake.commit({ fact_payment: [payment({ paid: 'f' })] });
  await warehouse.load(lake);
  before = await warehouse.contents();
});
afterEach(() => warehouse.drop());

describe('an emptied warehouse is rebuilt from the lake', () => {
  test.each([
    ['truncated', `TRUNCATE ${all} RESTART IDENTITY`],
    [
      'all rows deleted',
      [...starTables]
        .reverse()
        .map(({ name }) => `DELETE FROM ${name}`)
        .join('; '),
    ],
    ['all tables dropped', `DROP TABLE ${all} CASCADE`],
    [
      'some dropped, the others truncated',
      `DROP TABLE dim_staff, fact_payment CASCADE; TRUNCATE ${all.replace('dim_staff, ', '').replace(', fact_payment', '')}`,
    ],
    ['schema dropped', 'DROP SCHEMA public CASCADE'],
    ['schema and ledger dropped', 'DROP SCHEMA public, etl CASCADE'],
  ])('%s', async (_, sql) => {
    await warehouse.database.query(sql);

    expect(await warehouse.load(lake)).toMatchObject({ version: 3, versions: [1, 2, 3], loaded: { fact_payment: 3 } });

    const withoutRecordKeys = (contents: typeof before) =>
      Object.entries(contents).map(([name, rows]) =>
        rows.map((row) => (name.startsWith('fact') ? row.replace(/^\d+/, '') : row)),
      );
    expect(withoutRecordKeys(await warehouse.contents())).toEqual(withoutRecordKeys(before));
    expect(await warehouse.text('SELECT version FROM etl.load_log ORDER BY 1')).toEqual(['1', '2', '3']);
    expect(await warehouse.text("SELECT count(*) FROM pg_constraint WHERE contype = 'f'")).toEqual(['24']);
    expect(await warehouse.text('SELECT paid FROM current_payment')).toEqual(['false']);
    expect(await warehouse.load(lake)).toMatchObject({ version: 3, versions: [] });
  });

  test('in one transaction with what the ledger forgets: a rebuild that fails changes nothing', async () => {
    await warehouse.database.query(`TRUNCATE ${all}`);
    const objects = new Map(lake.store.objects);
    for (const key of objects.keys()) if (key.startsWith('star/fact_payment/v1')) lake.store.objects.delete(key);
    await expect(warehouse.load(lake)).rejects.toThrow('is missing');
    expect(await warehouse.text('SELECT version FROM etl.load_log ORDER BY 1')).toEqual(['1', '2', '3']);
    expect(await warehouse.text("SELECT count(*) FROM pg_constraint WHERE contype = 'f'")).toEqual(['24']);

    for (const [key, body] of objects) lake.store.objects.set(key, body);
    expect(await warehouse.load(lake)).toMatchObject({ versions: [1, 2, 3] });
  });

  test('other schemas keep their versions', async () => {
    await warehouse.load(lake, { schema: 'other' });
    await warehouse.database.query(`TRUNCATE ${all}`);
    expect(await warehouse.load(lake, { schema: 'other' })).toMatchObject({ versions: [] });
    expect(await warehouse.load(lake)).toMatchObject({ versions: [1, 2, 3] });
    expect(await warehouse.load(lake, { schema: 'other' })).toMatchObject({ versions: [] });
  });
});

describe('a warehouse that the ledger does not explain is refused, and left as it is', () => {
  async function refusal(): Promise<string> {
    const state = async () => [
      await warehouse.filledTables(),
      await warehouse.text('SELECT oid FROM pg_class ORDER BY 1'),
    ];
    const found = await state();
    const error: unknown = await warehouse.load(lake).catch((error: unknown) => error);
    expect(error).toBeInstanceOf(WarehouseMismatch);
    expect(await state()).toEqual(found);
    return (error as Error).message;
  }

  test('some tables emptied or dropped, others not', async () => {
    await warehouse.database.query('DROP TABLE dim_design CASCADE; DELETE FROM fact_payment');
    const message = await refusal();
    expect(message).toContain('"public": dim_design is missing, fact_payment is empty, though etl.load_log says');
    // The statement that the message gives does help.
    await warehouse.database.query(/TRUNCATE .*$/.exec(message)![0]);
    expect(await warehouse.load(lake)).toMatchObject({ versions: [1, 2, 3] });
  });

  test('also where there is nothing new to load', async () => {
    await warehouse.database.query('TRUNCATE fact_payment');
    expect(await refusal()).toContain('fact_payment is empty');
  });

  test('facts without any ledger', async () => {
    await warehouse.database.query('DROP SCHEMA etl CASCADE; TRUNCATE fact_payment');
    const message = await refusal();
    expect(message).toContain(
      '"public": fact_sales_order, fact_purchase_order hold rows, but etl.load_log has no load',
    );
    await warehouse.database.query(/TRUNCATE .*$/.exec(message)![0]);
    expect(await warehouse.load(lake)).toMatchObject({ versions: [1, 2, 3] });
  });

  test('dimensions without any ledger are no contradiction: they are merged by key', async () => {
    await warehouse.database.query(
      'DROP SCHEMA etl CASCADE; TRUNCATE fact_payment, fact_sales_order, fact_purchase_order',
    );
    expect(await warehouse.load(lake)).toMatchObject({ versions: [1, 2, 3], loaded: { dim_staff: 2, dim_design: 0 } });
  });
});

describe('another lake', () => {
  test.each([1, 5])('of %d versions is refused, and changes nothing', async (versions) => {
    const before = await warehouse.text('SELECT * FROM fact_sales_order');
    const second = new TestLake();
    await second.commit({ fact_sales_order: [sale({ units_sold: '99' })] });
    while (versions > 1 && (await second.commit({})) < versions);
    await expect(warehouse.load(second)).rejects.toThrow(WarehouseMismatch);
    await expect(warehouse.load(second)).rejects.toThrow(
      `it was loaded from lake ${lake.lakeId} up to version 3; this is lake ${second.lakeId}`,
    );
    expect(await warehouse.text('SELECT * FROM fact_sales_order')).toEqual(before);
    expect(await warehouse.load(lake)).toMatchObject({ version: 3, versions: [] });
  });

  test('of an emptied warehouse fills it from its own first version', async () => {
    await warehouse.database.query(`TRUNCATE ${all}`);
    const second = new TestLake();
    await second.commit(firstVersion);
    expect(await warehouse.load(second)).toMatchObject({ version: 1, versions: [1], loaded: { fact_payment: 1 } });
    expect(await warehouse.text('SELECT lake_id, version FROM etl.load_log')).toEqual([`${second.lakeId}|1`]);
  });

  test('a lake that ends before what the warehouse holds of it is behind, not wrong', async () => {
    lake.store.objects.delete('log/00000000000000000003.json');
    expect(await warehouse.load(lake)).toMatchObject({ version: 3, versions: [] });
  });
});

describe('a lake that takes the place of one that was lost', () => {
  const later = async (tables: Parameters<TestLake['commit']>[0], readAt = '2024-03-05T09:00:00.000Z') => {
    const second = new TestLake();
    await second.commit(tables, { source: { ...(await lake.bucket.log.read(1)).source, readAt } });
    return second;
  };

  test('is merged onto what is there when it is adopted, and the lost one is refused then', async () => {
    const second = await later({ ...firstVersion, fact_payment: [payment({ paid: 't' })] });
    await expect(warehouse.load(second)).rejects.toThrow('add --adopt');
    expect(await warehouse.contents()).toEqual(before);

    expect(await warehouse.load(second, { adopt: true })).toMatchObject({
      version: 1,
      versions: [1],
      loaded: { dim_staff: 1, dim_design: 0, fact_sales_order: 0, fact_payment: 1 },
    });
    expect(await warehouse.text('SELECT paid FROM fact_payment ORDER BY payment_record_id')).toEqual([
      'false',
      'true',
      'false',
      'true',
    ]);
    await second.commit({ fact_payment: [payment({ paid: 'f' })] });
    expect(await warehouse.load(second)).toMatchObject({ versions: [2] });
    expect(await warehouse.load(second, { adopt: true })).toMatchObject({ version: 2, versions: [] });
    for (const adopt of [undefined, true] as const) {
      await expect(warehouse.load(lake, { ...(adopt && { adopt }) })).rejects.toThrow(
        `it was loaded from lake ${second.lakeId} up to version 2; this is lake ${lake.lakeId}, which it left for that one`,
      );
    }
    await warehouse.database.query('TRUNCATE fact_sales_order');
    await expect(warehouse.load(second)).rejects.toThrow('fact_sales_order is empty');
  });

  test('is in force though the clock of the warehouse was put back', async () => {
    await warehouse.database.query("UPDATE etl.load_log SET loaded_at = loaded_at + interval '1 day'");
    const second = await later(firstVersion);
    await warehouse.load(second, { adopt: true });
    expect(await warehouse.load(second)).toMatchObject({ version: 1, versions: [] });
  });

  test('is not adopted where it begins before what the warehouse shows', async () => {
    const second = await later(firstVersion, '2024-01-01T00:00:00.000Z');
    await expect(warehouse.load(second, { adopt: true })).rejects.toThrow(
      `lake ${second.lakeId} (memory:) begins earlier, as of 2024-01-01T00:00:00.000Z, and cannot be adopted`,
    );
    expect(await warehouse.contents()).toEqual(before);
  });

  test('is nothing to an emptied warehouse, or one that has no lake yet', async () => {
    await warehouse.database.query(`TRUNCATE ${all}`);
    expect(await warehouse.load(lake, { adopt: true })).toMatchObject({ versions: [1, 2, 3] });
    expect(await warehouse.load(lake, { adopt: true, schema: 'new' })).toMatchObject({ versions: [1, 2, 3] });
  });
});
