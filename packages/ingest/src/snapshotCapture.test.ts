import { afterEach, beforeEach, expect, test } from '@jest/globals';
import type pg from 'pg';
import { createTotesys, department, type Totesys } from '../test/totesys.ts';

let totesys: Totesys;
beforeEach(async () => (totesys = await createTotesys()));
afterEach(() => totesys.drop());

const query = (sql: string): Promise<unknown> => totesys.database.query(sql);

/** Ingests, and gives the ids of the departments that the new version brings; none where there is no new version. */
async function departments(): Promise<unknown[]> {
  const { version, committed } = await totesys.ingest();
  if (!committed) return [];
  return (await totesys.rows(version, 'department')).map((row) => row.department_id).sort();
}

async function open(): Promise<pg.Client> {
  const client = await totesys.database.connect();
  await client.query('BEGIN');
  return client;
}

test('the first version brings every row, a later one only what changed', async () => {
  await query(department(1, 'Sales'));
  await query(department(2, 'Facilities'));
  const first = await totesys.ingest();
  expect(first).toMatchObject({ version: 1, committed: true, fullReadBecause: 'nothing was read before', notices: [] });
  expect(first.read).toMatchObject({ department: 2, staff: 0 });
  expect((await totesys.raw.log.read(1)).tables.department).toMatchObject({ capture: 'full' });

  await query("UPDATE department SET manager = 'Ada' WHERE department_id = 2");
  const second = await totesys.ingest();
  expect(second).not.toHaveProperty('fullReadBecause');
  expect(second).toMatchObject({ version: 2, committed: true, read: { department: 1 } });
  expect(await totesys.rows(2, 'department')).toMatchObject([{ department_id: 2, manager: 'Ada' }]);
  expect((await totesys.raw.log.read(2)).tables.department).toMatchObject({ capture: 'delta' });
});

test('a run without changes commits nothing and writes nothing', async () => {
  await query(department(1, 'Sales'));
  await totesys.ingest();
  const before = await totesys.store.list('');
  expect(await totesys.ingest()).toMatchObject({ version: 1, committed: false, read: { department: 0 } });
  await query('BEGIN; DELETE FROM department; ROLLBACK');
  expect(await totesys.ingest()).toMatchObject({ version: 1, committed: false });
  expect(await totesys.store.list('')).toEqual(before);
});

test('an empty source is a version too', async () => {
  expect(await totesys.ingest()).toMatchObject({ version: 1, committed: true });
  expect(await totesys.store.list('raw/')).toEqual([]);
  expect(await departments()).toEqual([]);
});

test('a transaction that commits late is seen, though later ones were seen before it', async () => {
  const late = await open();
  await late.query(department(1, 'begun first'));
  await query(department(2, 'begun second'));
  expect(await departments()).toEqual([2]);
  await late.query('COMMIT');
  // What was written meanwhile comes again: it cannot be told apart.
  expect(await departments()).toEqual([1, 2]);
  expect(await departments()).toEqual([]);
});

test('two open transactions that end in any order are seen', async () => {
  const [first, second] = [await open(), await open()];
  await first.query(department(1, 'first'));
  await second.query(department(2, 'second'));
  await totesys.ingest();
  await second.query('COMMIT');
  expect(await departments()).toEqual([2]);
  await first.query(department(3, 'first, later'));
  await first.query('COMMIT');
  expect(await departments()).toEqual([1, 2, 3]);
});

test('rows written after a SAVEPOINT in a transaction that commits late are seen', async () => {
  const late = await open();
  await late.query(department(1, 'before'));
  await late.query('SAVEPOINT one');
  await late.query(department(2, 'within'));
  await query(department(9, 'another'));
  await totesys.ingest();
  await late.query('SAVEPOINT two');
  await late.query(department(3, 'deeper'));
  await totesys.ingest();
  await late.query('COMMIT');
  expect(await departments()).toEqual([1, 2, 3, 9]);
});

test('rows rolled back to a SAVEPOINT are never seen, those kept are', async () => {
  const late = await open();
  await late.query('SAVEPOINT one');
  await late.query(department(1, 'undone'));
  await totesys.ingest();
  await late.query('ROLLBACK TO SAVEPOINT one');
  await late.query(department(2, 'kept'));
  await query(department(3, 'another'));
  expect(await departments()).toEqual([3]);
  await late.query('COMMIT');
  expect(await departments()).toEqual([2, 3]);
});

test('a prepared transaction is seen when it is committed, its subtransactions too', async () => {
  const late = await open();
  await late.query(`${department(1, 'prepared')}; SAVEPOINT one; ${department(2, 'within')}`);
  await late.query("PREPARE TRANSACTION 'late'");
  await query(department(3, 'another'));
  expect(await departments()).toEqual([3]);
  await query("COMMIT PREPARED 'late'");
  expect(await departments()).toEqual([1, 2, 3]);
});

