import type { OpenRow } from '@totes/core';
import { differences } from './compare.ts';
import { openBench, totes, type Bench } from './pipelineTest.ts';

let bench: Bench;
beforeEach(async () => {
  bench = await openBench(20);
  await bench.run();
});
afterEach(() => bench.close());

const rows = async (...args: string[]): Promise<OpenRow[]> => {
  const { out } = await totes('quarantine', ...args, '--lake', bench.lake, '--json');
  return (JSON.parse(out.at(-1)!) as { rows: OpenRow[] }).rows;
};
const lines = async (...args: string[]): Promise<string> =>
  (await totes('quarantine', ...args, '--lake', bench.lake)).out.join('\n');

test('nothing is set aside', async () => {
  expect(await rows('list')).toEqual([]);
  expect(await lines('list')).toBe('No row is set aside.');
  expect(await lines('show')).toBe('No such row is set aside.');
});

test('a bad row is listed with its reason until it is mended in the source', async () => {
  await bench.source.query(`UPDATE sales_order SET agreed_delivery_date = '2023-02-30' WHERE sales_order_id = 4`);
  expect(await bench.run()).toMatchObject({ quarantined: 1, waiting: 1 });
  expect(await rows('list')).toEqual([
    expect.objectContaining({ table: 'sales_order', key: 4, version: 2, row: 1, status: 'waiting' }),
  ]);
  expect((await rows('list'))[0]).not.toHaveProperty('raw');
  expect(await lines('list')).toMatch(/sales_order +4 +2 +sales_order\.agreed_delivery_date.*is not a date.* +waiting/);
  expect(await lines('show', '--table', 'sales_order', '--key', '4')).toMatch(
    /^sales_order 4, waiting: .*\nversion 2, row 1 of raw\/sales_order\/.*\.csv\.zst\n4,.*2023-02-30/,
  );
  expect(await rows('list', '--table', 'payment')).toEqual([]);
  expect(await lines('show', '--table', 'sales_order', '--key', '5')).toBe('No such row is set aside.');
  await bench.source.query(`UPDATE sales_order SET agreed_delivery_date = '2023-02-28' WHERE sales_order_id = 4`);
  expect(await bench.run()).toMatchObject({ quarantined: 0, waiting: 0 });
  expect(await rows('list')).toEqual([]);
  expect(await rows('list', '--all')).toEqual([expect.objectContaining({ key: 4, status: 'superseded' })]);
  expect(await differences(bench.source, bench.warehouse)).toEqual([]);
});

/** Without its foreign keys the source may hold what the star cannot. */
const dropForeignKeys = (): Promise<unknown> =>
  bench.source.query(`DO $$ DECLARE key record; BEGIN
    FOR key IN SELECT conrelid::regclass AS name, conname FROM pg_constraint WHERE contype = 'f' LOOP
      EXECUTE format('ALTER TABLE %s DROP CONSTRAINT %I', key.name, key.conname);
    END LOOP; END $$`);

test('rows that lack a partner come in by themselves when it arrives', async () => {
  await dropForeignKeys();
  await bench.source.query('UPDATE sales_order SET design_id = 9001 WHERE sales_order_id IN (4, 5)');
  expect(await bench.run()).toMatchObject({ quarantined: 2, waiting: 2 });
  await bench.source.query(`INSERT INTO design (design_id, design_name, file_location, file_name)
    VALUES (9001, 'Late', '/late', 'late.json')`);
  expect(await bench.run()).toMatchObject({ waiting: 0, loaded: { dim_design: 1, fact_sales_order: 2 } });
  expect(await differences(bench.source, bench.warehouse)).toEqual([]);
});

test('a retry puts a version that was set aside where it belongs in history, and not into force', async () => {
  await dropForeignKeys();
  const update = (design: number, units: number): Promise<unknown> =>
    bench.source.query(`UPDATE sales_order SET design_id = ${design}, units_sold = ${units},
      last_updated = last_updated + interval '1 minute' WHERE sales_order_id = 4`);
  await update(9001, 71);
  await bench.run();
  await update(1, 72);
  await bench.run();
  await bench.source.query(`INSERT INTO design (design_id, design_name, file_location, file_name)
    VALUES (9001, 'Late', '/late', 'late.json')`);
  await bench.run();
  const asked = await totes('quarantine', 'retry', '--lake', bench.lake);
  expect(asked.out).toEqual(['Request 1 is in the lake; the next run tries the rows again.']);
  expect(await bench.run()).toMatchObject({ committed: true, loaded: { fact_sales_order: 1 } });
  expect(await rows('list', '--all')).toEqual([]);
  const history = await bench.warehouse.query<{ units_sold: number }>(
    'SELECT units_sold FROM fact_sales_order WHERE sales_order_id = 4 ORDER BY last_updated_date, last_updated_time',
  );
  expect(history.map(({ units_sold }) => units_sold).slice(1)).toEqual([71, 72]);
  const current = 'SELECT units_sold FROM current_sales_order WHERE sales_order_id = 4';
  expect(await bench.warehouse.query(current)).toEqual([{ units_sold: 72 }]);
  expect(await differences(bench.source, bench.warehouse)).toEqual([]);
});

test('a retry runs at once where the databases are named', async () => {
  const databases = ['--source', bench.source.url, '--warehouse', bench.warehouse.url];
  const { code, out } = await totes('quarantine', 'retry', '--lake', bench.lake, ...databases, '--json');
  expect([code, JSON.parse(out.at(-1)!)]).toMatchObject([0, { request: 1, version: 2, waiting: 0 }]);
});
