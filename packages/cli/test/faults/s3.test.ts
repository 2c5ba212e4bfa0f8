import { S3Client } from '@aws-sdk/client-s3';
import { processedBucket, rawBucket, TotesError, type Lake } from '@totes/core';
import { ingest } from '@totes/ingest';
import { load } from '@totes/load';
import { transform } from '@totes/transform';
import type { Client } from 'pg';
import { createDatabase, type TestDatabase } from '../../../../scripts/jest/database.ts';
import { S3Store } from '../../../core/src/lake/s3Store.ts';
import { FakeS3, type Fault } from '../../../core/test/fakeS3.ts';
import { generate } from '../../src/sampleData/generate.ts';
import { random } from '../../src/sampleData/random.ts';
import { differences } from '../compare.ts';
import { history, namedObjects } from './wholeness.ts';

/** The stages on S3, by the real client, while requests fail in every way that S3 and the network have. */
const server = new FakeS3();
let client: S3Client;
let lake: Lake;
let source: TestDatabase;
let clients: { readonly source: Client; readonly warehouse: Client };
let warehouse: TestDatabase;
let runs = 0;

beforeAll(async () => {
  client = new S3Client({
    endpoint: await server.start(),
    forcePathStyle: true,
    region: 'eu-west-2',
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
    maxAttempts: 2,
    requestHandler: { requestTimeout: 700, throwOnRequestTimeout: true },
  });
  const store = (prefix: string): S3Store => new S3Store(client, server.bucket, prefix);
  lake = { raw: rawBucket(store('ingestion')), processed: processedBucket(store('processed')) };
  [source, warehouse] = await Promise.all([createDatabase(), createDatabase()]);
  clients = { source: await source.connect(), warehouse: await warehouse.connect() };
  await generate({ url: source.url, orders: 6, seed: 3 });
});
afterAll(async () => {
  client.destroy();
  await Promise.all([source.drop(), warehouse.drop()]);
  await server.stop();
});
afterEach(() => {
  server.fault = () => undefined;
});

const now = (): Date => new Date();

/** The stages, by name; each is what a schedule would call. */
const stages = {
  ingest: () =>
    ingest({
      source: clients.source,
      raw: lake.raw,
      options: { format: 'csv' },
      runId: `run-${++runs}`,
      codeVersion: 'test',
      now,
    }),
  transform: () => transform({ ...lake, runId: `run-${++runs}`, codeVersion: 'test', now }),
  load: () => load({ warehouse: clients.warehouse, processed: lake.processed, schema: 'public', codeVersion: 'test' }),
};

/** Runs a stage as often as it fails for a reason that may pass. Gives how often that was. */
async function untilDone(stage: keyof typeof stages): Promise<number> {
  for (let failures = 0; ; failures++) {
    try {
      await stages[stage]();
      return failures;
    } catch (error) {
      if (!(error instanceof TotesError && error.transient)) throw error;
      expect(error.message).toMatch(/^s3:\/\/test-lake\/.*\S$/);
      if (failures === 20) throw error;
    }
  }
}

/** Every version has all of its objects as it names them, and no upload was left half done. */
function expectSoundLake(): void {
  for (const [key, { body }] of server.objects) {
    const [, bucket] = /^(\w+)\/log\//.exec(key) ?? [];
    if (bucket === undefined) continue;
    for (const named of namedObjects(JSON.parse(body.toString()))) {
      expect(server.objects.get(`${bucket}/${named.key}`)?.body.length).toBe(named.bytes);
    }
  }
}

const kinds: readonly Fault[] = [
  { status: 503, code: 'SlowDown' },
  { status: 500, code: 'InternalError' },
  { status: 503, code: 'ServiceUnavailable' },
  'cut',
  'reply lost',
  'reply cut',
  'reply short',
  'reply damaged',
];
const conflict: Fault = { status: 409, code: 'ConditionalRequestConflict' };

test('requests that fail at random, in hundreds of runs: the warehouse stays level and its history whole', async () => {
  const next = random(20241103);
  for (const stage of ['ingest', 'transform', 'load'] as const) await untilDone(stage);
  let [faults, failures, calls] = [0, 0, 0];
  for (let round = 1; round <= 60; round++) {
    await source.query('UPDATE sales_order SET units_sold = $1 WHERE sales_order_id = $2', [round, 1 + (round % 6)]);
    if (next.oneIn(3)) await source.query('UPDATE department SET department_name = $1', [`Department ${round}`]);
    const often = next.pick([4, 8, 16]);
    server.fault = ({ method, query }) => {
      if (!next.oneIn(often)) return undefined;
      faults++;
      if (next.oneIn(100)) return 'silent';
      // A listing has no checksum of its own; a body of it that is damaged is no XML, or names another key.
      const possible = query.has('list-type') ? kinds.slice(0, 6) : kinds;
      return next.pick(method === 'PUT' ? [...possible, conflict] : possible);
    };
    for (const stage of ['ingest', 'transform', 'load'] as const) {
      const failed = await untilDone(stage);
      failures += failed;
      calls += failed + 1;
    }
    server.fault = () => undefined;
    if (round % 10 === 0) expect(await differences(source, warehouse)).toEqual([]);
  }
  expectSoundLake();
  expect(calls).toBeGreaterThan(180);
  expect(failures).toBeGreaterThan(20);
  expect(faults).toBeGreaterThan(200);
  const sales = (await history(warehouse)).fact_sales_order!;
  expect(sales).toHaveLength(6 + 60);
  expect(new Set(sales).size).toBe(66);
}, 180_000);
