import { randomUUID } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import {
  LakeCorrupt,
  ManifestUnsupported,
  TotesError,
  WarehouseMismatch,
  WarehouseRefused,
  WarehouseUnavailable,
} from '@totes/core';
import { firstVersion, payment, sale, staff } from '../test/rows.ts';
import { TestLake } from '../test/testLake.ts';
import { TestWarehouse } from '../test/testWarehouse.ts';

let warehouse: TestWarehouse;
let lake: TestLake;

beforeEach(async () => {
  warehouse = await TestWarehouse.create();
  lake = new TestLake();
});
afterEach(() => warehouse.drop());

/** What the load throws. */
async function fault(options: Parameters<TestWarehouse['load']>[1] = {}): Promise<TotesError> {
  const error: unknown = await warehouse.load(lake, options).catch((error: unknown) => error);
  if (!(error instanceof TotesError)) throw new Error('expected a TotesError', { cause: error });
  expect(error.message).not.toContain('\n');
  return error;
}

describe('a version that cannot be loaded leaves nothing behind', () => {
  beforeEach(async () => {
    await lake.commit(firstVersion);
    await warehouse.load(lake);
  });
  let before: unknown;
  const state = async () => [
    await warehouse.contents('public', true),
    await warehouse.text('SELECT * FROM etl.load_log'),
  ];
  beforeEach(async () => {
    before = await state();
  });
  afterEach(async () => {
    expect(await state()).toEqual(before);
  });

  const newStaff = { dim_staff: [staff({ staff_id: '2' })] };

  test('a fact that points at nothing', async () => {
    await lake.commit({ ...newStaff, fact_sales_order: [sale({ sales_order_id: '2', sales_staff_id: '99' })] });
    const error = await fault();
    expect(error).toBeInstanceOf(WarehouseMismatch);
    expect(error.message).toMatch(
      /^warehouse schema "public": version 2 has a row of fact_sales_order that points at one that is missing \(fact_sales_order_sales_staff_id_fkey\)/,
    );
  });

  test('a NULL where none may be', async () => {
    await lake.commit({ ...newStaff, fact_payment: [payment({ payment_date: null })] });
    const error = await fault();
    expect(error).toBeInstanceOf(WarehouseRefused);
    expect(error.message).toContain('null value in column "payment_date" of relation "fact_payment"');
  });

  test('two rows of one business key', async () => {
    await lake.commit({
      ...newStaff,
      fact_payment: [payment({ payment_id: '7' }), payment({ payment_id: '7', paid: 't' })],
    });
    const error = await fault();
    expect(error).toBeInstanceOf(LakeCorrupt);
    expect(error.message).toMatch(/part-00000-\w+\.parquet has a second row of fact_payment with payment_id 7/);
  });

  test('an object that is missing', async () => {
    await lake.commit({ ...newStaff, fact_payment: [payment({ paid: 't' })] });
    const key = [...lake.store.objects.keys()].find((key) => key.includes('fact_payment/v2'))!;
    lake.store.objects.delete(key);
    expect(await fault()).toEqual(new LakeCorrupt(`memory:/${key} is missing, though a manifest names it`));
  });

  test('an object that was altered', async () => {
    await lake.commit({ ...newStaff, fact_payment: [payment({ paid: 't' })] });
    const key = [...lake.store.objects.keys()].find((key) => key.includes('fact_payment/v2'))!;
    const body = lake.store.objects.get(key)!;
    lake.store.objects.set(key, body.with(body.length >> 1, body[body.length >> 1]! ^ 1));
    expect(await fault()).toBeInstanceOf(LakeCorrupt);
  });

  test('an object with fewer rows than its manifest says', async () => {
    const object = await lake.write('fact_payment', 2, [payment({ paid: 't' })]);
    await lake.commit({}, { tables: { fact_payment: [{ ...object, rows: 2 }] } });
    const error = await fault();
    expect(error).toBeInstanceOf(LakeCorrupt);
    expect(error.message).toContain(`${object.key} has 1 rows; its manifest says 2`);
  });

  test('an object of another table', async () => {
    const object = await lake.write('dim_staff', 2, [staff()]);
    await lake.commit({}, { tables: { fact_payment: [object] } });
    const error = await fault();
    expect(error).toBeInstanceOf(LakeCorrupt);
    expect(error.message).toContain(`${object.key} cannot be read as rows of fact_payment`);
  });

  test('a manifest of a newer release', async () => {
    await lake.commit(newStaff, { format: 99 });
    expect(await fault()).toBeInstanceOf(ManifestUnsupported);
  });

  test('a manifest of another lake', async () => {
    await lake.commit(newStaff, { lakeId: randomUUID() });
    await lake.commit(newStaff);
    const error = await fault();
    expect(error).toBeInstanceOf(LakeCorrupt);
    expect(error.message).toContain('memory:: processed version 2 is of lake');
  });

  test('a connection that is cut before, between and during its objects', async () => {
    const objects = [
      await lake.write('fact_payment', 2, [payment({ paid: 't' })]),
      await lake.write('fact_payment', 2, [payment({ payment_id: '2' })]),
    ];
    const dim = await lake.write('dim_staff', 2, [staff({ first_name: 'Grace' })]);
    await lake.commit({}, { tables: { dim_staff: [dim], fact_payment: objects } });
    for (const { key } of [dim, ...objects]) {
      const client = await warehouse.database.connect();
      lake.store.beforeGet = async (read) => {
        if (read === key) await warehouse.terminate(client);
      };
      expect(await fault({ warehouse: client })).toBeInstanceOf(WarehouseUnavailable);
      expect(await state()).toEqual(before);
    }
    lake.store.beforeGet = () => undefined;

    const { loaded } = await warehouse.load(lake);
    expect(loaded).toMatchObject({ dim_staff: 1, fact_payment: 2 });
    before = await state();
  });
});

