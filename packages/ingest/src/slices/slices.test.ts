import { randomUUID } from 'node:crypto';
import {
  CommitConflict,
  FolderStore,
  LakeCorrupt,
  LakeUnavailable,
  LookTooLong,
  rawBucket,
  SnapshotLost,
  SourceUnavailable,
} from '@totes/core';
import type { Client } from 'pg';
import { createTotesys, department, type Totesys } from '../../test/totesys.ts';
import type { IngestOptions } from '../ingest.ts';
import { awaitPlan } from './awaitPlan.ts';
import { commitSlices } from './commitSlices.ts';
import { giveUp } from './giveUp.ts';
import { hold } from './hold.ts';
import { SliceFolder } from './sliceFolder.ts';
import { takeSlice } from './takeSlice.ts';

let totesys: Totesys;
beforeEach(async () => {
  totesys = await createTotesys();
  await query(`INSERT INTO department SELECT n, repeat('x', 500) || n, 'here', 'them', now(), now()
               FROM generate_series(1, 60) n`);
});
afterEach(() => totesys.drop());

const query = (sql: string): Promise<unknown> => totesys.database.query(sql);
const patience = { pauseMillis: 1, mostMillis: 60_000 };
const now = new Date(Date.UTC(2026, 0, 31, 12));

const departments = async (version = 1): Promise<unknown[]> =>
  (await totesys.rows(version, 'department')).map((row) => [row.department_id, String(row.department_name).slice(500)]);
const seen = Array.from({ length: 60 }, (_, n) => [n + 1, String(n + 1)]);

describe('on one machine', () => {
  const read = (connections: number, sliceBlocks: number, runId: string, raw = totesys.raw) =>
    totesys.ingest({
      raw,
      options: { format: 'json', sliceBlocks },
      readers: {
        target: { url: totesys.database.url, side: 'source', applicationName: 'test' },
        connections,
      },
      runId,
    });

  test.each([
    ['one connection', 1],
    ['three connections', 3],
  ])('rows come in the same order from many slices as from one, with %s', async (_, connections) => {
    expect(await read(connections, 1, 'many')).toMatchObject({ committed: true, read: { department: 60 } });
    const { objects } = (await totesys.raw.log.read(1)).tables.department!;
    expect(objects.map(({ key }) => key.slice(-21))).toEqual(objects.map((_, part) => `/part-0000${part}.jsonl.zst`));
    expect(objects.length).toBeGreaterThan(3);
    expect(await departments()).toEqual(seen);
  });

  test('rows that the lake has already are recognised in slices too', async () => {
    await read(1, 1, 'first');
    // Another way of finding changes begins with all rows.
    const capture = { department: { mode: 'last_updated', lookbackSeconds: 0 } } as const;
    const options = { format: 'json', sliceBlocks: 1, capture } as const;
    expect(await totesys.ingest({ options })).toMatchObject({ committed: true, read: { department: 0 } });
    await query(department(61, 'new'));
    expect((await totesys.ingest({ options: { format: 'json', sliceBlocks: 1 } })).read.department).toBe(61);
  });

  test.each([1, 2])('a source that grants %s connections is read with those', async (most) => {
    const role = `reader_${randomUUID().slice(0, 8)}`;
    await query(`CREATE ROLE ${role} LOGIN PASSWORD '${role}' CONNECTION LIMIT ${most}`);
    await query(`GRANT SELECT ON ALL TABLES IN SCHEMA public TO ${role}`);
    const url = Object.assign(new URL(totesys.database.url), { username: role, password: role }).href;
    const { read: rows } = await totesys.ingest({
      source: await totesys.connect(role),
      options: { format: 'json', sliceBlocks: 1 },
      readers: { target: { url, side: 'source', applicationName: 'test' }, connections: 3 },
    });
    expect(rows.department).toBe(60);
    expect(await departments()).toEqual(seen);
    await query(`DROP OWNED BY ${role}; DROP ROLE ${role}`);
  });

  test('the first failure of a slice is that of the look, and nothing is committed', async () => {
    const failing = (key: string) => key.endsWith('part-00002.jsonl.zst');
    const raw = rawBucket(new Broken(failing));
    await expect(read(3, 1, 'failing', raw)).rejects.toThrow(LakeUnavailable);
    expect(await totesys.raw.log.head()).toBe(0);
  });
});

/** The lake, in which some keys cannot be written. */
class Broken extends FolderStore {
  readonly #fails: (key: string) => boolean;

  constructor(fails: (key: string) => boolean) {
    super(totesys.store.uri);
    this.#fails = fails;
  }

