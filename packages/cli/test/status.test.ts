import { cp, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { simulate } from '../src/sampleData/simulate.ts';
import type { ProblemKind, Status } from '../src/status/status.ts';
import { openBench, totes, type Bench } from './pipelineTest.ts';

/** What `totes status` says of each state that a pipeline on one machine can be in. */
let bench: Bench;
beforeEach(async () => {
  bench = await openBench(5);
});
afterEach(() => bench.close());

const status = async (...options: string[]): Promise<Status> => {
  const { code, out } = await totes('status', '--lake', bench.lake, '--json', ...options);
  const found = JSON.parse(out.at(-1)!) as Status;
  expect(code).toBe(kinds(found).includes('unreachable') ? 1 : 0);
  const checked = await totes('status', '--lake', bench.lake, '--check', ...options);
  expect(checked.code).toBe(found.healthy ? 0 : 1);
  expect(found.healthy).toBe(found.problems.length === 0);
  return found;
};
const lines = async (...options: string[]): Promise<string[]> =>
  (await totes('status', '--lake', bench.lake, ...options)).out;
const warehouse = (): string[] => ['--warehouse', bench.warehouse.url];
const kinds = ({ problems }: Status): ProblemKind[] => problems.map(({ kind }) => kind);
const places = (): string[] => ['--source', bench.source.url, ...warehouse()];
/** As the commands that it sends to name a database. */
const shown = (url = bench.warehouse.url): string => url.replace(/:[^:/@]*@/, ':…@');

/** Runs the command that a problem sends to. */
const obey = async (command: string): Promise<number> =>
  (
    await totes(
      ...command
        .replaceAll(shown(), bench.warehouse.url)
        .replaceAll(shown(bench.source.url), bench.source.url)
        .split(' ')
        .slice(1),
    )
  ).code;

test('a lake that nothing was ever written to', async () => {
  expect(await status(...warehouse())).toMatchObject({
    raw: { version: 0, committedAt: null },
    processed: { version: 0 },
    warehouse: { schema: 'public', version: 0, loadedAt: null },
    lag: { versions: 0, seconds: 0, next: null },
    lastRun: null,
    quarantined: 0,
    problems: [{ kind: 'empty', next: `totes run --source postgres://… --warehouse ${shown()} --lake ${bench.lake}` }],
  });
  const text = await lines();
  expect(text[0]).toBe('Not healthy: nothing was ever read: no run has committed anything');
  expect(text).toContain('No run has committed anything yet.');
});

test('level: healthy, in the first line and by the exit code', async () => {
  await bench.run();
  expect(await status(...warehouse())).toMatchObject({
    healthy: true,
    raw: { version: 1 },
    processed: { version: 1 },
    warehouse: { version: 1, otherLake: false },
    lag: { versions: 0, since: null, next: null },
    drift: [],
  });
  const text = await lines(...warehouse());
  expect(text[0]).toBe('Healthy: both logs and the warehouse are level at version 1; the source was not asked.');
  expect(text.join('\n')).toMatch(/Level: nothing waits.*\n.*--source\.\nLast change: run \d{8}T\d{6}Z-[0-9a-f]{8}/);
  expect(text.at(-1)).toBe('No row was ever set aside.');
  expect((await lines())[0]).toBe('Healthy: both logs are level at version 1; the source was not asked.');
});

test('behind: which stage, since when, and the command that mends it', async () => {
  await bench.run();
  for (let day = 0; day < 2; day++) {
    await simulate({ url: bench.source.url, days: 1 });
    await totes('ingest', '--lake', bench.lake, '--source', bench.source.url);
  }
  const behind = await status(...warehouse());
  expect(behind).toMatchObject({
    raw: { version: 3 },
    processed: { version: 1 },
    lag: { versions: 2, next: 'transform' },
    problems: [{ kind: 'behind', next: `totes transform --lake ${bench.lake}` }],
  });
  expect(behind.lag!.seconds).toBeGreaterThanOrEqual(0);
  const text = await lines();
  expect(text[0]).toMatch(/^Not healthy: transform is behind by 2 versions: the source was read at \d{4}-.*Z, .* ago$/);
  expect(text.join('\n')).toMatch(/Behind by 2 versions, .*: `totes transform` is next\./);
  expect(text.at(-1)).toBe(`Next: totes transform --lake ${bench.lake}`);

  expect(await obey(behind.problems[0]!.next)).toBe(0);
  expect(await status()).toMatchObject({ healthy: true, lag: { versions: 0, next: null } });
  const { problems } = await status(...warehouse());
  expect(problems).toMatchObject([{ kind: 'behind', next: `totes load --lake ${bench.lake} --warehouse ${shown()}` }]);
  expect((await lines(...warehouse())).join('\n')).toMatch(/warehouse schema public +1 .*\n.*`totes load` is next\./);
  expect(await obey(problems[0]!.next)).toBe(0);
  expect((await status(...warehouse())).healthy).toBe(true);
});

test('behind the source: what no run has read, and nothing of it is kept', async () => {
  await bench.run();
  const level = await status(...places());
  expect(level).toMatchObject({ healthy: true, source: { rows: {}, lines: [] } });
  expect((await lines(...places()))[0]).toBe(
    'Healthy: both logs, the warehouse and the source are level at version 1.',
  );

  await bench.source.query(`
    UPDATE department SET location = 'Leeds' WHERE department_id = 1;
    ALTER TABLE staff ADD nickname text`);
  const before = await readdir(bench.lake, { recursive: true });
  const found = await status(...places());
  expect(found).toMatchObject({
    raw: { version: 1 },
    source: { rows: { department: 1, staff: 20 } },
    problems: [
      {
        kind: 'behind',
        next: `totes run ${['--source', shown(bench.source.url)].join(' ')} --warehouse ${shown()} --lake ${bench.lake}`,
      },
    ],
  });
  const text = await lines(...places());
  expect(text[0]).toMatch(
    /^Not healthy: the source waits to be read: department 1 row, staff 20 rows, column staff\.nickname is new.*; the lake shows it as of 20.*Z, .* ago$/,
  );
  expect(text.join('\n')).toMatch(/\nTo be read: department 1 row, staff/);
  expect(await readdir(bench.lake, { recursive: true })).toEqual(before);
  const withoutWarehouse = await status('--source', bench.source.url);
  const elsewhere = await lines(...warehouse(), '--schema', 'elsewhere');
  expect(elsewhere[0]).toMatch(
    /^Not healthy: nothing was ever loaded into warehouse schema elsewhere: load is behind by 1/,
  );
  expect(withoutWarehouse.problems[0]!.next).toBe(
    `totes ingest --source ${shown(bench.source.url)} --lake ${bench.lake}`,
  );

  expect(await obey(found.problems[0]!.next)).toBe(0);
  expect(await status(...places())).toMatchObject({ source: { lines: [] }, problems: [{ kind: 'drifted' }] });
});

test('stuck: no run can read the source as it is, and status says so though nothing is late', async () => {
  await bench.run();
  await bench.source.query('ALTER TABLE design RENAME design_name TO title');
  const found = await status(...places());
  expect(found).toMatchObject({ source: null, problems: [{ kind: 'stuck', afterMending: true }] });
  const text = await lines(...places());
  expect(text[0]).toMatch(/^Not healthy: no run can read the source: .*column design\.design_name is missing.* title$/);
  expect(text.at(-1)).toMatch(/^Next, when that is mended: totes run --source /);
  await bench.source.query('ALTER TABLE design RENAME title TO design_name');
  expect(await obey(found.problems[0]!.next)).toBe(0);
  expect((await status(...places())).problems.map(({ message }) => message)).toEqual([]);
});

test('unreachable: the source; what the lake and the warehouse say is shown all the same', async () => {
  await bench.run();
  const wrong = bench.source.url.replace(/:[^:/@]*@/, ':s3cret@');
  const found = await status('--source', wrong, ...warehouse());
  expect(found).toMatchObject({ source: null, raw: { version: 1 }, warehouse: { version: 1 } });
  expect(kinds(found)).toEqual(['unreachable']);
  const text = await lines('--source', wrong);
  expect(text[0]).toMatch(/^Not healthy: the source cannot be read: .*password authentication failed/);
  expect(text.at(-1)).toBe(`Next, when that is mended: totes status --lake ${bench.lake} --source ${shown(wrong)}`);
  expect(text.join('\n')).not.toContain('s3cret');
  const pasted = await totes('status', '--lake', bench.lake, '--source', shown());
  expect([pasted.code, pasted.error[0]]).toEqual([
    1,
    expect.stringMatching(/--source holds "…", .*: write the password/),
  ]);
});

test('locked: what another session keeps does not keep whoever asks', async () => {
  await bench.run();
  const [inSource, inWarehouse] = await Promise.all([bench.source.connect(), bench.warehouse.connect()]);
  await inSource.query('BEGIN; LOCK TABLE payment');
  await inWarehouse.query('BEGIN; LOCK TABLE etl.load_log');
  const text = (await lines(...places())).join('\n');
  expect(text).toMatch(/^Not healthy: the warehouse cannot be reached: .*another session keeps a lock on it/);
  expect(text).toMatch(/\nAlso: the source cannot be reached: .*another session keeps a lock on it/);
});

test('an empty lake beside a warehouse that was loaded: nobody is sent to read all of the source into it', async () => {
  await bench.run();
  const elsewhere = join(bench.lake, '../elsewhere');
  const { out } = await totes('status', '--lake', elsewhere, ...warehouse());
  expect(out[0]).toMatch(
    /^Not healthy: there is nothing in this lake, and .* was loaded from another lake, .*meant\?$/,
  );
  expect(out.join('\n')).not.toContain('totes run');
  expect(out.at(-1)).toBe(`Next: totes status --lake … --warehouse ${shown()}`);
});

test('quarantined: how many rows, and where to read why', async () => {
  await bench.source.query(`UPDATE sales_order SET agreed_payment_date = '2023-02-30' WHERE sales_order_id = 3`);
  await bench.run();
  expect(await status(...warehouse())).toMatchObject({ waiting: 1, problems: [{ kind: 'quarantined' }] });
  const text = await lines();
  expect(text[0]).toBe('Not healthy: 1 row is set aside: the warehouse lacks it');
  expect(text.at(-1)).toBe(`Next: totes quarantine list --lake ${bench.lake}`);
  await bench.source.query(`UPDATE sales_order SET agreed_payment_date = '2023-02-28' WHERE sales_order_id = 3`);
  await bench.run();
  expect(await status()).toMatchObject({ healthy: true, waiting: 0, quarantined: 1 });
});

test('drifted: what changed in the source with the newest version', async () => {
  await bench.run();
  await bench.source.query(`
    ALTER TABLE staff ADD nickname text;
    ALTER TABLE sales_order ALTER units_sold TYPE bigint;
    ALTER TABLE design ADD note text;
    CREATE TABLE voucher (voucher_id integer PRIMARY KEY)`);
  await bench.run();
  await bench.source.query('ALTER TABLE design DROP note; DROP TABLE voucher; ALTER TABLE staff ADD alias text');
  const first = await status(...warehouse());
  expect(kinds(first)).toEqual(['drifted']);
  expect(first.drift).toEqual([
    'column design.note is new (text)',
    'column sales_order.units_sold is bigint, it was integer',
    'column staff.nickname is new (text)',
    'table voucher is new',
  ]);
  expect(first.problems[0]!.next).toBe(
    `totes verify --source postgres://… --warehouse ${shown()} --lake ${bench.lake}`,
  );
  await bench.run();
  expect((await status()).drift).toEqual([
    'column design.note is gone',
    'column staff.alias is new (text)',
    'table voucher is gone',
  ]);
  await simulate({ url: bench.source.url, days: 1 });
  await bench.run();
  expect(await status()).toMatchObject({ healthy: true, drift: [] });
});

test('unreachable: the warehouse; the lake is shown all the same, and no password', async () => {
  await bench.run();
  const url = 'postgres://loader:s3cret@127.0.0.1:1/x';
  const found = await status('--warehouse', url);
  expect(found).toMatchObject({
    raw: { version: 1 },
    warehouse: null,
    lag: { versions: 0 },
    problems: [{ kind: 'unreachable', message: expect.stringContaining('ECONNREFUSED') as string }],
  });
  const text = await lines('--warehouse', url);
  expect(text[0]).toMatch(/^Not healthy: the warehouse cannot be reached: .*127\.0\.0\.1:1/);
  expect(text.join('\n')).toMatch(/raw log +1 .*\n.*\nwarehouse +\? +unknown\nLevel/);
  expect(text.at(-1)).toBe(
    `Next, when that is mended: totes status --lake ${bench.lake} --warehouse postgres://loader:…@127.0.0.1:1/x`,
  );
  expect(text.join('\n')).not.toContain('s3cret');
});

test('unreachable: the lake; the warehouse is shown all the same', async () => {
  await bench.run();
  const found = await totes('status', '--lake', '/dev/null/lake', ...warehouse(), '--json');
  expect(found.code).toBe(1);
  const status = JSON.parse(found.out.at(-1)!) as Status;
  expect(status).toMatchObject({ raw: null, processed: null, lag: null, waiting: null, warehouse: { version: 1 } });
  expect(kinds(status)).toEqual(['unreachable', 'unreachable']);
});

test('a warehouse of another lake holds nothing of this one', async () => {
  await bench.run();
  const other = await openBench(3);
  await other.run();
  const found = await status('--warehouse', other.warehouse.url);
  expect(found).toMatchObject({
    warehouse: { version: 0, loadedAt: null, otherLake: true },
    lag: { versions: 1, next: 'load' },
  });
  expect(kinds(found)).toEqual(['otherLake', 'behind']);
  const text = await lines('--warehouse', other.warehouse.url);
  expect(text[0]).toMatch(
    /^Not healthy: warehouse schema public was loaded from another lake than this one, .* up to version 1$/,
  );
  expect(text.at(-1)).toMatch(/^Next: totes load --lake /);
  await other.close();
});

test('a warehouse of a log that was rebuilt since: a replay mends it', async () => {
  await bench.run();
  const second = 'second';
  expect((await totes('load', '--lake', bench.lake, ...warehouse(), '--schema', second)).code).toBe(0);
  expect((await totes('replay', '--from-raw', '--lake', bench.lake, ...warehouse())).code).toBe(0);
  expect((await status(...warehouse())).healthy).toBe(true);
  const found = await status(...warehouse(), '--schema', second);
  expect(kinds(found)).toEqual(['rebuiltLog']);
  const next = `totes replay --lake ${bench.lake} --warehouse ${shown()} --schema second`;
  const text = await lines(...warehouse(), '--schema', second);
  expect([text[0], text.at(-1)]).toEqual([
    'Not healthy: the processed log was rebuilt since version 1 was loaded into warehouse schema second',
    `Next: ${next}`,
  ]);
  expect(await obey(next)).toBe(0);
  expect((await status(...warehouse(), '--schema', second)).healthy).toBe(true);
});

test('a lake that was put back to an older copy', async () => {
  await bench.run();
  const copy = join(bench.lake, '../copy');
  await cp(bench.lake, copy, { recursive: true });
  await simulate({ url: bench.source.url, days: 1 });
  await bench.run();
  await rm(bench.lake, { recursive: true });
  await cp(copy, bench.lake, { recursive: true });
  expect(kinds(await status(...warehouse()))).toEqual(['olderLake']);
  expect((await lines(...warehouse()))[0]).toMatch(
    /is at version 2, the processed log at 1 only: the lake was put back/,
  );
});

test('a warehouse of which some tables were emptied', async () => {
  await bench.run();
  await bench.warehouse.query('TRUNCATE fact_payment');
  const found = await status(...warehouse());
  expect(found).toMatchObject({ warehouse: null, raw: { version: 1 } });
  expect(kinds(found)).toEqual(['emptied']);
  expect(found.problems[0]!.message).toMatch(/fact_payment is empty, though etl.load_log says rows were loaded/);
  expect(await obey(found.problems[0]!.next)).toBe(0);
  expect((await status(...places())).healthy).toBe(true);
});

test('a warehouse whose tables were changed by hand: no load goes on, and status says so while nothing is late', async () => {
  await bench.run();
  await bench.warehouse.query('DROP VIEW current_payment');
  const [incomplete] = (await status(...warehouse())).problems;
  expect(incomplete).toMatchObject({
    kind: 'incomplete',
    next: `totes load --lake ${bench.lake} --warehouse ${shown()}`,
  });
  expect(await obey(incomplete!.next)).toBe(0);
  expect((await status(...warehouse())).healthy).toBe(true);

  await bench.warehouse.query('ALTER TABLE dim_staff DROP COLUMN email_address CASCADE');
  const text = await lines(...warehouse());
  expect(text[0]).toMatch(
    /^Not healthy: warehouse schema "public" is not as the star is declared: .*dim_staff\.email_address/,
  );
  expect(text.at(-1)).toBe(`Next, when that is mended: totes load --lake ${bench.lake} --warehouse ${shown()}`);
});
