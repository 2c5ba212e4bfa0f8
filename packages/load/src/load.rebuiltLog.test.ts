import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { CommitConflict, processedBucket, starTables, WarehouseMismatch, type ProcessedBucket } from '@totes/core';
import { firstVersion, payment } from '../test/rows.ts';
import { TestLake } from '../test/testLake.ts';
import { TestWarehouse } from '../test/testWarehouse.ts';

/** A processed log that was rebuilt brings rows in other versions than the one before: no warehouse goes on in it. */
let warehouse: TestWarehouse;
let lake: TestLake;

beforeEach(async () => {
  warehouse = await TestWarehouse.create();
  lake = new TestLake();
  await lake.commit(firstVersion);
  await lake.commit({ fact_payment: [payment({ paid: 't' })] });
  await warehouse.load(lake);
});
afterEach(() => warehouse.drop());

/** As a process finds it that begins now. */
const lookAnew = (): ProcessedBucket => processedBucket(lake.store);

async function rebuildLog(): Promise<void> {
  const { publish } = await lake.rebuild('again');
  expect(await publish()).toBe(true);
}

const state = async () => [
  await warehouse.contents(),
  await warehouse.text('SELECT version, run_id FROM etl.load_log ORDER BY 1'),
];

test.each([0, 1])('is refused with %d versions to load, until a replay', async (more) => {
  await rebuildLog();
  const processed = lookAnew();
  for (let i = 0; i < more; i++) {
    await processed.log.commit({ ...(await processed.log.read(2)), version: 3 });
  }
  const before = await state();
  const load = warehouse.load(lake, { processed });
  await expect(load).rejects.toThrow(WarehouseMismatch);
  await expect(load).rejects.toThrow(
    'warehouse schema "public": version 2 was not loaded from the log that memory: has now, whose version is of transform run again: ' +
      'the processed log was rebuilt since: run totes replay',
  );
  expect(await state()).toEqual(before);

  expect(await warehouse.replay(lake, { processed })).toMatchObject({ version: 2 + more });
  expect(await warehouse.load(lake, { processed })).toMatchObject({ version: 2 + more, versions: [] });
});

test('by a run that began before, once the warehouse is of the new log: the next run goes on', async () => {
  await rebuildLog();
  await warehouse.replay(lake, { processed: lookAnew() });
  const before = await state();
  await lake.commit({ fact_payment: [payment({ paid: 'f' })] });
  await expect(warehouse.load(lake)).rejects.toThrow(CommitConflict);
  expect(await state()).toEqual(before);
  expect(await warehouse.load(lake, { processed: lookAnew() })).toMatchObject({ version: 2, versions: [] });
});

test('by a run that is overtaken between its look and its lock', async () => {
  await lake.commit({ fact_payment: [payment({ paid: 'f' })] });
  const { bucket, publish } = await lake.rebuild('again');
  let overtaken = false;
  lake.store.beforeGet = async (key) => {
    if (overtaken || !key.startsWith('log/000') || !key.endsWith('2.json')) return;
    overtaken = true;
    // The run has surveyed the warehouse, and reads the version that it holds.
    await warehouse.replay(lake, {
      processed: { store: bucket.store, log: bucket.log },
      publish: async () => {
        expect(await publish()).toBe(true);
      },
    });
    await warehouse.database.query('DELETE FROM etl.load_log WHERE version = 3');
  };
  await expect(warehouse.load(lake)).rejects.toThrow(CommitConflict);
  expect(overtaken).toBe(true);
  expect((await state())[1]).toEqual(['1|again', '2|again']);
});

test('by a run that meets the new log before the warehouse is of it: it waits, and goes on', async () => {
  const { bucket, publish } = await lake.rebuild('again');
  let replaying: Promise<unknown> | undefined;
  lake.store.beforeList = async () => {
    lake.store.beforeList = () => undefined;
    // The run has surveyed the warehouse, and looks for the log in force.
    await new Promise<void>((published) => {
      replaying = warehouse.replay(lake, {
        processed: bucket,
        publish: async () => {
          await publish();
          published();
          await untilLoadWaits();
        },
      });
    });
  };
  expect(await warehouse.load(lake, { processed: lookAnew() })).toMatchObject({ version: 2, versions: [] });
  await replaying;
});

async function untilLoadWaits(): Promise<void> {
  const waiting = "SELECT FROM pg_locks WHERE locktype = 'advisory' AND NOT granted";
  while ((await warehouse.database.query(waiting)).length === 0);
}

test('is nothing to a warehouse that was emptied', async () => {
  await rebuildLog();
  await warehouse.database.query(`TRUNCATE ${starTables.map(({ name }) => name).join()}`);
  expect(await warehouse.load(lake, { processed: lookAnew() })).toMatchObject({ version: 2, versions: [1, 2] });
});
