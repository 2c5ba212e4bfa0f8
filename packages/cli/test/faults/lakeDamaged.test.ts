import {
  LakeCorrupt,
  ManifestUnsupported,
  manifestFormat,
  processedBucket,
  rawBucket,
  readVerified,
  requestLog,
  requestLook,
  sourceTables,
  starTables,
  type TotesError,
} from '@totes/core';
import type { Client } from 'pg';
import { createDatabase, type TestDatabase } from '../../../../scripts/jest/database.ts';
import { generate } from '../../src/sampleData/generate.ts';
import { contents } from '../compare.ts';
import { MemoryLake } from './memoryLake.ts';
import { namedObjects } from './wholeness.ts';

/**
 * Every kind of object of the lake, damaged in every way, under a pipeline that has work left in all its stages. The
 * objects are those that the lake is found to hold, so a kind that is added is covered.
 */
let source: TestDatabase;
let warehouse: TestDatabase;
let clients: { readonly source: Client; readonly warehouse: Client };
/** Four raw versions, three of them transformed, nothing loaded, and a request that nobody has served. */
const lake = new MemoryLake();
/** What the warehouse shows after each version. */
const after = new Map<number, unknown>();

beforeAll(async () => {
  [source, warehouse] = await Promise.all([createDatabase(), createDatabase()]);
  clients = { source: await source.connect(), warehouse: await warehouse.connect() };
  await generate({ url: source.url, orders: 6, seed: 3 });
  const request = (keys: Record<string, number[]>, retry = {}): Promise<number> =>
    requestLook(lake.raw, { requestedBy: 'test', keys, ...retry }, { runId: 'r', now: new Date(0) });

  await source.query('ALTER TABLE sales_order DROP CONSTRAINT sales_order_design_id_fkey');
  await source.query(`UPDATE sales_order SET agreed_payment_date = 'soon' WHERE sales_order_id = 1`);
  await source.query('UPDATE sales_order SET design_id = 9999 WHERE sales_order_id = 2');
  await lake.ingest(clients.source, 'csv');
  await source.query(`UPDATE sales_order SET design_id = 1 WHERE sales_order_id = 2`);
  await source.query(`UPDATE department SET department_name = 'Elsewhere'`);
  await source.query(`DELETE FROM payment WHERE payment_id = 1`);
  await request({ payment: [1, 2] });
  await lake.ingest(clients.source, 'json');
  await source.query(`INSERT INTO design (design_id, design_name, file_location, file_name)
    OVERRIDING SYSTEM VALUE VALUES (9999, 'late', '/', 'late.png')`);
  await request({ design: [9999] }, { retry: true });
  await lake.ingest(clients.source, 'csv');
  await lake.transform();
  await source.query(`UPDATE payment SET paid = NOT paid`);
  await source.query(`DELETE FROM payment WHERE payment_id = 3`);
  await request({ payment: [3] });
  await lake.ingest(clients.source, 'csv');
  await request({ payment: [2] });

  const whole = lake.copy();
  const versions = [1, 2, 3, 4].map((version) => `log/${String(version).padStart(20, '0')}.json`);
  await whole.transform();
  for (const [i, key] of versions.entries()) {
    const part = whole.copy();
    for (const later of versions.slice(i + 1)) part.processed.objects.delete(later);
    await part.load(clients.warehouse);
    after.set(Number(/\d+/.exec(key)![0]), await shown());
  }
});
afterAll(() => Promise.all([source.drop(), warehouse.drop()]));

type Bucket = 'raw' | 'processed';

const known = [
  'raw: log .json',
  'raw: raw deleted.csv.zst',
  'raw: raw part.csv.zst',
  'raw: raw part.jsonl.zst',
  'raw: requests .json',
  'processed: log .json',
  'processed: quarantine part.jsonl',
  'processed: star part.parquet',
  'processed: star/deleted part.parquet',
  'processed: star/late part.parquet',
  'processed: state v.parquet',
  'processed: state/keys v.parquet',
  'processed: state/quarantine v.jsonl',
];

/** What the warehouse shows, without when its source was read, which a look that is taken again changes. */
async function shown(): Promise<unknown> {
  return JSON.parse(JSON.stringify(await contents(warehouse)).replace(/(,deleted,\d+),[^)]*\)/g, '$1)'));
}

const empty = (): Promise<unknown> =>
  warehouse.query('DROP SCHEMA IF EXISTS etl CASCADE; DROP SCHEMA public CASCADE; CREATE SCHEMA public');

/** All stages, as the schedule would call them; also with the processed log made anew, where the raw one is damaged. */
async function useLake(damaged: MemoryLake, bucket: Bucket): Promise<void> {
  if (bucket === 'raw') {
    const anew = damaged.copy();
    anew.processed.objects.clear();
    await anew.transform();
  }
  await damaged.ingest(clients.source);
  await damaged.transform();
  await damaged.load(clients.warehouse);
}

/** Reads what the stages had no need of, as people and their commands may. */
async function readDamaged(damaged: MemoryLake, bucket: Bucket, key: string): Promise<void> {
  const version = Number(/\/(\d{20})\.json$/.exec(key)?.[1]);
  if (key.startsWith('requests/')) await requestLog(damaged.raw).read(version);
  else if (key.startsWith('log/'))
    await (bucket === 'raw' ? rawBucket : processedBucket)(damaged[bucket]).log.read(version);
  else await readVerified(damaged[bucket], named(bucket).get(key)!);
}

