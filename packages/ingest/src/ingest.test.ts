import { randomUUID } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import {
  CommitConflict,
  FolderStore,
  LakeRefused,
  LakeUnavailable,
  manifestFormat,
  rawBucket,
  SourceUnavailable,
  type SourcePosition,
} from '@totes/core';
import { createTotesys, department, type Totesys } from '../test/totesys.ts';
import type { IngestProgress } from './slices/progress.ts';

let totesys: Totesys;
beforeEach(async () => (totesys = await createTotesys()));
afterEach(() => totesys.drop());

const query = (sql: string): Promise<unknown> => totesys.database.query(sql);

/** The same lake, with something that happens each time before an object is written. */
class Interrupted extends FolderStore {
  readonly #before: (key: string) => Promise<void>;

  constructor(uri: string, before: (key: string) => Promise<void>) {
    super(uri);
    this.#before = before;
  }

  override async putIfAbsent(key: string, body: Uint8Array): Promise<boolean> {
    await this.#before(key);
    return super.putIfAbsent(key, body);
  }

  override async upload(key: string, body: AsyncIterable<Uint8Array>): Promise<void> {
    const before = this.#before;
    await super.upload(
      key,
      (async function* () {
        for await (const chunk of body) {
          await before(key);
          yield chunk;
        }
      })(),
    );
  }
}

const interrupted = (before: (key: string) => Promise<void>) => rawBucket(new Interrupted(totesys.store.uri, before));

/** Does something before the first object whose key starts so. */
function once(prefix: string, what: () => Promise<unknown>): (key: string) => Promise<void> {
  let done = false;
  return async (key) => {
    if (done || !key.startsWith(prefix)) return;
    done = true;
    await what();
  };
}

test('the manifest says what was seen, by whom and when', async () => {
  await query(`${department(1, 'one')}; ${department(2, 'two')}`);
  await totesys.ingest({ runId: 'run/1', codeVersion: '1.2.3', options: { format: 'csv' } });
  const manifest = await totesys.raw.log.read(1);
  expect(manifest).toMatchObject({
    kind: 'raw',
    format: manifestFormat,
    version: 1,
    runId: 'run/1',
    codeVersion: '1.2.3',
    committedAt: '2026-01-31T12:00:00.000Z',
    fullReadBecause: 'nothing was read before',
  });
  expect(manifest.source.readAt).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/);
  expect(manifest.source.database).toBe(new URL(totesys.database.url).pathname.slice(1));
  expect(Object.keys(manifest.tables)).toHaveLength(11);
  expect(manifest.tables.department).toMatchObject({
    capture: 'full',
    format: 'csv',
    objects: [{ key: 'raw/department/2026/01/31/run%2F1/part-00000.csv.zst', rows: 2 }],
  });
  expect(manifest.tables.staff).toMatchObject({ capture: 'full', objects: [] });
  expect(manifest.tables.staff).not.toHaveProperty('contentSha256');
  await query(department(3, 'three'));
  await totesys.ingest();
  expect((await totesys.raw.log.read(2)).lakeId).toBe(manifest.lakeId);
});

test('all tables are read in one snapshot', async () => {
  await query(department(1, 'one'));
  const raw = interrupted(
    once('raw/department/', () => query("INSERT INTO payment_type VALUES (1, 'SALES_RECEIPT', now(), now())")),
  );
  expect(await totesys.ingest({ raw })).toMatchObject({ read: { department: 1, payment_type: 0 } });
  expect(await totesys.ingest()).toMatchObject({ committed: true, read: { department: 0, payment_type: 1 } });
});

test('progress goes from table to table and ends with the rows of each', async () => {
  await query(`${department(1, 'one')}; ${department(2, 'two')}`);
  const seen: IngestProgress[] = [];
  await totesys.ingest({ onProgress: (progress) => seen.push(progress) });
  expect(seen.filter(({ done }) => done)).toHaveLength(11);
  expect(seen.filter(({ table }) => table === 'department')).toEqual([
    { table: 'department', rows: 2, done: false },
    { table: 'department', rows: 2, done: true },
  ]);
});

