import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { LakeCorrupt, LakeMismatch, processedBucket, type ProcessedBucket, type RawBucket } from '@totes/core';
import { MemoryStore } from '../../core/test/memoryStore.ts';
import { transform } from '../src/index.ts';
import { quarantinedRows, starRows } from './processed.ts';
import { commitRaw } from './rawLog.ts';

const golden = join(import.meta.dirname, 'golden', 'changes');
const csv = (version: number, table: string): Promise<string> =>
  readFile(join(golden, String(version), 'in', `${table}.csv`), 'utf8');

const firstVersion = Object.fromEntries(
  await Promise.all(
    [
      'address',
      'department',
      'staff',
      'counterparty',
      'currency',
      'design',
      'payment_type',
      'transaction',
      'sales_order',
      'payment',
    ].map(async (table) => [table, await csv(1, table)] as const),
  ),
);

const run = (raw: RawBucket, processed: ProcessedBucket, runId = 'run') =>
  transform({ raw, processed, runId, codeVersion: 'test', now: () => new Date('2024-01-02T03:05:00Z') });

async function twoVersions(): Promise<{
  rawStore: MemoryStore;
  raw: RawBucket;
  processed: ProcessedBucket;
  store: MemoryStore;
}> {
  const rawStore = new MemoryStore();
  await commitRaw(rawStore, firstVersion);
  const raw = await commitRaw(rawStore, { department: await csv(2, 'department') });
  const store = new MemoryStore();
  return { rawStore, raw, processed: processedBucket(store), store };
}

test('it brings the processed log up to the raw head, then finds nothing to do', async () => {
  const { raw, processed, store } = await twoVersions();
  const first = await run(raw, processed);
  expect(first).toMatchObject({ version: 2, transformed: [1, 2], quarantined: 0 });
  expect(first.rows).toMatchObject({ dim_staff: 3, fact_payment: 2, dim_date: 365 });
  const objects = [...store.objects.keys()];
  expect(await run(raw, processed)).toEqual({
    version: 2,
    transformed: [],
    rows: {},
    quarantined: 0,
    waiting: 0,
    bytes: 0,
  });
  expect([...store.objects.keys()]).toEqual(objects);
});

test('an empty raw log has nothing to transform', async () => {
  const raw = await commitRaw(new MemoryStore(), {});
  expect(await run(raw, processedBucket(new MemoryStore()))).toMatchObject({ version: 1, transformed: [1], rows: {} });
});

test('a version made alone, from the state in the lake, is the one made on the way', async () => {
  const { raw, processed, rawStore } = await twoVersions();
  await run(raw, processed);
  const early = new MemoryStore();
  const later = processedBucket(early);
  const shortRaw = new MemoryStore();
  await run(await commitRaw(shortRaw, firstVersion), later);
  await run(await commitRaw(shortRaw, { department: await csv(2, 'department') }), later);
  expect(rawStore.objects.size).toBe(shortRaw.objects.size);
  expect(await later.log.read(2)).toEqual(await processed.log.read(2));
});

test('JSON lines give the same rows as CSV', async () => {
  const { raw, processed } = await twoVersions();
  await run(raw, processed);
  const lines =
    '{"department_id":2,"department_name":"Procurement","location":"Leeds","manager":null,"created_at":"2023-05-01T09:00:00.123","last_updated":"2023-06-02T10:00:00"}\n';
  const store = new MemoryStore();
  await commitRaw(store, firstVersion);
  const json = processedBucket(new MemoryStore());
  await run(await commitRaw(store, { department: lines }, { format: 'json' }), json);
  expect(await starRows(json, await json.log.read(2))).toEqual(await starRows(processed, await processed.log.read(2)));
});

test('two at once: each version is committed once, and both end at the head', async () => {
  const { raw, processed } = await twoVersions();
  const results = await Promise.all([run(raw, processed, 'a'), run(raw, processed, 'b')]);
  expect(results.map(({ version }) => version)).toEqual([2, 2]);
  expect(results.flatMap(({ transformed }) => transformed).sort()).toEqual([1, 2]);
});

