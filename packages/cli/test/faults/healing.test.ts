import { readdir, rm, rmdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { main } from '../../src/program.ts';
import { contents, differences } from '../compare.ts';
import { openBench, totes, type Bench, type Outcome } from '../pipelineTest.ts';
import { CuttingProxy, type Cut } from './cuttingProxy.ts';
import { expectSoundLake, failureOf } from './wholeness.ts';

/** `totes verify --heal`, while a connection is lost or the lake cannot be written, at each of its steps. */
let bench: Bench;
let proxies: { readonly source: CuttingProxy; readonly warehouse: CuttingProxy };

beforeAll(async () => {
  bench = await openBench(10);
  proxies = {
    source: await CuttingProxy.before(bench.source.url),
    warehouse: await CuttingProxy.before(bench.warehouse.url),
  };
  await bench.run();
});
afterAll(async () => {
  await Promise.all([proxies.source.close(), proxies.warehouse.close()]);
  await bench.close();
});

/** A row that is missing, one that is altered, one that is extra. */
const damage = (): Promise<unknown> =>
  bench.warehouse.query(`BEGIN; SET LOCAL session_replication_role = replica;
    DELETE FROM fact_payment WHERE payment_id = 3;
    UPDATE fact_sales_order SET units_sold = units_sold + 1 WHERE sales_order_id = 7;
    INSERT INTO dim_design VALUES (9999, 'forged', '/', 'forged.png') ON CONFLICT DO NOTHING; COMMIT`);

const args = (): string[] => {
  const { source, warehouse } = proxies;
  return ['--source', source.url, '--warehouse', warehouse.url, '--lake', bench.lake, '--json'];
};
const heal = (): Promise<Outcome> => totes('verify', '--heal', ...args());
const requests = async (): Promise<number> =>
  (await readdir(join(bench.lake, 'ingestion/requests')).catch(() => [])).length;
const loaded = async (): Promise<number> =>
  (await bench.warehouse.query<{ n: number }>('SELECT max(version)::int AS n FROM etl.load_log'))[0]!.n;

/** What a comparison says of a table's keys, and what the run after it does. */
const hashesOf = (relation: string): RegExp => new RegExp(`AS range, count.*FROM [^;]*"${relation}"`, 's');
const copyOut = /COPY \(SELECT .* FROM "public"."payment"/;
const merge = /INSERT INTO "public"."fact_payment"/;
const ledger = /INSERT INTO etl.load_log/;

type Side = 'source' | 'warehouse';
const unavailable = { source: 'SourceUnavailable', warehouse: 'WarehouseUnavailable' } as const;

/** Heals with a connection that is lost, which changes nothing that people see. */
async function lose(side: Side, cut: Cut): Promise<{ asked: number }> {
  await damage();
  const before = { rows: await contents(bench.warehouse), requests: await requests() };
  proxies[side].arm(cut);
  expect(failureOf(await heal())).toBe(unavailable[side]);
  expect(proxies[side].disarm()).toBe(true);
  expect(await contents(bench.warehouse)).toEqual(before.rows);
  await expectSoundLake(bench.lake);
  return { asked: (await requests()) - before.requests };
}

async function expectHealed(): Promise<void> {
  expect(await totes('verify', ...args())).toMatchObject({ code: 0 });
  expect(await differences(bench.source, bench.warehouse)).toEqual([]);
}

test.each<[string, Side, Cut]>([
  ['the source is lost before the first hash', 'source', { after: [hashesOf('staff')], then: 'unsent' }],
  ['the source is lost amid the hashes', 'source', { after: [hashesOf('payment')], then: { received: 0 } }],
  [
    'the warehouse is lost amid the hashes',
    'warehouse',
    { after: [hashesOf('current_payment')], then: { received: 0 } },
  ],
  [
    'the warehouse is reset amid the hashes',
    'warehouse',
    { after: [hashesOf('dim_design')], then: 'at once', reset: true },
  ],
])('%s: nothing is asked for, and the next try heals', async (_, side, cut) => {
  expect(await lose(side, cut)).toEqual({ asked: 0 });
  expect(await heal()).toMatchObject({ code: 0 });
  await expectHealed();
});

test.each<[string, Side, Cut]>([
  ['the source is lost', 'source', { after: [copyOut], then: { received: 0 } }],
  ['the warehouse is lost', 'warehouse', { after: [merge], then: 'at once' }],
])('the rows are asked for, and in the run after it %s: any later run heals', async (_, side, cut) => {
  expect(await lose(side, cut)).toEqual({ asked: 1 });
  expect(await totes('run', ...args())).toMatchObject({ code: 0 });
  await expectHealed();
});

test('the run takes effect, its reply lost: the rows are mended, and are not read again', async () => {
  await damage();
  const before = { version: await loaded(), requests: await requests() };
  proxies.warehouse.arm({ after: [ledger, /COMMIT/], then: { received: 0 } });
  expect(failureOf(await heal())).toBe(unavailable.warehouse);
  expect([await loaded(), await requests()]).toEqual([before.version + 1, before.requests + 1]);
  await expectHealed();
  expect(await heal()).toMatchObject({ code: 0 });
  expect(await loaded()).toBe(before.version + 1);
});

test('the comparison after the run is lost: that is said, and the rows are mended', async () => {
  await damage();
  const out: string[] = [];
  const error: string[] = [];
  const code = await main(['verify', '--heal', ...args()], {
    out: (line) => out.push(line),
    error: (line) => error.push(line),
    progress: (line) => {
      if (line.startsWith('load')) proxies.source.arm({ after: [hashesOf('payment')], then: { received: 0 } });
    },
  });
  expect(failureOf({ code, out, error })).toBe(unavailable.source);
  await expectHealed();
});

test('the request cannot be written: nothing is read again, and the next try heals', async () => {
  await damage();
  // Where the folder store keeps what is not finished.
  const drafts = join(bench.lake, 'ingestion/.tmp');
  await rmdir(drafts);
  await writeFile(drafts, '');
  const before = [await contents(bench.warehouse), await loaded()];
  expect(failureOf(await heal())).toBe('LakeRefused');
  expect([await contents(bench.warehouse), await loaded()]).toEqual(before);
  await rm(drafts);
  expect(await heal()).toMatchObject({ code: 0 });
  await expectHealed();
});
