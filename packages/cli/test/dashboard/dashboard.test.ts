import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { withPostgres } from '@totes/core';
import { readReport, type Report } from '@totes/dashboard';
import type { DashboardResult } from '../../src/dashboard.ts';
import { openBench, totes, type Bench } from '../pipelineTest.ts';

let folder: string;
let bench: Bench;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'totes-page-'));
  bench = await openBench(60);
});
afterEach(async () => {
  await bench.close();
  await rm(folder, { recursive: true, force: true });
});

const write = (...more: string[]) =>
  totes('dashboard', '--warehouse', bench.warehouse.url, '--out', join(folder, 'page'), '--json', ...more);

const reportOf = async (path: string): Promise<Report> => {
  const [, data] = /id="data">([^<]*)</.exec(await readFile(path, 'utf8'))!;
  return JSON.parse(gunzipSync(Buffer.from(data!, 'base64')).toString()) as Report;
};

const read = (mostCells?: number): Promise<Report> =>
  withPostgres({ url: bench.warehouse.url, side: 'warehouse', applicationName: 'test' }, (client) =>
    readReport(client, {
      schema: 'public',
      now: () => new Date(0),
      ...(mostCells !== undefined && { mostCells }),
    }),
  );

const sum = (values: readonly (number | string)[]): bigint => values.reduce((all, each) => all + BigInt(each), 0n);

test('it writes one file, in place of the last one, and says what is in it', async () => {
  await bench.run();
  const { code, out } = await write();
  const result = JSON.parse(out.at(-1)!) as DashboardResult;
  expect([code, result.orders]).toEqual([0, 90]);
  const first = await readFile(result.path, 'utf8');
  expect(Buffer.byteLength(first)).toBe(result.bytes);
  expect(first).toContain(`default-src 'none'; script-src 'sha256-`);
  await write();
  expect(await readdir(join(folder, 'page'))).toEqual(['index.html']);
});

test('a star in a schema of another name, and one that is not there', async () => {
  const schema = 'tótes "star"; --';
  await bench.run('--schema', schema);
  const written = await write('--schema', schema);
  expect(written.code).toBe(0);
  const report = await reportOf((JSON.parse(written.out.at(-1)!) as DashboardResult).path);
  expect([report.schema, report.loads.length]).toEqual([schema, 1]);
  const absent = await write();
  expect(absent.code).toBe(1);
  expect(absent.error.join('\n')).toMatch(/has no dim_date, .*current_payment.*: run the pipeline first \(totes run\)/);
});

test('a database in which the pipeline never ran', async () => {
  const { code, error } = await write();
  expect(code).toBe(1);
  expect(error).toHaveLength(1);
  expect(error[0]).toMatch(/etl\.load_log .*run the pipeline first/);
});

test('a folder that cannot be written', async () => {
  await bench.run();
  await writeFile(join(folder, 'page'), '');
  const { code, error } = await write();
  expect(code).toBe(1);
  expect(error[0]).toMatch(/^totes: --out: .* cannot be written/);
});

test('a shop without business has a page without figures', async () => {
  const tables = await bench.source.query<{ tables: string }>(
    `SELECT string_agg(quote_ident(tablename), ', ') AS tables FROM pg_tables WHERE schemaname = 'public'`,
  );
  await bench.source.query(`TRUNCATE ${tables[0]!.tables}`);
  await bench.run();
  const written = await write();
  expect(written.code).toBe(0);
  const report = await reportOf((JSON.parse(written.out.at(-1)!) as DashboardResult).path);
  expect(report).toMatchObject({ currencies: [], lastDay: null, history: { orders: [], total: 0 } });
});

test('an update is not counted twice, and both versions are told', async () => {
  await bench.run();
  const before = sum((await read()).cubes.sales_by_day.measures.units!);
  await bench.source.query(
    `UPDATE sales_order SET units_sold = units_sold + 7, last_updated = now() WHERE sales_order_id = 5`,
  );
  await bench.run();
  const report = await read();
  expect(sum(report.cubes.sales_by_day.measures.units!)).toBe(before + 7n);
  expect(report.history).toMatchObject({ total: 1, orders: [{ kind: 'sale', id: '5' }] });
  const [was, is] = report.history.orders[0]!.versions;
  expect(Number(is!.quantity) - Number(was!.quantity)).toBe(7);
});

test('versions follow each other as they were seen, though the shop’s clock went back', async () => {
  await bench.run();
  await bench.source.query(
    `UPDATE sales_order SET units_sold = units_sold + 7, last_updated = created_at - interval '1 hour',
       agreed_delivery_date = (agreed_delivery_date::date + 2)::text
     WHERE sales_order_id = 5`,
  );
  await bench.run();
  const { history, cubes } = await read();
  const [was, is] = history.orders[0]!.versions;
  expect(Number(is!.quantity) - Number(was!.quantity)).toBe(7);
  expect(sum(cubes.changes_by_day.measures.value_change!)).toBeGreaterThan(0n);
  const { members, member } = cubes.deliveries_by_day;
  expect(member.filter((place) => members[place]![1] !== 'as first agreed').map((place) => members[place])).toEqual([
    ['sale', 'moved later'],
  ]);
});

test('too many days become months, then years, and no sum changes', async () => {
  await bench.source.query(
    `UPDATE sales_order SET created_at = created_at + interval '40 days' * (sales_order_id % 20), last_updated = now()`,
  );
  await bench.run();
  const daily = await read();
  const grains = ({ cubes }: Report) => cubes.sales_by_design.grain;
  expect(grains(daily)).toBe('day');
  for (const [most, grain] of [
    [59, 'month'],
    [3, 'year'],
  ] as const) {
    const report = await read(most);
    expect(grains(report)).toBe(
      grain === 'month' && report.cubes.sales_by_design.days.length > most ? 'year' : grains(report),
    );
    expect(grains(report)).not.toBe('day');
    for (const measure of ['orders', 'units', 'revenue']) {
      expect(sum(report.cubes.sales_by_design.measures[measure]!)).toBe(
        sum(daily.cubes.sales_by_design.measures[measure]!),
      );
    }
  }
});

test('prices with many places, and sums beyond a double, stay exact', async () => {
  await bench.source.query('ALTER TABLE purchase_order ALTER item_unit_price TYPE numeric');
  await bench.source.query(
    `UPDATE purchase_order SET item_unit_price = 98765432109876.123456 WHERE purchase_order_id = 1`,
  );
  await bench.run();
  const report = await read();
  const [row] = await bench.warehouse.query<{ cost: string }>(
    'SELECT trunc(sum(item_quantity * item_unit_price) * 1000000)::text AS cost FROM current_purchase_order',
  );
  expect(report.scale).toBe(6);
  expect(sum(report.cubes.purchases_by_day.measures.cost!)).toBe(BigInt(row!.cost));
});

test('an amount that is no number is an error that says so', async () => {
  await bench.run();
  await bench.warehouse.query(`UPDATE fact_purchase_order SET item_unit_price = 'NaN' WHERE purchase_order_id = 1`);
  await expect(read()).rejects.toThrow(/cost of purchases_by_day\.sql is NaN.*totes verify/);
});
