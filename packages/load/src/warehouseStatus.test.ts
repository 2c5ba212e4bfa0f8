import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { WarehouseUnavailable } from '@totes/core';
import { firstVersion } from '../test/rows.ts';
import { TestLake } from '../test/testLake.ts';
import { TestWarehouse } from '../test/testWarehouse.ts';
import { warehouseStatus } from './warehouseStatus.ts';

let warehouse: TestWarehouse;
beforeEach(async () => {
  warehouse = await TestWarehouse.create();
});
afterEach(() => warehouse.drop());

test('is undefined where nothing was ever loaded', async () => {
  const client = await warehouse.database.connect();
  expect(await warehouseStatus(client, 'public')).toBeUndefined();
  const lake = new TestLake();
  await lake.commit(firstVersion);
  await warehouse.load(lake, { schema: 'other' });
  expect(await warehouseStatus(client, 'public')).toBeUndefined();
});

test('is what the ledger says of the load that came last', async () => {
  const lake = new TestLake();
  await lake.commit(firstVersion);
  await lake.commit({}, { quarantine: { objects: [], rows: 1, total: 12 } });
  await warehouse.load(lake);
  const client = await warehouse.database.connect();
  await client.query("SET timezone = 'Asia/Tokyo'");
  const status = await warehouseStatus(client, 'public');
  expect(status).toEqual({
    version: 2,
    lakeId: lake.lakeId,
    runId: 'run-2',
    loadedAt: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
    sourceReadAt: '2024-03-01T08:59:59.123Z',
    quarantined: 12,
  });
  const age = await warehouse.database.query<{ seconds: number }>(
    'SELECT abs(extract(epoch FROM now() - $1::timestamptz))::int AS seconds',
    [status!.loadedAt],
  );
  expect(age[0]!.seconds).toBeLessThan(600);
});

test('names the warehouse that cannot be asked', async () => {
  const client = await warehouse.database.connect();
  await warehouse.terminate(client);
  const error = await warehouseStatus(client, 'public').catch((error: unknown) => error);
  expect(error).toBeInstanceOf(WarehouseUnavailable);
  expect(String(error)).toContain(`postgres://postgres@127.0.0.1:${client.port}/${client.database!}:`);
});