test('a table too large for one request is streamed, and recorded as it is stored', async () => {
  await query('CREATE TABLE large AS SELECT md5(g::text) AS hash FROM generate_series(1, 400000) g');
  const { read } = await totesys.ingest({ options: { format: 'csv' } });
  expect(read.large).toBe(400_000);
  const [object] = (await totesys.raw.log.read(1)).tables.large!.objects;
  expect(object!.bytes).toBeGreaterThan(4 * 1024 * 1024);
  const lines = (await totesys.text(1, 'large')).split('\n');
  expect(lines).toHaveLength(400_002);
  expect(lines.slice(0, 2)).toEqual(['"hash"', 'c4ca4238a0b923820dcc509a6f75849b']);
  expect(await totesys.ingest({ options: { format: 'csv' } })).toMatchObject({ committed: false });
});

test('runs at the same time: one commits, the others see that nothing is left', async () => {
  await query(department(1, 'one'));
  const runs = await Promise.all(
    ['a', 'b', 'c'].map(async (runId) => totesys.ingest({ runId, source: await totesys.connect() })),
  );
  expect(runs.map(({ committed }) => committed).sort()).toEqual([false, false, true]);
  expect(runs.map(({ version }) => version)).toEqual([1, 1, 1]);
  expect(await totesys.raw.log.head()).toBe(1);
});

test('a run that loses the race looks again, and brings only what the winner did not', async () => {
  await query(department(1, 'one'));
  const other = await totesys.connect();
  const raw = interrupted(
    once('log/', async () => {
      await query(department(2, 'seen by the winner'));
      await totesys.ingest({ source: other, runId: 'winner' });
      await query(department(3, 'written after it'));
    }),
  );
  expect(await totesys.ingest({ raw, runId: 'loser' })).toMatchObject({ version: 2, committed: true });
  expect((await totesys.rows(1, 'department')).map((row) => row.department_id)).toEqual([1, 2]);
  expect((await totesys.rows(2, 'department')).map((row) => row.department_id)).toEqual([3]);
  const { tables } = await totesys.raw.log.read(2);
  expect(tables.department!.objects[0]!.key).toBe('raw/department/2026/01/31/loser-2/part-00000.jsonl.zst');
});

test('a run that keeps losing gives up', async () => {
  const other = await totesys.connect();
  let id = 0;
  const raw = interrupted(async (key) => {
    if (!key.startsWith('log/')) return;
    await query(department(++id, 'more'));
    await totesys.ingest({ source: other, runId: randomUUID() });
    await query(department(++id, 'more'));
  });
  const failed = totesys.ingest({ raw, runId: 'loser' });
  await expect(failed).rejects.toThrow(CommitConflict);
  await expect(failed).rejects.toThrow('other runs committed first 5 times, the last of them version 5');
  expect(await totesys.raw.log.head()).toBe(5);
});

test.each<[string, Partial<SourcePosition>]>([
  ['system identifier', { systemIdentifier: '1' }],
  ['timeline', { timeline: 7 }],
  ['database oid', { databaseOid: 1 }],
  ['schema', { schema: 'shop' }],
  ['recovered from a crash', { readAt: '2000-01-01T00:00:00.000000Z' }],
  ['transaction ids went back', { snapshot: '9000000000000:9000000000000:' }],
])('everything is read again where the source is another: %s', async (what, source) => {
  await query(`${department(1, 'one')}; ${department(2, 'two')}`);
  await totesys.ingest();
  const seen = await totesys.raw.log.read(1);
  await query("UPDATE department SET manager = 'Ada' WHERE department_id = 2");
  await totesys.raw.log.commit({ ...seen, version: 2, runId: 'elsewhere', source: { ...seen.source, ...source } });
  const { version, read, fullReadBecause } = await totesys.ingest();
  expect(fullReadBecause).toContain(what);
  expect(read).toMatchObject({ department: 2 });
  const manifest = await totesys.raw.log.read(version);
  expect(manifest.fullReadBecause).toBe(fullReadBecause);
  expect(manifest.tables.department).toMatchObject({ capture: 'full' });
  expect(manifest.lakeId).toBe(seen.lakeId);
  expect(await totesys.ingest()).toMatchObject({ committed: false });
});

