import type { Fault } from '../../../core/test/fakeS3.ts';
import { contents, differences } from '../compare.ts';
import { totes, type Outcome } from '../pipelineTest.ts';
import { CuttingProxy, type Cut } from './cuttingProxy.ts';
import { openS3Bench, type S3Bench } from './s3Bench.ts';
import { failureOf } from './wholeness.ts';

/** `totes replay`, from the processed log and from the raw one, while the warehouse or the lake is lost at each step. */
let bench: S3Bench;
let proxy: CuttingProxy;
/** What the warehouse shows when it is rebuilt. */
let whole: unknown;

beforeAll(async () => {
  bench = await openS3Bench(6);
  proxy = await CuttingProxy.before(bench.warehouse.url);
  await bench.run();
  await bench.source.query(`UPDATE sales_order SET units_sold = 7; UPDATE staff SET last_name = 'Other'`);
  await bench.run();
  whole = await contents(bench.warehouse);
});
afterAll(async () => {
  await proxy.close();
  await bench.close();
});
afterEach(() => {
  bench.server.fault = () => undefined;
});

const replay = (options: readonly string[]): Promise<Outcome> =>
  totes('replay', '--lake', bench.lake, '--warehouse', proxy.url, '--json', ...options);

const schemas = async (): Promise<string[]> => {
  const found = await bench.warehouse.query<{ name: string }>(
    `SELECT nspname AS name FROM pg_namespace WHERE nspname LIKE 'public%' ORDER BY 1`,
  );
  return found.map(({ name }) => name);
};

const generations = (): string[] => [...bench.server.objects.keys()].filter((key) => key.includes('log/generation-'));

/** Spoils the warehouse, and replays in vain: it stays as it is. What a failed replay leaves is the next one's to drop. */
async function expectFailure(options: readonly string[], name: string): Promise<void> {
  await bench.warehouse.query(`UPDATE fact_sales_order SET unit_price = 0; UPDATE dim_staff SET first_name = 'x'`);
  const before = await contents(bench.warehouse);
  const outcome = await replay(options);
  expect(failureOf(outcome)).toBe(name);
  // What the driver says of each further statement would hide what happened first.
  expect(outcome.error[0]).not.toContain('not queryable');
  expect(await contents(bench.warehouse)).toEqual(before);
}

async function expectRebuilt(options: readonly string[]): Promise<void> {
  expect(failureOf(await replay(options))).toBeUndefined();
  expect(await contents(bench.warehouse)).toEqual(whole);
  expect(await schemas()).toEqual(['public']);
  expect(await bench.run()).toMatchObject({ committed: false, version: 2 });
}

const vacuum = /VACUUM/;
const takeTables = /LOCK TABLE/;
const move = /SET SCHEMA/;
const fromRaw = ['--from-raw'];

test.each<[string, string[], Cut]>([
  ['amid the rows of a fact', [], { after: [/COPY pg_temp."staging_fact_sales_order"/], then: { sent: 200 } }],
  ['before the tables are taken from their readers', [], { after: [vacuum, takeTables], then: 'unsent' }],
  ['before the exchange is committed', [], { after: [vacuum, move, /COMMIT/], then: 'unsent' }],
  ['amid the exchange, the new log ready', fromRaw, { after: [vacuum, move], then: 'at once', reset: true }],
])('the warehouse is lost %s: readers see what they saw', async (_, options, cut) => {
  proxy.arm(cut);
  await expectFailure(options, 'WarehouseUnavailable');
  expect(proxy.disarm()).toBe(true);
});

test('the next replay succeeds, and leaves nothing of those before', () => expectRebuilt([]));

test('the exchange takes effect, its reply lost: the warehouse is the rebuilt one', async () => {
  await bench.warehouse.query('UPDATE fact_sales_order SET unit_price = 0');
  proxy.arm({ after: [vacuum, move, /COMMIT/], then: { received: 0 } });
  expect(failureOf(await replay([]))).toBe('WarehouseUnavailable');
  expect(await contents(bench.warehouse)).toEqual(whole);
  expect(await schemas()).toEqual(['public']);
});

const internal: Fault = { status: 500, code: 'InternalError' };
const denied: Fault = { status: 403, code: 'AccessDenied' };

test.each<[string, RegExp, Fault, string]>([
  ['at the raw log', /^GET ingestion\/log\/0+2\.json/, internal, 'LakeUnavailable'],
  ['at the new log', /^PUT processed\/log\/rebuilt-\d+-[^/]+\/0+2\.json/, denied, 'LakeRefused'],
  ['at the rows to load', /^GET processed\/star\/fact_sales_order/, 'reply damaged', 'LakeUnavailable'],
  ['at the name of the new log', /^PUT processed\/log\/generation-/, 'cut', 'LakeUnavailable'],
])('S3 fails %s: the log in force stays, and readers see what they saw', async (_, requests, fault, name) => {
  const before = generations();
  bench.server.fault = ({ method, key }) => (requests.test(`${method} ${key}`) ? fault : undefined);
  await expectFailure(fromRaw, name);
  expect(generations()).toEqual(before);
});

test('the log is put in force, its reply lost: the replay goes on', async () => {
  let lost = false;
  bench.server.fault = ({ method, key }) => {
    if (lost || method !== 'PUT' || !key.includes('log/generation-')) return undefined;
    lost = true;
    return 'reply lost';
  };
  await expectRebuilt(fromRaw);
  expect(lost).toBe(true);
});

test('after all of these the pipeline goes on in the newest log', async () => {
  await bench.source.query('UPDATE payment SET paid = NOT paid');
  expect(await bench.run()).toMatchObject({ version: 3 });
  expect(await differences(bench.source, bench.warehouse)).toEqual([]);
});