  override putIfAbsent(key: string, body: Uint8Array): Promise<boolean> {
    if (this.#fails(key)) return Promise.reject(new LakeUnavailable('the lake is away'));
    return super.putIfAbsent(key, body);
  }
}

describe('by several processes', () => {
  /** A look whose slices are planned. */
  async function open(runId: string, mostMillis = patience.mostMillis) {
    const source = await totesys.connect();
    const folder = new SliceFolder(totesys.store, `slices/${runId}`);
    const run: IngestOptions = {
      source,
      raw: totesys.raw,
      options: { format: 'json', sliceBlocks: 1 },
      runId,
      codeVersion: 'test',
      now: () => now,
    };
    const held = hold(run, folder, { ...patience, mostMillis });
    held.catch(() => undefined);
    const { slices } = await awaitPlan(folder, patience);
    const { look } = await folder.readPlan();
    const ofDepartment = [...look.slices.keys()].filter((number) => look.slices[number]!.table === 'department');
    return { source, folder, held, numbers: Array.from({ length: slices }, (_, n) => n), ofDepartment };
  }
  type Open = Awaited<ReturnType<typeof open>>;

  let attempts = 0;
  const take = ({ folder }: Open, number: number, store = totesys.store) =>
    takeSlice(store, { folder, number, runId: `attempt-${++attempts}` }, async (work) => work(await totesys.connect()));
  const takeAll = async (look: Open, numbers = look.numbers): Promise<void> => {
    for (const number of numbers) await take(look, number);
  };
  const commit = ({ folder }: Open) => commitSlices(totesys.raw, folder, 'test', now);

  test('all slices show the moment of the plan, whatever is written meanwhile', async () => {
    const look = await open('moved');
    await take(look, look.ofDepartment[0]!);
    await query("UPDATE department SET department_name = repeat('y', 900) WHERE department_id IN (1, 30, 60)");
    await query('DELETE FROM department WHERE department_id = 40');
    await query(department(61, 'new'));
    await query('VACUUM department');
    await takeAll(look);
    expect(await commit(look)).toMatchObject({ version: 1, committed: true, read: { department: 60 } });
    expect(await look.held).toEqual({ version: 0, slices: look.numbers.length });
    expect(await departments()).toEqual(seen);
    expect((await totesys.ingest()).read.department).toBe(4);
  });

  test('what a slice recorded first counts, however often it is tried', async () => {
    const look = await open('tries');
    const [first] = look.ofDepartment;
    const broken = new Broken((key) => key.startsWith('raw/'));
    await expect(take(look, first!, broken)).rejects.toThrow(LakeUnavailable);
    expect(await look.folder.failures()).toMatchObject([{ Error: 'LakeUnavailable' }]);
    await Promise.all([take(look, first!), take(look, first!)]);
    expect(await look.folder.failures()).toEqual([]);
    await takeAll(look);
    expect((await commit(look)).read.department).toBe(60);
    expect(await departments()).toEqual(seen);
    // The answer to the first call may have been lost.
    expect(await commit(look)).toMatchObject({ version: 1, committed: true });
    await look.held;
  });

  test('a slice that was not read is missed', async () => {
    const look = await open('missing');
    await takeAll(look, look.numbers.slice(1));
    await expect(commit(look)).rejects.toThrow(LakeCorrupt);
    await giveUp(look.folder, { Error: 'LakeCorrupt', Cause: '' });
    await look.held;
  });

  test('once the snapshot is lost no slice is read, and the cause is told', async () => {
    const look = await open('lost');
    await query(`SELECT pg_terminate_backend(${(look.source as Client & { processID: number }).processID})`);
    await expect(look.held).rejects.toThrow(SourceUnavailable);
    await expect(take(look, 0)).rejects.toThrow(SnapshotLost);
    const failure = { Error: 'States.ExceedToleratedFailureThreshold', Cause: 'no reason' };
    expect(await giveUp(look.folder, failure)).toMatchObject({ Error: 'SnapshotLost' });
    await expect(
      awaitPlan(new SliceFolder(totesys.store, 'slices/none'), { ...patience, mostMillis: 1 }),
    ).rejects.toThrow(/no slices were planned/);
  });

  test('a slice does not wait behind whoever waits to change its table', async () => {
    const look = await open('blocked');
    const other = await totesys.database.connect();
    const truncated = other.query('TRUNCATE department');
    const waits = `SELECT FROM pg_locks WHERE NOT granted AND relation = 'department'::regclass`;
    while ((await totesys.database.query(waits)).length === 0);
    await expect(take(look, look.ofDepartment[0]!)).rejects.toThrow(/somebody waits to change it/);
    expect(await giveUp(look.folder, { Error: 'SourceUnavailable', Cause: '' })).toMatchObject({
      Error: 'SourceUnavailable',
    });
    await look.held;
    await truncated;
  });

  test('a look that another run has overtaken is not committed', async () => {
    const look = await open('overtaken');
    await takeAll(look);
    expect(await totesys.ingest()).toMatchObject({ version: 1, committed: true });
    await expect(commit(look)).rejects.toThrow(CommitConflict);
    await giveUp(look.folder, { Error: 'CommitConflict', Cause: '' });
    await look.held;
    expect(await totesys.ingest()).toMatchObject({ version: 1, committed: false });
  });

  test('two looks at once do not read the source in slices both', async () => {
    const look = await open('one');
    await expect(open('two')).rejects.toThrow(SnapshotLost);
    await takeAll(look);
    expect(await commit(look)).toMatchObject({ version: 1, committed: true });
    await look.held;
  });

  test('a look that takes too long ends', async () => {
    const look = await open('long', 0);
    await expect(look.held).rejects.toThrow(LookTooLong);
    expect(await look.folder.state()).toBe('ended');
  });

  test('a plan is never replaced', async () => {
    const look = await open('twice');
    await expect(look.folder.writePlan(await look.folder.readPlan())).rejects.toThrow(SnapshotLost);
    await look.folder.end();
    await look.held;
  });
});
