import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { ConfigInvalid } from '@totes/core';
import { createTotesys, department, type Totesys } from '../test/totesys.ts';

let totesys: Totesys;
beforeEach(async () => (totesys = await createTotesys()));
afterEach(() => totesys.drop());

const query = (sql: string): Promise<unknown> => totesys.database.query(sql);
const hour = 3600;

const options = {
  format: 'json',
  capture: { department: { mode: 'last_updated', lookbackSeconds: hour } },
} as const;

/** Ingests by last_updated, and gives the ids of the departments that the new version brings. */
async function departments(): Promise<unknown[]> {
  const { version, committed } = await totesys.ingest({ options });
  if (!committed) return [];
  return (await totesys.rows(version, 'department')).map((row) => row.department_id).sort();
}

const watermark = async (version: number): Promise<unknown> =>
  (await totesys.raw.log.read(version)).tables.department!.watermark;

test('rows within the lookback of the greatest last_updated are captured, older ones are not', async () => {
  await query(department(1, 'one', '2026-01-01 09:00:00.123456'));
  await query(department(2, 'two', '2026-01-01 10:00:00.123456'));
  expect(await departments()).toEqual([1, 2]);
  expect(await watermark(1)).toBe('2026-01-01 10:00:00.123456');
  await query(department(3, 'at the edge', '2026-01-01 09:00:00.123456'));
  await query(department(4, 'beyond', '2026-01-01 09:00:00.123455'));
  await query(department(5, 'later', '2026-01-01 11:00'));
  // The rows seen before are not sent again: their xmin is old.
  expect(await departments()).toEqual([3, 5]);
  expect(await watermark(2)).toBe('2026-01-01 11:00:00');
  expect(await departments()).toEqual([]);
});

test('a last_updated ahead of the clock does not hide the rows to come', async () => {
  await query(department(1, 'one', '2026-01-01 10:00'));
  await query(department(2, 'from the future', '9999-12-31'));
  await query(department(3, 'at the end of time', 'infinity'));
  expect(await departments()).toEqual([1, 2, 3]);
  expect(await watermark(1)).toBe('2026-01-01 10:00:00');
  await query(department(4, 'today', '2026-01-01 12:00'));
  expect(await departments()).toEqual([4]);
});

test('a row without last_updated is captured', async () => {
  await query(`ALTER TABLE department ALTER last_updated DROP NOT NULL; ${department(1, 'one')}`);
  await totesys.ingest({ options });
  await query("INSERT INTO department VALUES (2, 'two', NULL, NULL, now(), NULL)");
  expect(await departments()).toEqual([2]);
});

test('an empty table has no watermark and is read in full until it has', async () => {
  expect(await totesys.ingest({ options })).toMatchObject({ version: 1 });
  expect(await watermark(1)).toBeUndefined();
  await query(department(1, 'long ago', '1999-01-01'));
  expect(await departments()).toEqual([1]);
  await query(department(2, 'before that', '1998-01-01'));
  expect(await departments()).toEqual([]);
});

test('a change to or from this mode reads the table in full once', async () => {
  await query(department(1, 'one'));
  await totesys.ingest();
  // The rows are known, but not the watermark.
  expect(await totesys.ingest({ options })).toMatchObject({ version: 2, committed: true, read: { department: 0 } });
  expect(await watermark(2)).toBe('2026-01-01 10:00:00');
  expect(await totesys.ingest({ options })).toMatchObject({ version: 2, committed: false });
  await query(department(2, 'backdated', '1999-01-01'));
  expect(await departments()).toEqual([]);
  const { version } = await totesys.ingest();
  expect((await totesys.rows(version, 'department')).map((row) => row.department_id)).toEqual([1, 2]);
  expect(await watermark(version)).toBeUndefined();
});

test('changed columns are read in full in this mode too', async () => {
  await query(department(1, 'old', '1999-01-01'));
  await query(department(2, 'new', '2026-01-01'));
  await totesys.ingest({ options });
  await query("ALTER TABLE department ADD COLUMN floor text DEFAULT 'ground'");
  expect(await departments()).toEqual([1, 2]);
});

test('an index serves the condition and the watermark', async () => {
  await query(`INSERT INTO department SELECT g, 'd', NULL, NULL, now(), timestamp '2000-01-01' + g * interval '1 hour'
    FROM generate_series(1, 20000) g; CREATE INDEX ON department (last_updated); ANALYZE department`);
  await totesys.ingest({ options });
  const { updatedSince, watermarkQuery } = await import('./copyQuery.ts');
  const where = updatedSince((await watermark(1)) as string, hour);
  const plan = await totesys.database.query(`EXPLAIN SELECT * FROM department WHERE ${where} AND age(xmin) >= 0`);
  expect(JSON.stringify(plan)).toMatch(/Index|Bitmap/);
  const next = await totesys.database.query(
    `EXPLAIN ${watermarkQuery('public', 'department').replace('$1', "'2026-01-01T00:00:00Z'")}`,
  );
  expect(JSON.stringify(next)).toMatch(/Index Only Scan Backward/);
});

test('a table that cannot be captured so is a wrong setting, all of them named at once', async () => {
  await query('CREATE TABLE note (last_updated date); CREATE TABLE plain (id int)');
  const mode = { mode: 'last_updated', lookbackSeconds: hour } as const;
  const failed = totesys.ingest({
    options: {
      format: 'csv',
      capture: { nowhere: mode, note: mode, plain: mode, staff: { ...mode, lookbackSeconds: -1 } },
    },
  });
  await expect(failed).rejects.toThrow(ConfigInvalid);
  await expect(failed).rejects.toThrow(
    'capture by last_updated: the source has no table nowhere that can be read; ' +
      'note has no column last_updated of type timestamp without time zone; ' +
      'plain has no column last_updated of type timestamp without time zone; ' +
      'the lookback of staff must be a whole number of seconds, not -1',
  );
  expect(await totesys.store.list('')).toEqual([]);
});
