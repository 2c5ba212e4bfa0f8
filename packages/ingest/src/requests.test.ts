import { afterEach, beforeEach, expect, test } from '@jest/globals';
import {
  LakeCorrupt,
  rawBucket,
  requestLog,
  requestLook,
  type LookRequest,
  type ObjectStore,
  type RawBucket,
} from '@totes/core';
import { MemoryStore } from '../../core/test/memoryStore.ts';
import { createTotesys, department, olderBucket, type Totesys } from '../test/totesys.ts';
import { openRequests } from './requests.ts';

let totesys: Totesys;
beforeEach(async () => (totesys = await createTotesys()));
afterEach(() => totesys.drop());

const query = (sql: string): Promise<unknown> => totesys.database.query(sql);
const now = new Date(Date.UTC(2026, 0, 31, 12));

let asked = 0;
const ask = (wanted: Pick<LookRequest, 'keys' | 'retry'>, store: ObjectStore = totesys.store): Promise<number> =>
  requestLook(store, { requestedBy: 'test', ...wanted }, { runId: `asked-${++asked}`, now });

const departments = async (version: number): Promise<unknown[]> =>
  (await totesys.rows(version, 'department')).map((row) => row.department_id);

test.each(['csv', 'json'] as const)(
  '%s: rows that were asked for come again, those that are gone as keys',
  async (format) => {
    await query(`${department(1, 'one')}; ${department(2, 'two')}; ${department(3, 'three')}`);
    await totesys.ingest({ options: { format } });
    await query('DELETE FROM department WHERE department_id = 3');
    await ask({ keys: { department: [9, 3, 1, -5] } });
    const result = await totesys.ingest({ options: { format } });
    expect(result).toMatchObject({ version: 2, committed: true, served: 1, deleted: { department: 3 } });
    expect(result.read).toMatchObject({ department: 1, staff: 0 });
    expect(await totesys.text(2, 'department')).toContain('one');
    expect(await totesys.deleted(2, 'department')).toBe('"department_id"\n-5\n3\n9\n');
    const { requests, tables } = await totesys.raw.log.read(2);
    expect(requests).toBe(1);
    expect(tables.department).toMatchObject({
      capture: 'delta',
      deleted: [
        { key: expect.stringMatching(/^raw\/department\/2026\/01\/31\/run-2\/deleted-00000\.csv\.zst$/), rows: 3 },
      ],
    });
    expect(tables.staff).not.toHaveProperty('deleted');
  },
);

test('a row that changed and was asked for too comes once', async () => {
  await query(`${department(1, 'one')}; ${department(2, 'two')}`);
  await totesys.ingest();
  await query(`UPDATE department SET manager = 'Ada' WHERE department_id = 1; ${department(3, 'three')}`);
  await ask({ keys: { department: [1, 2, 1] } });
  const { version } = await totesys.ingest();
  expect((await departments(version)).sort()).toEqual([1, 2, 3]);
});

test('requests are served once, and remembered by the versions that follow', async () => {
  await query(department(1, 'one'));
  await totesys.ingest();
  expect(await totesys.raw.log.read(1)).not.toHaveProperty('requests');
  await ask({ keys: { department: [1] } });
  await ask({ keys: { staff: [] } });
  expect(await totesys.ingest()).toMatchObject({ committed: true, served: 2, read: { department: 1 }, deleted: {} });
  expect(await totesys.ingest()).toMatchObject({ version: 2, committed: false, served: 0 });
  await query(department(2, 'two'));
  expect(await totesys.ingest()).toMatchObject({ version: 3, served: 0, read: { department: 1 } });
  expect(await totesys.raw.log.read(3)).toMatchObject({ requests: 2 });
});

test('a request that finds nothing is a version too, and a retry is told to those who follow', async () => {
  await totesys.ingest();
  await ask({ retry: true });
  expect(await totesys.ingest()).toMatchObject({ version: 2, committed: true, served: 1 });
  expect(await totesys.raw.log.read(2)).toMatchObject({ retry: true, requests: 1 });
  await query(department(1, 'one'));
  await totesys.ingest();
  expect(await totesys.raw.log.read(3)).not.toHaveProperty('retry');
});