test('a first version that fails leaves no table, and its constraint comes with the next attempt', async () => {
  await lake.commit({ ...firstVersion, dim_design: [] });
  const error = await fault();
  expect(error.message).toContain('violates foreign key constraint "fact_sales_order_design_id_fkey"');
  expect(await warehouse.text("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")).toEqual([]);

  lake = new TestLake();
  await lake.commit(firstVersion);
  expect(await warehouse.load(lake)).toMatchObject({ versions: [1] });
});

test('a row that something else removed from a dimension: the error says how to bring it back', async () => {
  const date = '2024-02-09';
  const dates = firstVersion.dim_date;
  await lake.commit({ ...firstVersion, dim_date: [...dates, { ...dates[0]!, date_id: date, day: '9' }] });
  await warehouse.load(lake);
  await warehouse.database.query(`DELETE FROM dim_date WHERE date_id = '${date}'`);
  await lake.commit({ fact_payment: [payment({ payment_date: date })] });
  const error = await fault();
  expect(error).toBeInstanceOf(WarehouseMismatch);
  expect(error.message).toContain(
    'warehouse schema "public": version 2 has a row of fact_payment that points at one that is missing (fact_payment_payment_date_fkey)',
  );
  expect(error.message).toContain('Run totes replay');

  expect(await warehouse.replay(lake)).toMatchObject({ version: 2 });
  expect(await warehouse.text('SELECT payment_date FROM current_payment')).toEqual([date]);
});

test('versions before the one that fails stay loaded', async () => {
  await lake.commit(firstVersion);
  await lake.commit({ fact_sales_order: [sale({ design_id: '99' })] });
  await fault();
  expect(await warehouse.text('SELECT version FROM etl.load_log')).toEqual(['1']);
  expect(await warehouse.text('SELECT count(*) FROM fact_sales_order')).toEqual(['1']);
});

test('a connection that was lost before is an unavailable warehouse', async () => {
  await lake.commit(firstVersion);
  const client = await warehouse.database.connect();
  await warehouse.terminate(client);
  expect(await fault({ warehouse: client })).toBeInstanceOf(WarehouseUnavailable);
});