test('a run that overtakes another between its two listings does not make it fail', async () => {
  const { raw, processed, rawStore } = await twoVersions();
  await run(raw, processed);
  let listings = 0;
  for (const bucket of [raw, processed]) {
    const list = bucket.store.list.bind(bucket.store);
    bucket.store.list = async (...args) => {
      const keys = await list(...args);
      if (++listings === 1)
        await run(await commitRaw(rawStore, { department: await csv(5, 'department') }), processed, 'other');
      return keys;
    };
  }
  expect(await run(raw, processed)).toMatchObject({ version: 3, transformed: [] });
});

test('tables that no star uses are passed over', async () => {
  const raw = await commitRaw(new MemoryStore(), { unheard_of: 'a,b\n1,2\n' });
  expect(await run(raw, processedBucket(new MemoryStore()))).toMatchObject({ transformed: [1], rows: {} });
});

test('more quarantined rows than one object holds', async () => {
  const header = 'currency_id,currency_code,created_at,last_updated';
  const rows = Array.from({ length: 10_001 }, (_, i) => `${i},,2023-01-01 00:00:00,2023-01-01 00:00:00`);
  const raw = await commitRaw(new MemoryStore(), { currency: [header, ...rows, ''].join('\n') });
  const processed = processedBucket(new MemoryStore());
  expect(await run(raw, processed)).toMatchObject({ quarantined: 10_001 });
  const manifest = await processed.log.read(1);
  expect(manifest.quarantine.objects.map(({ rows: count }) => count)).toEqual([10_000, 1]);
  expect(new Set((await quarantinedRows(processed, manifest)).map(({ key }) => key)).size).toBe(10_001);
});

describe('nothing is committed when', () => {
  test('a raw object was altered', async () => {
    const { raw, processed, rawStore } = await twoVersions();
    const key = [...rawStore.objects.keys()].find((each) => each.includes('sales_order'))!;
    const body = Buffer.from(rawStore.objects.get(key)!);
    body[body.length - 3]! ^= 1;
    rawStore.objects.set(key, body);
    await expect(run(raw, processed)).rejects.toThrow(LakeCorrupt);
    expect(await processed.log.head()).toBe(0);
  });

  test('a raw object was cut short', async () => {
    const { raw, processed, rawStore } = await twoVersions();
    const key = [...rawStore.objects.keys()].find((each) => each.includes('payment/'))!;
    rawStore.objects.set(key, rawStore.objects.get(key)!.subarray(0, 20));
    await expect(run(raw, processed)).rejects.toThrow(LakeCorrupt);
    expect(await processed.log.head()).toBe(0);
  });

  test('a raw object lacks a column that the star needs', async () => {
    const raw = await commitRaw(new MemoryStore(), { currency: 'currency_id\n1\n' });
    const processed = processedBucket(new MemoryStore());
    await expect(run(raw, processed)).rejects.toThrow(
      'memory:/raw/currency/2024/01/02/run-1/part-00000.csv.zst: the object has no column currency_code',
    );
    expect(await processed.log.head()).toBe(0);
  });

  test('the processed log is of another lake', async () => {
    const { raw, processed } = await twoVersions();
    await run(raw, processed);
    const other = new MemoryStore();
    await commitRaw(other, firstVersion, { lakeId: 'other' });
    await expect(run(await commitRaw(other, {}, { lakeId: 'other' }), processed)).resolves.toMatchObject({
      transformed: [],
    });
    await expect(run(await commitRaw(other, {}, { lakeId: 'other' }), processed)).rejects.toThrow(LakeMismatch);
    const shorter = new MemoryStore();
    await expect(run(await commitRaw(shorter, {}), processed)).rejects.toThrow(LakeMismatch);
  });
});