test('rows that are known already are not left out where they were asked for', async () => {
  const idle = await totesys.database.connect();
  await idle.query('BEGIN; SELECT pg_current_xact_id()');
  await query(department(1, 'one'));
  await totesys.ingest();
  await ask({ keys: { department: [1] } });
  expect(await totesys.ingest()).toMatchObject({ committed: true, read: { department: 1 } });
});

test('a row that was deleted and comes back as it was is news', async () => {
  const idle = await totesys.database.connect();
  await query(department(1, 'one'));
  await totesys.ingest();
  await query('DELETE FROM department');
  await ask({ keys: { department: [1] } });
  expect(await totesys.ingest()).toMatchObject({ deleted: { department: 1 } });
  await idle.query('BEGIN; SELECT pg_current_xact_id()');
  await query(department(1, 'one'));
  expect(await totesys.ingest()).toMatchObject({ committed: true, read: { department: 1 } });
});

test('the first version serves requests as well, and one that reads all again', async () => {
  await query(department(1, 'one'));
  await ask({ keys: { department: [1, 2] } });
  expect(await totesys.ingest()).toMatchObject({ version: 1, served: 1, deleted: { department: 1 } });
  expect(await departments(1)).toEqual([1]);
  await query("ALTER TABLE department ADD COLUMN floor text DEFAULT 'ground'");
  await ask({ keys: { department: [2, 1] } });
  expect(await totesys.ingest()).toMatchObject({ version: 2, read: { department: 1 }, deleted: { department: 1 } });
  expect((await totesys.raw.log.read(2)).tables.department).toMatchObject({ capture: 'full' });
});

test.each(['smallint', 'bigint'])('keys of type %s are found too, in partitions as well', async (type) => {
  await query(`DROP TABLE department; CREATE TABLE department (department_id ${type} PRIMARY KEY, department_name text,
      location text, manager text, created_at timestamp, last_updated timestamp) PARTITION BY RANGE (department_id);
    CREATE TABLE low PARTITION OF department FOR VALUES FROM (0) TO (10);
    CREATE TABLE high PARTITION OF department FOR VALUES FROM (10) TO (20);
    ${department(1, 'one')}; ${department(11, 'eleven')}`);
  await totesys.ingest();
  await ask({ keys: { department: [11, 1, 2_000_000_000] } });
  expect(await totesys.ingest()).toMatchObject({ read: { department: 2 }, deleted: { department: 1 } });
});

test('a table captured by last_updated brings what was asked for, however old', async () => {
  const options = { format: 'json', capture: { department: { mode: 'last_updated', lookbackSeconds: 0 } } } as const;
  await query(`${department(1, 'old', '1999-01-01')}; ${department(2, 'new')}`);
  await totesys.ingest({ options });
  await query("UPDATE department SET manager = 'Ada', last_updated = '1999-01-02' WHERE department_id = 1");
  expect(await totesys.ingest({ options })).toMatchObject({ committed: false });
  await ask({ keys: { department: [1] } });
  const { version } = await totesys.ingest({ options });
  expect(await totesys.rows(version, 'department')).toMatchObject([{ department_id: 1, manager: 'Ada' }]);
});

test('who loses the race serves what the winner left', async () => {
  await query(department(1, 'one'));
  await ask({ keys: { department: [1] } });
  const other = await totesys.connect();
  const store = new MemoryStore();
  await ask({ keys: { department: [1] } }, store);
  const raw = rawBucket(store);
  const commit = raw.log.commit.bind(raw.log);
  let first = true;
  raw.log.commit = async (manifest) => {
    if (first) {
      first = false;
      await totesys.ingest({ raw, source: other, runId: 'winner' });
      await ask({ keys: { department: [2] } }, store);
    }
    return commit(manifest);
  };
  expect(await totesys.ingest({ raw, runId: 'loser' })).toMatchObject({
    version: 2,
    served: 1,
    deleted: { department: 1 },
  });
  expect(await raw.log.read(1)).toMatchObject({ runId: 'winner', requests: 1 });
  expect(await raw.log.read(2)).toMatchObject({ runId: 'loser', requests: 2 });
});

test('without requests a run costs one listing more', async () => {
  const store = new MemoryStore();
  const raw = rawBucket(store);
  await totesys.ingest({ raw });
  store.calls.length = 0;
  await totesys.ingest({ raw });
  expect(store.calls.filter((call) => call.includes('requests/'))).toEqual(['list requests/']);
  await ask({ keys: { department: [1] } }, store);
  await totesys.ingest({ raw });
  store.calls.length = 0;
  await totesys.ingest({ raw });
  const last = 'get requests/00000000000000000001.json';
  expect(store.calls.filter((call) => call.includes('requests/'))).toEqual(['list requests/', last]);
});