test('rows of the same and of an earlier last_updated are seen', async () => {
  await query(department(1, 'one', '2026-01-01 10:00'));
  await totesys.ingest();
  await query(department(2, 'equal', '2026-01-01 10:00'));
  expect(await departments()).toEqual([2]);
  await query(department(3, 'backdated', '1999-01-01'));
  expect(await departments()).toEqual([3]);
});

test('an update that does not touch last_updated is seen', async () => {
  await query(department(1, 'old'));
  await totesys.ingest();
  await query("UPDATE department SET department_name = 'new'");
  await totesys.ingest();
  expect(await totesys.rows(2, 'department')).toMatchObject([{ department_name: 'new' }]);
});

test('while an old transaction stays open, rows sent before are recognised and not committed again', async () => {
  const idle = await open();
  await idle.query('SELECT pg_current_xact_id()');
  await query(department(1, 'one'));
  await totesys.ingest();
  // The first look read everything; from the second on the same rows come in every delta.
  expect(await departments()).toEqual([]);
  await query(department(2, 'two'));
  expect(await departments()).toEqual([1, 2]);
  expect(await departments()).toEqual([]);
  await query("INSERT INTO currency VALUES (1, 'GBP', now(), now())");
  const other = await totesys.ingest();
  expect(other).toMatchObject({ committed: true, read: { department: 0, currency: 1 } });
  expect(await departments()).toEqual([]);
  const { tables } = await totesys.raw.log.read(other.version);
  expect(tables.department).toMatchObject({ objects: [], capture: 'delta' });
});

test('TRUNCATE and a reload are seen as new rows', async () => {
  await query(department(1, 'one'));
  await totesys.ingest();
  await query(`TRUNCATE department; ${department(1, 'reloaded')}`);
  await totesys.ingest();
  expect(await totesys.rows(2, 'department')).toMatchObject([{ department_name: 'reloaded' }]);
});

test('VACUUM FULL and FREEZE make nothing new and lose nothing', async () => {
  await query(department(1, 'one'));
  await totesys.ingest();
  await query(department(2, 'two'));
  await totesys.database.query('VACUUM (FULL, FREEZE) department');
  expect(await departments()).toEqual([2]);
});

test('a column added with a default is read again in full, though it rewrites no row', async () => {
  await query(department(1, 'one'));
  await totesys.ingest();
  await query("ALTER TABLE department ADD COLUMN floor text DEFAULT 'ground'");
  const { version, read } = await totesys.ingest();
  expect(read).toMatchObject({ department: 1 });
  expect(await totesys.rows(version, 'department')).toMatchObject([{ floor: 'ground' }]);
  const { tables } = await totesys.raw.log.read(version);
  expect(tables.department).toMatchObject({ capture: 'full' });
  expect(tables.department!.columns.at(-1)).toMatchObject({ name: 'floor', type: 'text', nullable: true });
  expect(await departments()).toEqual([]);
});

test('a column dropped and added again under the same name is another column', async () => {
  await query(`${department(1, 'one')}; ALTER TABLE department ADD COLUMN floor text DEFAULT 'ground'`);
  await totesys.ingest();
  await query("ALTER TABLE department DROP COLUMN floor; ALTER TABLE department ADD COLUMN floor text DEFAULT 'first'");
  const { version } = await totesys.ingest();
  expect(await totesys.rows(version, 'department')).toMatchObject([{ floor: 'first' }]);
});

test('changed columns of a table without rows are a version too, so that the next look knows them', async () => {
  await totesys.ingest();
  await query('ALTER TABLE department ADD COLUMN floor text');
  expect(await totesys.ingest()).toMatchObject({ version: 2, committed: true });
  expect(await totesys.ingest()).toMatchObject({ version: 2, committed: false });
});

test('rows are recognised by their hash only under the columns that they were written with', async () => {
  await query('CREATE TABLE note (a text)');
  await query("INSERT INTO note VALUES ('x')");
  const options = { options: { format: 'csv' } } as const;
  await totesys.ingest(options);
  await query('CREATE TABLE kept AS TABLE note; TRUNCATE note; ALTER TABLE note RENAME a TO b');
  await totesys.ingest(options);
  await query('INSERT INTO note TABLE kept');
  const { version } = await totesys.ingest(options);
  expect(await totesys.text(version, 'note')).toBe('"b"\nx\n');
});

test('a table that was dropped leaves the next version', async () => {
  await query('CREATE TABLE note (note_id int)');
  await totesys.ingest();
  await query('DROP TABLE note');
  const { version, committed } = await totesys.ingest();
  expect(committed).toBe(true);
  expect((await totesys.raw.log.read(version)).tables).not.toHaveProperty('note');
});

test('the format may change from run to run', async () => {
  await query(department(1, 'one'));
  await totesys.ingest({ options: { format: 'csv' } });
  expect(await departments()).toEqual([]);
  await query(department(2, 'two'));
  expect(await departments()).toEqual([2]);
});
