import { join } from 'node:path';
import { ConfigInvalid, openLake } from '@totes/core';
import { transform } from '@totes/transform';
import { logOf, logOfFailure } from '../../../scripts/jest/functionLog.ts';
import { handler } from '../../replay/src/handler.ts';
import { replayHere } from '../src/replay.ts';
import { simulate } from '../src/sampleData/simulate.ts';
import { contents, differences } from './compare.ts';
import { openBench, totes, type Bench, type Outcome } from './pipelineTest.ts';

let bench: Bench;
/** Where the lake ends. */
let head: number;
beforeEach(async () => {
  bench = await openBench(40);
  await bench.run();
  await simulate({ url: bench.source.url, days: 2 });
  await bench.source.query(`UPDATE payment SET payment_date = 'soon' WHERE payment_id = 2`);
  await bench.run();
  await bench.source.query('DELETE FROM payment WHERE payment_id = 3');
  const places = ['--source', bench.source.url, '--warehouse', bench.warehouse.url, '--lake', bench.lake];
  await totes('verify', ...places, '--heal');
  head = await (await openLake(bench.lake)).raw.log.head();
});
afterEach(() => bench.close());

const replay = (...options: string[]): Promise<Outcome> =>
  totes('replay', '--lake', bench.lake, '--warehouse', bench.warehouse.url, '--json', ...options);

test.each([[[]], [['--from-raw']]])('the warehouse is rebuilt from the lake, row for row %j', async (options) => {
  const before = await contents(bench.warehouse);
  await bench.warehouse.query(`UPDATE fact_sales_order SET unit_price = 0; UPDATE dim_staff SET first_name = 'x'`);
  const { code, out } = await replay(...options);
  expect([code, JSON.parse(out.at(-1)!)]).toMatchObject([
    0,
    { version: head, versions: Array.from({ length: head }, (_, i) => i + 1) },
  ]);
  expect(await contents(bench.warehouse)).toEqual(before);
  expect(await bench.run()).toMatchObject({ committed: false, version: head });
  const schemas = await bench.warehouse.query(`SELECT nspname FROM pg_namespace WHERE nspname LIKE 'public%'`);
  expect(schemas).toEqual([{ nspname: 'public' }]);
  await bench.source.query(`UPDATE payment SET payment_date = '2024-02-01' WHERE payment_id = 2`);
  expect(await bench.run()).toMatchObject({ version: head + 1, waiting: 0 });
  expect(await differences(bench.source, bench.warehouse)).toEqual([]);
});

test('the function rebuilds as the command does, and tells of it', async () => {
  const before = await contents(bench.warehouse);
  await bench.warehouse.query('UPDATE fact_sales_order SET unit_price = 0');
  const kept = { ...process.env };
  Object.assign(process.env, {
    WAREHOUSE_DATABASE: bench.warehouse.url,
    RAW_BUCKET: join(bench.lake, 'ingestion'),
    PROCESSED_BUCKET: join(bench.lake, 'processed'),
  });
  try {
    const { result, lines } = await logOf(() => handler({ run: 'mend', fromRaw: true }));
    expect(result).toMatchObject({ version: head });
    const { loaded } = result;
    expect(lines).toEqual([
      expect.objectContaining({
        ...{ message: 'replay finished', level: 'INFO', run: 'mend', version: head, versions: head },
        run_id: expect.stringMatching(/^mend[.][0-9a-f]{8}$/) as string,
        rows: expect.objectContaining({ fact_sales_order: loaded.fact_sales_order }) as object,
      }),
    ]);
    expect(await contents(bench.warehouse)).toEqual(before);
    const { error } = await logOfFailure(() => handler({ fromRaw: 'yes' }));
    expect(error).toBeInstanceOf(ConfigInvalid);
  } finally {
    process.env = kept;
  }
});

test('a replay is the way out where some of the tables were emptied', async () => {
  const before = await contents(bench.warehouse);
  await bench.warehouse.query('TRUNCATE fact_sales_order');
  const load = await totes('load', '--lake', bench.lake, '--warehouse', bench.warehouse.url);
  expect(load).toMatchObject({ code: 1, error: [expect.stringContaining('fact_sales_order is empty')] });
  expect((await replay()).code).toBe(0);
  expect(await contents(bench.warehouse)).toEqual(before);
});

describe('a warehouse that was loaded from the log before it was rebuilt', () => {
  const run = (...options: string[]): Promise<Outcome> =>
    totes('run', '--source', bench.source.url, '--warehouse', bench.warehouse.url, '--lake', bench.lake, ...options);
  const refusal = {
    code: 1,
    error: [
      expect.stringMatching(
        /version \d+ was not loaded from the log that .*: the processed log was rebuilt since: run totes replay/,
      ),
    ],
  };

  test('of another schema is refused until it is replayed', async () => {
    await bench.run('--schema', 'other');
    expect((await replay('--from-raw')).code).toBe(0);
    await bench.source.query('UPDATE sales_order SET units_sold = 7 WHERE sales_order_id = 1');
    expect(await run('--schema', 'other')).toMatchObject(refusal);
    expect(await run()).toMatchObject({ code: 0 });
    const late = await replay('--schema', 'other');
    expect(late).toMatchObject({ code: 0 });
    expect(JSON.parse(late.out.at(-1)!)).toMatchObject({ version: head + 1 });
    expect(await run('--schema', 'other')).toMatchObject({ code: 0 });
  });

  test.each([[[]], [['--from-raw']]])('by a replay that was killed in between is mended by %j', async (options) => {
    const before = await contents(bench.warehouse);
    const { raw, processed } = await openLake(bench.lake);
    const next = await processed.log.nextGeneration('killed');
    const now = (): Date => new Date(0);
    await transform({
      raw,
      processed: { store: processed.store, log: next.log },
      runId: 'killed',
      codeVersion: 'test',
      now,
    });
    expect(await next.publish()).toBe(true);
    expect(await run()).toMatchObject(refusal);
    expect((await replay(...options)).code).toBe(0);
    expect(await contents(bench.warehouse)).toEqual(before);
    expect(await run()).toMatchObject({ code: 0 });
  });
});

test('a pipeline that goes on while the log is rebuilt: all that it brings is in the warehouse then', async () => {
  await bench.source.query(`UPDATE payment SET payment_date = '2024-02-01' WHERE payment_id = 2`);
  let meanwhile: Promise<unknown> | undefined;
  const result = await replayHere(
    { lake: bench.lake, warehouse: bench.warehouse.url, schema: 'public', fromRaw: true },
    (stage) => {
      expect(meanwhile !== undefined || stage === 'transform').toBe(true);
      // One that still reads the log of before when that is replaced has to begin again.
      meanwhile ??= bench.run().catch((error: unknown) => {
        expect(String(error)).toContain('the processed log was rebuilt during this run: run again');
      });
    },
  );
  await meanwhile;
  expect([head, head + 1]).toContain(result.version);
  expect(await bench.run()).toMatchObject({ version: head + 1, waiting: 0 });
  expect(await differences(bench.source, bench.warehouse)).toEqual([]);
});

test('rebuilt logs follow one another', async () => {
  for (let round = 0; round < 2; round++) expect((await replay('--from-raw')).code).toBe(0);
  expect(await bench.run()).toMatchObject({ committed: false, version: head });
});
