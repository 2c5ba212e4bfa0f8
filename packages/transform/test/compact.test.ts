import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  integer,
  processedBucket,
  readParquet,
  readVerified,
  rowKinds,
  type CompactedRef,
  type ProcessedBucket,
  type ProcessedManifest,
  type RawBucket,
  type RowKind,
} from '@totes/core';
import { copyText } from '../../core/test/copyText.ts';
import { MemoryStore } from '../../core/test/memoryStore.ts';
import { transform } from '../src/index.ts';
import { schemaOf } from '../src/versionObjects.ts';
import { commitRaw } from './rawLog.ts';

const golden = join(import.meta.dirname, 'golden', 'changes');
const csv = (version: number, table: string): Promise<string> =>
  readFile(join(golden, String(version), 'in', `${table}.csv`), 'utf8');

const versions = 13;

/** A first version with all tables, then versions with a department, a design, a deleted design, or nothing of the star. */
async function rawLog(): Promise<RawBucket> {
  const store = new MemoryStore();
  const tables = [
    'address',
    'department',
    'staff',
    'counterparty',
    'currency',
    'design',
    'payment_type',
    'transaction',
  ];
  const first = [...tables, 'sales_order', 'payment'].map(async (table) => [table, await csv(1, table)] as const);
  await commitRaw(store, Object.fromEntries(await Promise.all(first)));
  const [header, row] = (await csv(1, 'design')).split('\n') as [string, string];
  const [department, moved] = [await csv(1, 'department'), await csv(2, 'department')];
  for (let version = 2; version <= versions; version++) {
    const design = `${header}\n${row.replace(/^\d+/, String(version * 100))}\n`;
    const changes = [{ department: version % 8 === 4 ? moved : department }, { design }, {}, {}];
    const deleted = version % 4 === 3 ? { deleted: { design: `design_id\n${(version - 2) * 100}\n` } } : {};
    await commitRaw(store, changes[version % 4]!, deleted);
  }
  return commitRaw(store, {});
}

const run = (raw: RawBucket, processed: ProcessedBucket, compactAfter?: number) =>
  transform({
    ...{ raw, processed, runId: 'run', codeVersion: 'test', now: () => new Date('2024-01-02T03:05:00Z') },
    ...(compactAfter !== undefined && { compactAfter }),
  });

const manifests = async ({ log }: ProcessedBucket): Promise<ProcessedManifest[]> =>
  Promise.all(Array.from({ length: await log.head() }, (_, i) => log.read(i + 1)));

/** The rows of objects, as text with the version before each; a ref without one has it in its rows. */
async function rowsOf({ store }: ProcessedBucket, kind: RowKind, table: string, refs: readonly CompactedRef[]) {
  const rows: string[] = [];
  for (const ref of refs) {
    const schema = [...schemaOf(kind, table)];
    if (ref.version === undefined) schema.push({ name: 'version', type: integer, nullable: false });
    const before = rows.length;
    for (const batch of readParquet(await readVerified(store, ref), schema)) {
      const text = [...copyText(batch)].map((chunk) => Buffer.from(chunk).toString()).join('');
      for (const line of text.trimEnd().split('\n'))
        rows.push(ref.version === undefined ? line : `${line}\t${ref.version}`);
    }
    expect(rows.length - before).toBe(ref.rows);
  }
  return rows;
}

/** All rows of a log up to a version, by kind and table: through its compaction, or version by version. */
async function contents(processed: ProcessedBucket, upTo: number, isCompacted: boolean) {
  const all = (await manifests(processed)).slice(0, upTo);
  const compacted = isCompacted ? all.findLast((manifest) => manifest.compacted)?.compacted : undefined;
  const found: Record<string, string[]> = {};
  for (const kind of rowKinds) {
    const add = async (tables: Readonly<Record<string, readonly CompactedRef[]>>, version?: number): Promise<void> => {
      for (const [table, refs] of Object.entries(tables)) {
        const named = version === undefined ? refs : refs.map((ref) => ({ ...ref, version }));
        (found[`${kind} ${table}`] ??= []).push(...(await rowsOf(processed, kind, table, named)));
      }
    };
    await add(compacted?.[kind] ?? {});
    for (const { version, [kind]: tables = {} } of all) if (version > (compacted?.to ?? 0)) await add(tables, version);
  }
  return found;
}