function named(bucket: Bucket) {
  const manifests = [...lake[bucket].objects].filter(([key]) => key.startsWith('log/'));
  const objects = manifests.flatMap(([, body]) => namedObjects(JSON.parse(Buffer.from(body).toString())));
  return new Map(objects.map((object) => [object.key, { ...object, rows: 0 }]));
}

const errorOf = (work: Promise<unknown>): Promise<unknown> =>
  work.then(
    () => undefined,
    (error: unknown) => error,
  );

const tables = new Set([...sourceTables, ...starTables].map(({ name }) => name));

/** A key without tables, dates, numbers and hashes: `raw: raw part.csv.zst`, `processed: star/late part.parquet`. */
function kindOf(bucket: Bucket, key: string): string {
  const folders = key.split('/').slice(0, -1);
  const kept = folders.filter((name) => !tables.has(name) && !/\d/.test(name));
  const file = /([a-z]*)[^/.]*(\.[^/]+)$/.exec(key)!.slice(1).join('');
  return `${bucket}: ${kept.join('/')} ${file}`;
}

/** The first and the last object of every kind. */
function samples(): { bucket: Bucket; key: string; kind: string }[] {
  const byKind = new Map<string, { bucket: Bucket; key: string; kind: string }[]>();
  for (const bucket of ['raw', 'processed'] as const) {
    for (const key of [...lake[bucket].objects.keys()].sort()) {
      const kind = kindOf(bucket, key);
      byKind.set(kind, [...(byKind.get(kind) ?? []), { bucket, key, kind }]);
    }
  }
  return [...byKind.values()].flatMap((of) => [...new Set([of[0]!, of.at(-1)!])]);
}

type Damage = (body: Uint8Array, other: Uint8Array) => Uint8Array | undefined;
const damages: readonly [string, Damage][] = [
  ['missing', () => undefined],
  ['truncated', (body) => body.subarray(0, body.length >> 1)],
  ['with a byte that was flipped', (body) => body.with(body.length >> 1, body[body.length >> 1]! ^ 1)],
  ["with another object's bytes", (_, other) => other],
];

test('the lake holds an object of every kind that this release writes', () => {
  const found = new Set(samples().map(({ kind }) => kind));
  expect(known.filter((kind) => !found.has(kind))).toEqual([]);
});

/** What refuses a damaged lake, in the stages or where people read it; undefined where nothing does. */
async function refusal(damaged: MemoryLake, { bucket, key }: { bucket: Bucket; key: string }): Promise<unknown> {
  await empty();
  const error = (await errorOf(useLake(damaged, bucket))) ?? (await errorOf(readDamaged(damaged, bucket, key)));
  const loaded = await version();
  // Versions before the damaged one may be there, and each is there whole.
  if (loaded > 0) expect([key, await shown()]).toEqual([key, after.get(Math.min(loaded, 4))]);
  return error;
}

test.each(damages)(
  'an object that is %s is refused by name, and nothing of it arrives',
  async (how, damage) => {
    const objects = samples();
    for (const [i, { bucket, key, kind }] of objects.entries()) {
      const damaged = lake.copy();
      const store = damaged[bucket].objects;
      const alike = objects.find((each) => each.kind === kind && each.key !== key) ?? objects.at(i - 1)!;
      const body = damage(store.get(key)!, lake[alike.bucket].objects.get(alike.key)!);
      if (body === undefined) store.delete(key);
      else store.set(key, body);
      const error = await refusal(damaged, { bucket, key });
      // A version exists iff its manifest does, so the newest of a log ceases to exist with it.
      if (how === 'missing' && error === undefined) expect(key).toMatch(/^(log|requests)\//);
      else {
        expect([key, error]).toEqual([key, expect.any(LakeCorrupt)]);
        expect((error as TotesError).message).toContain(`memory:/${key}`);
      }
    }
  },
  120_000,
);

test('a manifest of a newer format is not read, in any log', async () => {
  const manifests = samples().filter(({ key }) => key.endsWith('.json'));
  expect(new Set(manifests.map(({ kind }) => kind)).size).toBe(3);
  for (const { bucket, key } of manifests) {
    const newer = lake.copy();
    const manifest = JSON.parse(Buffer.from(lake[bucket].objects.get(key)!).toString()) as object;
    const text = JSON.stringify({ ...manifest, format: manifestFormat + 1, sha256: undefined });
    newer[bucket].objects.set(key, Buffer.from(text));
    const error = await refusal(newer, { bucket, key });
    expect([key, error]).toEqual([key, expect.any(ManifestUnsupported)]);
    expect((error as TotesError).message).toContain(`memory:/${key} has format ${manifestFormat + 1}`);
  }
});

async function version(): Promise<number> {
  const [ledger] = await warehouse.query<{ there: boolean }>(`SELECT to_regclass('etl.load_log') IS NOT NULL AS there`);
  if (!ledger!.there) return 0;
  return Number(
    (await warehouse.query<{ v: string }>('SELECT coalesce(max(version), 0) AS v FROM etl.load_log'))[0]!.v,
  );
}
