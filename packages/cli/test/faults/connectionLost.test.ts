import { contents, differences } from '../compare.ts';
import { openBench, totes, type Bench } from '../pipelineTest.ts';
import { random } from '../../src/sampleData/random.ts';
import { CuttingProxy, type Cut } from './cuttingProxy.ts';
import { expectSoundLake, expectWhole, failureOf } from './wholeness.ts';

/** Connections to both databases that are lost in the middle of everything. */
let bench: Bench;
let proxies: { readonly source: CuttingProxy; readonly warehouse: CuttingProxy };
let round = 0;

beforeAll(async () => {
  bench = await openBench(40);
  proxies = {
    source: await CuttingProxy.before(bench.source.url),
    warehouse: await CuttingProxy.before(bench.warehouse.url),
  };
  // More than a socket takes at once, so that a COPY is still under way when its first bytes arrive.
  await bench.source.query(
    `CREATE TABLE note AS SELECT g AS note_id, repeat('x', 1000) AS text FROM generate_series(1, 3000) g`,
  );
  await bench.run();
});
afterAll(async () => {
  await Promise.all([proxies.source.close(), proxies.warehouse.close()]);
  await bench.close();
});

/** Changes rows of a fact and of a dimension; every state is told from every other. */
async function change(): Promise<void> {
  round++;
  await bench.source.query('UPDATE sales_order SET units_sold = $1 + sales_order_id, last_updated = now()', [
    round * 1000,
  ]);
  await bench.source.query('UPDATE payment SET company_ac_number = $1, paid = NOT paid WHERE payment_id < 20', [round]);
  await bench.source.query('UPDATE department SET department_name = $1 WHERE department_id = 1', [
    `Department ${round}`,
  ]);
  await bench.source.query('UPDATE note SET text = $1', [`${round} ${'y'.repeat(1000)}`]);
}

const run = () => {
  const { source, warehouse } = proxies;
  return totes('run', '--source', source.url, '--warehouse', warehouse.url, '--lake', bench.lake, '--json');
};

const loaded = async (): Promise<number> =>
  Number((await bench.warehouse.query<{ n: string }>('SELECT max(version) AS n FROM etl.load_log'))[0]!.n);

const copyOut = (table: string): RegExp => new RegExp(`COPY \\(SELECT .* FROM "public"."${table}"`);
const copyIn = (table: string): RegExp => new RegExp(`COPY pg_temp."staging_${table}"`);
const merge = (table: string): RegExp => new RegExp(`INSERT INTO "public"."${table}"`);
const ledger = /INSERT INTO etl.load_log/;

const points: readonly [string, 'source' | 'warehouse', Cut][] = [
  ['while connecting to the source', 'source', { after: [], then: { received: 20 } }],
  ['before the snapshot of the source', 'source', { after: [/BEGIN ISOLATION/], then: 'unsent' }],
  ['before the first row out of the source', 'source', { after: [copyOut('sales_order')], then: { received: 0 } }],
  ['amid the rows of a small table', 'source', { after: [copyOut('sales_order')], then: { received: 700 } }],
  ['amid the rows of a large table', 'source', { after: [copyOut('note')], then: { received: 1_500_000 } }],
  ['before the last bytes of a COPY out', 'source', { after: [copyOut('note')], then: { received: 3_030_000 } }],
  ['when the source has been read', 'source', { after: [copyOut('transaction'), /COMMIT/], then: 'unsent' }],
  ['while connecting to the warehouse', 'warehouse', { after: [], then: { received: 20 } }],
  ['when the lock is asked for', 'warehouse', { after: [/pg_advisory_xact_lock/], then: { received: 0 } }],
  [
    'before the first row into the warehouse',
    'warehouse',
    { after: [copyIn('fact_sales_order')], then: { received: 0 } },
  ],
  ['amid the rows of a dimension', 'warehouse', { after: [copyIn('dim_staff')], then: { sent: 30 } }],
  ['amid the rows of a fact', 'warehouse', { after: [copyIn('fact_sales_order')], then: { sent: 900 } }],
  ['when a merge has been sent', 'warehouse', { after: [merge('fact_sales_order')], then: 'at once' }],
  ['when a merge has been done', 'warehouse', { after: [merge('fact_payment')], then: { received: 0 } }],
  ['before the ledger row', 'warehouse', { after: [ledger], then: 'unsent' }],
  ['before COMMIT', 'warehouse', { after: [ledger, /COMMIT/], then: 'unsent' }],
  ['when COMMIT has been sent', 'warehouse', { after: [ledger, /COMMIT/], then: 'at once' }],
  ['when COMMIT has taken effect, its reply lost', 'warehouse', { after: [ledger, /COMMIT/], then: { received: 0 } }],
];

const unavailable = { source: 'SourceUnavailable', warehouse: 'WarehouseUnavailable' } as const;

/** Runs with a connection that is lost, then without. Gives the error of the first, which may leave nothing half done. */
async function loseAndGoOn(side: 'source' | 'warehouse', cut: Cut): Promise<string | undefined> {
  await change();
  const before = { version: await loaded(), rows: await contents(bench.warehouse) };
  proxies[side].arm(cut);
  const failure = failureOf(await run());
  expect(proxies[side].disarm()).toBe(true);
  await expectSoundLake(bench.lake);
  if ((await loaded()) === before.version) expect(await contents(bench.warehouse)).toEqual(before.rows);
  expect(failureOf(await run())).toBeUndefined();
  expect(await differences(bench.source, bench.warehouse)).toEqual([]);
  return failure;
}

test.each(points.map(([name, side, cut], i) => [name, side, { ...cut, reset: i % 2 === 1 }] as const))(
  'a connection that is lost %s',
  async (_, side, cut) => {
    expect(await loseAndGoOn(side, cut)).toBe(unavailable[side]);
  },
);

test('a reply to COMMIT that was lost: the version is there, and is not loaded again', async () => {
  await change();
  const before = await loaded();
  proxies.warehouse.arm({ after: [ledger, /COMMIT/], then: { received: 0 } });
  expect(failureOf(await run())).toBe(unavailable.warehouse);
  expect(await loaded()).toBe(before + 1);
  const rows = await contents(bench.warehouse);
  expect(failureOf(await run())).toBeUndefined();
  expect(await contents(bench.warehouse)).toEqual(rows);
});

test('a connection that is lost at any byte', async () => {
  const next = random(20241103);
  const whole: Cut = { after: [/nothing says this/], then: 'unsent' };
  proxies.source.arm(whole);
  proxies.warehouse.arm(whole);
  await change();
  expect(failureOf(await run())).toBeUndefined();
  const bytes = { source: { ...proxies.source.seen }, warehouse: { ...proxies.warehouse.seen } };
  for (let i = 0; i < 10; i++) {
    const side = i % 2 === 0 ? 'source' : 'warehouse';
    const way = next.pick(['sent', 'received'] as const);
    const then = { [way]: next.below(Math.floor(bytes[side][way] * 0.95)) };
    // Without an error where only the farewell was lost.
    expect([unavailable[side], undefined]).toContain(await loseAndGoOn(side, { after: [], then }));
  }
}, 180_000);

test('after all of these every version is there once, and the history is that of a lake never disturbed', () =>
  expectWhole(bench));