test('after each version a reader finds the same rows in the compacted objects as in the versions, in order', async () => {
  const processed = processedBucket(new MemoryStore());
  await run(await rawLog(), processed, 3);
  const all = await manifests(processed);
  expect(all.flatMap(({ version, compacted }) => (compacted ? [version] : []))).toEqual([3, 6, 9, 12]);
  expect(all.map(({ compaction }) => compaction?.version)).toEqual([
    ...[undefined, undefined, 3, 3, 3, 6, 6, 6, 9, 9, 9, 12, 12, 12],
  ]);
  for (let upTo = 1; upTo <= all.length; upTo++) {
    expect(await contents(processed, upTo, true)).toEqual(await contents(processed, upTo, false));
  }
  const { tables, deleted } = all[11]!.compacted!;
  expect(Object.keys(deleted!)).toEqual(['dim_design']);
  expect(tables.dim_design!.length).toBeLessThan(3);
  expect(tables.dim_staff![0]!.key).toMatch(
    /^compacted\/dim_staff\/2024\/01\/02\/v9\/part-00000-[0-9a-f]{12}[.]parquet$/,
  );
  // What came alone is where it was.
  expect(tables.fact_payment).toEqual(all[0]!.tables.fact_payment!.map((ref) => ({ ...ref, version: 1 })));
});

test('compacting changes nothing else of the log, and two transforms write the same objects', async () => {
  const raw = await rawLog();
  const [plain, once, again] = [new MemoryStore(), new MemoryStore(), new MemoryStore()];
  const { bytes } = await run(raw, processedBucket(plain));
  const compacting = await run(raw, processedBucket(once), 3);
  for (let version = 1; version <= versions + 1; version++) await run(raw, processedBucket(again), 3);
  expect([...again.objects]).toEqual([...once.objects]);
  const without = (all: readonly ProcessedManifest[]) => all.map((each) => ({ ...each, compacted: 0, compaction: 0 }));
  expect(without(await manifests(processedBucket(once)))).toEqual(without(await manifests(processedBucket(plain))));
  const added = [...once.objects].filter(([key]) => key.startsWith('compacted/'));
  expect(compacting.bytes - bytes).toBe(added.reduce((sum, [, body]) => sum + body.length, 0));
});

test('a log that was never compacted catches up, some versions at a time', async () => {
  const raw = await rawLog();
  const store = new MemoryStore();
  await run(raw, processedBucket(store), 1000);
  for (let version = versions + 2; version < 300; version++) await commitRaw(raw.store, {});
  await run(raw, processedBucket(store), 1000);
  await commitRaw(raw.store, {});
  await run(raw, processedBucket(store));
  await commitRaw(raw.store, {});
  await run(raw, processedBucket(store), 1);
  const all = await manifests(processedBucket(store));
  expect(all.slice(-2).map(({ compaction }) => compaction)).toEqual([
    { version: 300, to: 256 },
    { version: 301, to: 301 },
  ]);
  for (const upTo of [300, 301]) {
    expect(await contents(processedBucket(store), upTo, true)).toEqual(
      await contents(processedBucket(store), upTo, false),
    );
  }
});

test('a transform that ends before its commit leaves nothing that a reader sees', async () => {
  const raw = await rawLog();
  const store = new MemoryStore();
  const put = store.putIfAbsent.bind(store);
  store.putIfAbsent = (key, body) => {
    if (key.endsWith('00006.json')) throw new Error('killed');
    return put(key, body);
  };
  await expect(run(raw, processedBucket(store), 3)).rejects.toThrow('killed');
  expect([...store.objects.keys()].some((key) => key.includes('compacted/') && key.includes('/v6/'))).toBe(true);
  expect((await manifests(processedBucket(store))).at(-1)).toMatchObject({
    version: 5,
    compaction: { version: 3, to: 3 },
  });
  store.putIfAbsent = put;
  await run(raw, processedBucket(store), 3);
  const undisturbed = new MemoryStore();
  await run(raw, processedBucket(undisturbed), 3);
  expect([...store.objects].sort()).toEqual([...undisturbed.objects].sort());
});

test('objects that this release cannot read as its own tables are left as they are', async () => {
  const raw = await rawLog();
  const store = new MemoryStore();
  const processed = processedBucket(store);
  await run(raw, processed, 1000);
  const before = await manifests(processed);
  const head = before.length;
  // As if a release that knew a table more, and of another a column less, had written these.
  const staff = before.flatMap(({ tables }) => tables.dim_staff ?? []);
  const altered = processedBucket(new MemoryStore());
  for (const [key, body] of store.objects) {
    if (!key.startsWith('log/')) await altered.store.putIfAbsent(key, body);
  }
  for (const manifest of before) {
    const { dim_staff: own, ...tables } = manifest.tables;
    await altered.log.commit({ ...manifest, tables: own ? { ...tables, dim_bag: own, dim_location: own } : tables });
  }
  await commitRaw(raw.store, {});
  await run(raw, altered, head);
  const { compacted } = await altered.log.read(head + 1);
  for (const table of ['dim_bag', 'dim_location']) {
    expect(compacted!.tables[table]!.map(({ key }) => key)).toEqual(staff.map(({ key }) => key));
  }
});