test.each<[string, number, (store: ObjectStore) => RawBucket]>([
  ['one, by this release', 1, rawBucket],
  ['two, by an older one, which did not say whose they were', 2, (store) => olderBucket('requestRunId', store)],
])('requests that were removed, and numbered from 1 again, are served, after %s', async (_, count, bucketOf) => {
  const store = new MemoryStore();
  const raw = bucketOf(store);
  await query(department(1, 'one'));
  for (let i = 0; i < count; i++) await ask({ keys: { department: [1] } }, store);
  expect(await totesys.ingest({ raw })).toMatchObject({ served: count, notices: [] });
  for (const key of await store.list('requests/')) store.objects.delete(key);
  const notices = [
    expect.stringMatching(/^memory:.requests.0+[12].json was served and is gone: all requests that are/),
  ];
  expect(await totesys.ingest({ raw })).toMatchObject({ committed: false, notices });
  await ask({ keys: { department: [1, 2] } }, store);
  const served = { version: 2, served: 1, read: { department: 1 }, deleted: { department: 1 }, notices };
  expect(await totesys.ingest({ raw })).toMatchObject(served);
  expect(await raw.log.read(2)).toMatchObject({ requests: 1 });
  expect(await totesys.ingest({ raw })).toMatchObject({ committed: false, served: 0, notices: [] });
});

test('a request for an undeclared table is served without it, and that is told', async () => {
  await query(department(1, 'one'));
  await totesys.ingest();
  await ask({ keys: { nowhere: [1], department: [1, 2] } });
  await ask({ keys: { constructor: ['a'] } as never });
  const asks = (number: number, table: string) =>
    `${totesys.store.uri}/requests/0000000000000000000${number}.json asks for table "${table}", which this release does not declare: passed over`;
  expect(await totesys.ingest()).toMatchObject({
    version: 2,
    served: 2,
    read: { department: 1 },
    deleted: { department: 1 },
    notices: [asks(1, 'nowhere'), asks(2, 'constructor')],
  });
  expect(await totesys.ingest()).toMatchObject({ committed: false, notices: [] });
});

test('as many requests as have 200,000 keys together are served at once, and at least one', async () => {
  const store = new MemoryStore();
  const keys = (count: number): number[] => Array.from({ length: count }, (_, i) => count - i);
  for (const count of [150_000, 50_000, 1, 300_000, 1]) await ask({ keys: { payment: keys(count) } }, store);
  const served = async (requests = 0): Promise<unknown> => {
    const { served, keys, ...asked } = await openRequests(store, { requests });
    return { requests: asked.requests, newest: served.requests, keys: keys.get('payment')?.length };
  };
  expect(await served()).toEqual({ requests: 2, newest: 2, keys: 150_000 });
  expect(await served(2)).toEqual({ requests: 1, newest: 3, keys: 1 });
  expect(await served(3)).toEqual({ requests: 1, newest: 4, keys: 300_000 });
  expect(await served(4)).toEqual({ requests: 1, newest: 5, keys: 1 });
  expect(await served(5)).toEqual({ requests: 0, newest: 5, keys: undefined });
});

test.each<[string, object, string]>([
  ['a text', { payment: [1, '2; DROP TABLE payment'] }, 'asks for key "2; DROP TABLE payment" of payment'],
  ['a fraction', { payment: [1.5] }, 'asks for key 1.5 of payment, expected an int4'],
  ['more than an int4', { payment: [2 ** 31] }, 'asks for key 2147483648 of payment'],
  ['less than an int4', { payment: [-(2 ** 31) - 1] }, 'asks for key -2147483649 of payment'],
  ['no list', { payment: '1,2' }, 'asks for key "1,2" of payment'],
])('a request for %s is refused, and nothing is committed', async (_, keys, message) => {
  await ask({ keys: keys as Record<string, number[]> });
  const failed = totesys.ingest();
  await expect(failed).rejects.toThrow(LakeCorrupt);
  await expect(failed).rejects.toThrow(`requests/00000000000000000001.json ${message}`);
  expect(await totesys.raw.log.head()).toBe(0);
  expect(await requestLog(totesys.store).head()).toBe(1);
});