test('a source that does not tell its identity is known by when it started', async () => {
  await query(`${department(1, 'one')}; REVOKE EXECUTE ON FUNCTION pg_control_system() FROM PUBLIC;
    CREATE ROLE shy_reader LOGIN PASSWORD 'shy_reader'; GRANT SELECT ON ALL TABLES IN SCHEMA public TO shy_reader`);
  try {
    const source = await totesys.connect('shy_reader');
    const { notices } = await totesys.ingest({ source });
    expect(notices).toEqual([expect.stringMatching(/identity \(permission denied.*after each of its restarts/)]);
    const position = (await totesys.raw.log.read(1)).source;
    expect(position.timeline).toBe(0);
    expect(position.systemIdentifier).toMatch(/^started \d{4}-/);
    await query(department(2, 'two'));
    const second = await totesys.ingest({ source });
    expect(second).toMatchObject({ read: { department: 1 } });
    expect(second).not.toHaveProperty('fullReadBecause');
  } finally {
    await query('DROP OWNED BY shy_reader; DROP ROLE shy_reader');
  }
});

test('a transaction in another database of the server does not hold the look back', async () => {
  const neighbour = await createTotesys();
  const busy = await neighbour.database.connect();
  await query(department(1, 'one'));
  await busy.query('BEGIN; SELECT pg_current_xact_id()');
  await query(department(2, 'two'));
  await totesys.ingest();
  const { snapshot } = (await totesys.raw.log.read(1)).source;
  const { rows } = await busy.query<{ id: string }>('SELECT pg_current_xact_id()::text AS id');
  expect(BigInt(snapshot.split(':')[0]!)).toBeGreaterThan(BigInt(rows[0]!.id));
  expect(await totesys.ingest()).toMatchObject({ committed: false });
  await neighbour.drop();
});

test('the transaction ends whatever happens, and the connection can be used again', async () => {
  await query(department(1, 'one'));
  const source = await totesys.connect();
  const taken = interrupted(once('raw/', () => Promise.reject(new LakeUnavailable('slow down'))));
  await expect(totesys.ingest({ source, raw: taken, runId: 'first' })).rejects.toThrow(LakeUnavailable);
  expect(source.getTransactionStatus()).toBe('I');
  expect(await totesys.raw.log.head()).toBe(0);
  expect(await totesys.ingest({ source })).toMatchObject({ version: 1, committed: true });
});

test('a lake that fails amid a large table ends the run with its own error', async () => {
  await query('CREATE TABLE large AS SELECT md5(g::text) AS hash FROM generate_series(1, 400000) g');
  const raw = interrupted(once('raw/large/', () => Promise.reject(new LakeRefused('the disk is full'))));
  await expect(totesys.ingest({ source: await totesys.connect(), raw })).rejects.toThrow('the disk is full');
  expect(await totesys.store.list('')).toEqual([]);
  expect(await totesys.ingest()).toMatchObject({ version: 1, read: { large: 400_000 } });
});

test('a lake that cannot be written is refused', async () => {
  await query(department(1, 'one'));
  const folder = await mkdtemp(join(tmpdir(), 'totes-refused-'));
  await writeFile(join(folder, 'file'), '');
  const raw = rawBucket(new FolderStore(join(folder, 'file')));
  await expect(totesys.ingest({ raw })).rejects.toThrow(LakeRefused);
  await rm(folder, { recursive: true });
});

test('a run id that is used twice is refused where its keys hold other rows', async () => {
  await query(department(1, 'one'));
  await totesys.ingest({ runId: 'same' });
  await query(department(2, 'two'));
  const failed = totesys.ingest({ runId: 'same' });
  await expect(failed).rejects.toThrow(LakeRefused);
  await expect(failed).rejects.toThrow('every run needs a run id of its own');
  expect(await totesys.raw.log.head()).toBe(1);
});

test('a source that goes away amid the run is unavailable, without a password in the message', async () => {
  await query(department(1, 'one'));
  const source = await totesys.connect();
  const { rows } = await source.query<{ pid: number }>('SELECT pg_backend_pid() AS pid');
  const raw = interrupted(
    once('raw/', () => totesys.database.query('SELECT pg_terminate_backend($1)', [rows[0]!.pid])),
  );
  const failed = totesys.ingest({ source, raw });
  await expect(failed).rejects.toThrow(SourceUnavailable);
  await expect(failed).rejects.toThrow(/^source postgres:\/\/postgres@127\.0\.0\.1:\d+\/test_/);
  expect(await totesys.raw.log.head()).toBe(0);
});

test('a table that is to be dropped amid the run stays until its end', async () => {
  await query(department(1, 'one'));
  let dropped: Promise<unknown> | undefined;
  const begin = once('raw/department/', () => {
    dropped = query('DROP TABLE transaction');
    return Promise.resolve();
  });
  const raw = interrupted(begin);
  expect(await totesys.ingest({ raw })).toMatchObject({ version: 1, read: { department: 1, transaction: 0 } });
  await dropped;
  await expect(totesys.ingest()).rejects.toThrow('table transaction is missing');
});
