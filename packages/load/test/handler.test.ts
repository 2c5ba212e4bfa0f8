import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { ConfigInvalid, endIdle, FolderStore, WarehouseRefused } from '@totes/core';
import { logOf, logOfFailure } from '../../../scripts/jest/functionLog.ts';
import { firstVersion, payment } from './rows.ts';
import { TestLake } from './testLake.ts';
import { TestWarehouse } from './testWarehouse.ts';
import { runLoad } from '../src/container.ts';
import { handler } from '../src/handler.ts';

let warehouse: TestWarehouse;
let folder: string;
const before = { ...process.env };
beforeEach(async () => {
  warehouse = await TestWarehouse.create();
  folder = await mkdtemp(join(tmpdir(), 'totes-load-'));
});
afterEach(async () => {
  process.env = { ...before };
  await warehouse.drop();
  await rm(folder, { recursive: true });
});

test('loads what its environment describes, and ends its connection', async () => {
  const lake = new TestLake();
  await lake.commit(firstVersion);
  const store = new FolderStore(folder);
  for (const [key, body] of lake.store.objects) await store.putIfAbsent(key, body);
  const env = { WAREHOUSE_DATABASE: warehouse.database.url, PROCESSED_BUCKET: folder };

  expect(await runLoad(env)).toMatchObject({ version: 1, versions: [1] });
  expect(await runLoad({ ...env, WAREHOUSE_SCHEMA: 'my star', CODE_VERSION: '1.2.3' })).toMatchObject({
    versions: [1],
  });

  expect(await warehouse.text('SELECT warehouse_schema, code_version FROM etl.load_log ORDER BY 1')).toEqual([
    'my star|1.2.3',
    'public|unknown',
  ]);
  expect(await warehouse.text("SELECT pid FROM pg_stat_activity WHERE application_name = 'totes load'")).toEqual([]);
});

test('a function keeps its connection for the next call, unless the server or the work ended it', async () => {
  process.env.AWS_LAMBDA_RUNTIME_API = '127.0.0.1:9001';
  const lake = new TestLake();
  await lake.commit(firstVersion);
  const store = new FolderStore(folder);
  for (const [key, body] of lake.store.objects) await store.putIfAbsent(key, body);
  const env = { WAREHOUSE_DATABASE: warehouse.database.url, PROCESSED_BUCKET: folder };
  const connections = (): Promise<string[]> =>
    warehouse.text("SELECT pid FROM pg_stat_activity WHERE application_name = 'totes load'");
  try {
    await runLoad(env);
    const first = await connections();
    expect(first).toHaveLength(1);
    expect(await runLoad(env)).toMatchObject({ version: 1, versions: [] });
    expect(await connections()).toEqual(first);

    await warehouse.text(`SELECT pg_terminate_backend(${first[0]!}, 60000)`);
    expect(await runLoad(env)).toMatchObject({ version: 1, versions: [] });
    const second = await connections();
    expect(second).toHaveLength(1);
    expect(second).not.toEqual(first);

    await expect(runLoad({ ...env, WAREHOUSE_SCHEMA: 'pg_star' })).rejects.toThrow(WarehouseRefused);
    expect(await connections()).toEqual([]);
  } finally {
    await endIdle();
  }
});

test('tells what it loaded, of which run, and what is odd', async () => {
  const lake = new TestLake();
  await lake.commit(firstVersion);
  await lake.commit({ fact_payment: [payment({ paid: 't' })] });
  const store = new FolderStore(folder);
  for (const [key, body] of lake.store.objects) await store.putIfAbsent(key, body);
  Object.assign(process.env, { WAREHOUSE_DATABASE: warehouse.database.url, PROCESSED_BUCKET: folder });

  const { lines, metrics, result } = await logOf(() => handler({ run: 'nightly' }));

  const inEach = { service: 'load', run: 'nightly', version: 2 };
  expect(lines).toMatchObject([
    { ...inEach, level: 'WARN', message: 'fact rows changed though their last_updated did not', rows: 1 },
    { ...inEach, level: 'INFO', message: 'load finished', versions: 2, rows: { dim_staff: 1, fact_payment: 2 } },
  ]);
  for (const line of lines) expect(line).not.toHaveProperty('run_id');
  expect(metrics).toMatchObject({ Warnings: 1, 'RowsLoaded dim_staff': 1, 'RowsLoaded fact_payment': 2 });
  expect(metrics['LagSeconds fact_payment']).toBe(result.lag.fact_payment);
  expect(result.lag.fact_payment).toBeGreaterThan(0);
});

test('a wrong password is refused in one line that does not hold it', async () => {
  const url = Object.assign(new URL(warehouse.database.url), { username: 'nobody', password: 'hunter2' }).href;
  const error = await runLoad({ WAREHOUSE_DATABASE: url, PROCESSED_BUCKET: folder }).catch((error: unknown) => error);
  expect(error).toBeInstanceOf(WarehouseRefused);
  expect(String(error)).not.toContain('hunter2');
});

test('the Lambda function fails where its environment says nothing', async () => {
  const { error, lines } = await logOfFailure(handler);
  const message = 'bad settings: WAREHOUSE_DATABASE is not set; PROCESSED_BUCKET is not set';
  expect(error).toEqual(new ConfigInvalid(message));
  expect(lines).toMatchObject([{ level: 'ERROR', message: 'load failed', error: { name: 'ConfigInvalid', message } }]);
});
