import { simulate } from '../src/sampleData/simulate.ts';
import { contents, differences } from './compare.ts';
import { openBench, totes, type Bench, type Outcome } from './pipelineTest.ts';

let bench: Bench;
beforeEach(async () => {
  bench = await openBench(40);
  await bench.run();
  await simulate({ url: bench.source.url, days: 2 });
  await bench.source.query(`UPDATE payment SET payment_date = 'soon' WHERE payment_id = 2`);
  await bench.run();
  await bench.source.query('DELETE FROM payment WHERE payment_id = 3');
  const places = ['--source', bench.source.url, '--warehouse', bench.warehouse.url, '--lake', bench.lake];
  await totes('verify', ...places, '--heal');
});
afterEach(() => bench.close());

const replay = (...options: string[]): Promise<Outcome> =>
  totes('replay', '--lake', bench.lake, '--warehouse', bench.warehouse.url, '--json', ...options);

test.each([[[]], [['--from-raw']]])('the warehouse is rebuilt from the lake, row for row %j', async (options) => {
  const before = await contents(bench.warehouse);
  await bench.warehouse.query(`UPDATE fact_sales_order SET unit_price = 0; UPDATE dim_staff SET first_name = 'x'`);
  const { code, out } = await replay(...options);
  expect([code, JSON.parse(out.at(-1)!)]).toMatchObject([0, { version: 3, versions: [1, 2, 3] }]);
  expect(await contents(bench.warehouse)).toEqual(before);
  expect(await bench.run()).toMatchObject({ committed: false, version: 3 });
  const schemas = await bench.warehouse.query(`SELECT nspname FROM pg_namespace WHERE nspname LIKE 'public%'`);
  expect(schemas).toEqual([{ nspname: 'public' }]);
  await bench.source.query(`UPDATE payment SET payment_date = '2024-02-01' WHERE payment_id = 2`);
  expect(await bench.run()).toMatchObject({ version: 4, waiting: 0 });
  expect(await differences(bench.source, bench.warehouse)).toEqual([]);
});

test('a replay is the way out where some of the tables were emptied', async () => {
  const before = await contents(bench.warehouse);
  await bench.warehouse.query('TRUNCATE fact_sales_order');
  const load = await totes('load', '--lake', bench.lake, '--warehouse', bench.warehouse.url);
  expect(load).toMatchObject({ code: 1, error: [expect.stringContaining('fact_sales_order is empty')] });
  expect((await replay()).code).toBe(0);
  expect(await contents(bench.warehouse)).toEqual(before);
});

test('rebuilt logs follow one another', async () => {
  for (let round = 0; round < 2; round++) expect((await replay('--from-raw')).code).toBe(0);
  expect(await bench.run()).toMatchObject({ committed: false, version: 3 });
});
