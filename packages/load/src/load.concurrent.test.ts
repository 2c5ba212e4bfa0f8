import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { starTables } from '@totes/core';
import type { Client } from 'pg';
import { firstVersion, payment } from '../test/rows.ts';
import { TestLake } from '../test/testLake.ts';
import { TestWarehouse } from '../test/testWarehouse.ts';
import { relationExistsQuery } from './sql/catalog.ts';

let warehouse: TestWarehouse;
let lake: TestLake;

beforeEach(async () => {
  warehouse = await TestWarehouse.create();
  lake = new TestLake();
});
afterEach(() => warehouse.drop());

/** Resolves once that many sessions wait for such a lock in the test's database. */
async function waiting(sessions: number, kind = 'advisory'): Promise<void> {
  const sql = `SELECT count(*)::int AS waiting FROM pg_locks
    WHERE locktype = '${kind}' AND NOT granted AND database = (SELECT oid FROM pg_database WHERE datname = current_database())`;
  while ((await warehouse.database.query<{ waiting: number }>(sql))[0]!.waiting < sessions);
}

test('of two loaders at once one loads, the other waits and finds nothing to do', async () => {
  await lake.commit(firstVersion);
  await lake.commit({ fact_payment: [payment({ paid: 't', last_updated_time: '10:00:00' })] });
  await warehouse.load(lake);
  await lake.commit({ fact_payment: [payment({ paid: 'f', last_updated_time: '11:00:00' })] });
  const second: { load?: ReturnType<TestWarehouse['load']> } = {};
  lake.store.beforeGet = async (key) => {
    if (second.load !== undefined || !key.includes('/v3/')) return;
    second.load = warehouse.load(lake);
    await waiting(1);
  };

  const first = await warehouse.load(lake);

  expect(first).toMatchObject({ version: 3, versions: [3], loaded: { fact_payment: 1 } });
  expect(await second.load).toMatchObject({ version: 3, versions: [], loaded: { fact_payment: 0 } });
  expect(await warehouse.text('SELECT count(*) FROM fact_payment')).toEqual(['3']);
});

test('a run with nothing to do does not wait for one that is at work', async () => {
  await lake.commit(firstVersion);
  await warehouse.load(lake);
  // The lake as it was before the version that is at work.
  const before = new TestLake(lake.lakeId);
  for (const [key, body] of lake.store.objects) before.store.objects.set(key, body);
  await lake.commit({ fact_payment: [payment({ payment_id: '9' })] });
  let idle;
  lake.store.beforeGet = async (key) => {
    if (key.startsWith('star/')) idle ??= await warehouse.load(before);
  };
  await warehouse.load(lake);
  expect(idle).toMatchObject({ version: 1, versions: [] });
});

test('many loaders at once load every version once between them', async () => {
  await lake.commit(firstVersion);
  for (const second of [1, 2, 3, 4]) {
    await lake.commit({ fact_payment: [payment({ last_updated_time: `10:00:0${second}` })] });
  }
  const results = await Promise.all([1, 2, 3, 4, 5, 6].map(() => warehouse.load(lake)));
  expect(results.flatMap(({ versions }) => versions).sort()).toEqual([1, 2, 3, 4, 5]);
  expect(results.map(({ version }) => version)).toEqual([5, 5, 5, 5, 5, 5]);
  expect(await warehouse.text('SELECT count(*) FROM fact_payment')).toEqual(['5']);
});

test('first loads into several schemas of one database do not disturb each other', async () => {
  await lake.commit(firstVersion);
  const schemas = ['a', 'b', 'c', 'd'];
  const results = await Promise.all(schemas.map((schema) => warehouse.load(lake, { schema })));
  expect(results.map(({ versions }) => versions)).toEqual([[1], [1], [1], [1]]);
  const first = await warehouse.contents('a');
  for (const schema of schemas) expect(await warehouse.contents(schema)).toEqual(first);
});

test('a load that commits while another one looks around does not confuse it', async () => {
  await lake.commit(firstVersion);
  await warehouse.load(lake);
  await warehouse.database.query(`DROP SCHEMA etl CASCADE; TRUNCATE ${starTables.map(({ name }) => name).join()}`);
  const client = await warehouse.database.connect();
  // Between the question whether there is a ledger and the question whether there are rows.
  afterFirst(client, relationExistsQuery, () => warehouse.load(lake));
  expect(await warehouse.load(lake, { warehouse: client })).toMatchObject({ version: 1, versions: [] });
});

test('a load that fills an emptied warehouse waits for one that looks around, and is in no deadlock with it', async () => {
  await lake.commit(firstVersion);
  await warehouse.load(lake);
  await warehouse.database.query(`TRUNCATE ${starTables.map(({ name }) => name).join()}`);
  const [first, ...others] = starTables.map(({ name }) => `SELECT FROM ${name} LIMIT 1`);
  const reader = await warehouse.database.connect();
  await reader.query(`BEGIN; ${first!}`);
  const loading = warehouse.load(lake);
  await waiting(1, 'relation');
  for (const other of others) await reader.query(other);
  await reader.query('COMMIT');
  expect(await loading).toMatchObject({ version: 1, versions: [1] });
});

/** Once the client has its answer to the first query of that text, and before the caller has, does something else. */
function afterFirst(client: Client, sql: string, meanwhile: () => Promise<unknown>): void {
  const query = client.query.bind(client) as (...args: unknown[]) => unknown;
  let pending = true;
  const watched = (...args: unknown[]): unknown => {
    const answer = query(...args);
    if (!pending || args[0] !== sql) return answer;
    pending = false;
    return Promise.resolve(answer).then((rows) => meanwhile().then(() => rows));
  };
  Object.assign(client, { query: watched });
}

test('a lock that another program holds under any other key is no hindrance', async () => {
  await lake.commit(firstVersion);
  await warehouse.database.query('SELECT pg_advisory_lock(hashtextextended($1, 0))', ['public']);
  expect(await warehouse.load(lake)).toMatchObject({ versions: [1] });
});
