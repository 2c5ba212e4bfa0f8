import { setTimeout } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { requestLook, SourceUnavailable } from '@totes/core';
import type pg from 'pg';
import { createTotesys, department, type Totesys } from '../test/totesys.ts';

let totesys: Totesys;
beforeEach(async () => (totesys = await createTotesys()));
afterEach(() => totesys.drop());

const query = (sql: string): Promise<unknown> => totesys.database.query(sql);

const ask = (...department: number[]): Promise<number> =>
  requestLook(totesys.store, { requestedBy: 'test', keys: { department } }, { runId: 'asked', now: new Date(0) });

/** A session that has done something and not yet committed. */
async function having(sql: string): Promise<pg.Client> {
  const client = await totesys.database.connect();
  await client.query(`BEGIN; ${sql}`);
  return client;
}

/** Waits until the run waits for a lock. */
async function untilItWaits(): Promise<void> {
  const waiting = `SELECT FROM pg_stat_activity
    WHERE datname = current_database() AND application_name = 'test' AND wait_event_type = 'Lock'`;
  while ((await totesys.database.query(waiting)).length === 0) await setTimeout(5);
}

test.each([
  ['emptied and filled again', `TRUNCATE department; ${department(1, 'one')}; ${department(2, 'two')}`],
  ['rewritten', 'ALTER TABLE department ALTER department_id TYPE bigint'],
])('a table that is %s while a run begins is seen whole, and no row of it is taken for deleted', async (_, sql) => {
  await query(`${department(1, 'one')}; ${department(2, 'two')}`);
  await totesys.ingest();
  await ask(1, 2);
  const other = await having(sql);
  const running = totesys.ingest();
  await untilItWaits();
  await other.query('COMMIT');
  const result = await running;
  expect(result).toMatchObject({ version: 2, served: 1, read: { department: 2 } });
  expect(await totesys.deleted(2, 'department')).toBe('');
  expect(await totesys.ingest()).toMatchObject({ committed: false });
});

test('the wait for a lock ends with lock_timeout, and may be tried again', async () => {
  await having('LOCK TABLE department IN ACCESS EXCLUSIVE MODE');
  const source = await totesys.connect();
  await source.query("SET lock_timeout = '10ms'");
  const failed = totesys.ingest({ source });
  await expect(failed).rejects.toThrow(SourceUnavailable);
  await expect(failed).rejects.toThrow('canceling statement due to lock timeout');
});

test('a table that goes while a run begins is a passing fault', async () => {
  await query('CREATE TABLE "no, te" (note_id int)');
  const other = await having('DROP TABLE "no, te"');
  const failed = totesys.ingest().catch((error: unknown) => error);
  await untilItWaits();
  await other.query('COMMIT');
  const error = await failed;
  expect(error).toBeInstanceOf(SourceUnavailable);
  expect((error as Error).message).toContain(
    'relation "public.no, te" does not exist, though it was there a moment ago',
  );
  expect(await totesys.ingest()).toMatchObject({ version: 1 });
});

test('tables that this role may not read, or not find, are not locked', async () => {
  await query("CREATE TABLE secret (secret_id int); CREATE ROLE lock_reader LOGIN PASSWORD 'lock_reader'");
  try {
    await query('GRANT SELECT ON ALL TABLES IN SCHEMA public TO lock_reader; REVOKE SELECT ON secret FROM lock_reader');
    const source = await totesys.connect('lock_reader');
    expect(await totesys.ingest({ source })).toMatchObject({
      version: 1,
      notices: [expect.stringMatching(/^not archived: no right to read table secret/)],
    });
    await query('REVOKE USAGE ON SCHEMA public FROM PUBLIC');
    await expect(totesys.ingest({ source })).rejects.toThrow('no right to use schema "public": GRANT USAGE');
  } finally {
    await query('DROP OWNED BY lock_reader; DROP ROLE lock_reader');
  }
});
