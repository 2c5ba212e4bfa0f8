import { existsSync } from 'node:fs';
import { cp, readdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { createDatabase } from '../../../scripts/jest/database.ts';
import { simulate } from '../src/sampleData/simulate.ts';
import { contents, differences } from './compare.ts';
import { openBench, totes, type Bench } from './pipelineTest.ts';

let bench: Bench;
beforeEach(async () => {
  bench = await openBench();
});
afterEach(() => bench.close());

const objects = (): Promise<string[]> => readdir(bench.lake, { recursive: true });
const equal = async (): Promise<void> => {
  expect(await differences(bench.source, bench.warehouse)).toEqual([]);
};
const count = async (relation: string, where = 'true'): Promise<number> => {
  const [row] = await bench.warehouse.query<{ n: number }>(`SELECT count(*)::int AS n FROM ${relation} WHERE ${where}`);
  return row!.n;
};

test('the first run fills an empty warehouse with what the source holds, and says so', async () => {
  const result = await bench.run();
  await equal();
  expect(result).toMatchObject({ version: 1, committed: true, quarantined: 0, warnings: 0 });
  expect(result.read).toMatchObject({ sales_order: 60, purchase_order: 30, payment: 90, department: 8 });
  expect(result.loaded).toMatchObject({ fact_sales_order: 60, fact_purchase_order: 30, fact_payment: 90 });
  expect(result.seconds).toBeGreaterThan(0);
  const [keys] = await bench.warehouse.query<{ n: number }>(
    `SELECT count(*)::int AS n FROM pg_constraint WHERE contype = 'f' AND connamespace = 'public'::regnamespace`,
  );
  expect(keys!.n).toBe(9 + 8 + 7);
});

test('a run without changes commits nothing and writes nothing', async () => {
  await bench.run();
  const before = await objects();
  const result = await bench.run();
  expect(result).toMatchObject({ version: 1, committed: false });
  expect(Object.values({ ...result.read, ...result.loaded }).every((rows) => rows === 0)).toBe(true);
  expect(await objects()).toEqual(before);
});

test('csv and json give the same warehouse, row for row, also mixed', async () => {
  const other = await createDatabase();
  const json = join(dirname(bench.lake), 'json');
  const formats = [['csv', bench.warehouse.url, bench.lake] as const, ['json', other.url, json] as const];
  for (const days of [0, 1, 2]) {
    if (days > 0) await simulate({ url: bench.source.url, days });
    for (const [format, warehouse, lake] of formats) {
      const args = ['--source', bench.source.url, '--warehouse', warehouse, '--lake', lake];
      // The third time each lake gets the other's format.
      const rawFormat = days === 2 ? (format === 'csv' ? 'json' : 'csv') : format;
      expect((await totes('run', ...args, '--raw-format', rawFormat)).code).toBe(0);
    }
  }
  expect(await contents(other)).toEqual(await contents(bench.warehouse));
  await equal();
  await other.drop();
});

test('a source that can only be read, and a warehouse schema of another name', async () => {
  await bench.source.query(`CREATE ROLE reader_${process.pid} LOGIN PASSWORD 'let me/read'`);
  const role = `reader_${process.pid}`;
  await bench.source.query(`REVOKE ALL ON SCHEMA public FROM public`);
  await bench.source.query(`GRANT USAGE ON SCHEMA public TO ${role}`);
  await bench.source.query(`GRANT SELECT ON ALL TABLES IN SCHEMA public TO ${role}`);
  const url = Object.assign(new URL(bench.source.url), { username: role, password: 'let me/read' }).href;
  const schema = 'tótes "star"; --';
  const args = ['run', '--source', url, '--warehouse', bench.warehouse.url, '--lake', bench.lake, '--schema', schema];
  expect(await totes(...args)).toMatchObject({ code: 0, error: [] });
  await simulate({ url: bench.source.url, days: 1 });
  expect((await totes(...args)).code).toBe(0);
  expect(await count(`"tótes ""star""; --".current_sales_order`)).toBeGreaterThan(60);
  await bench.source.query(`DROP OWNED BY ${role}`);
  await bench.source.query(`DROP ROLE ${role}`);
});

test('an updated order gives two fact rows and one current row', async () => {
  await bench.run();
  await bench.source.query(
    'UPDATE sales_order SET units_sold = units_sold + 1, last_updated = now() WHERE sales_order_id = 7',
  );
  expect((await bench.run()).loaded).toMatchObject({ fact_sales_order: 1, fact_payment: 0 });
  expect(await count('fact_sales_order', 'sales_order_id = 7')).toBe(2);
  expect(await count('current_sales_order', 'sales_order_id = 7')).toBe(1);
  await equal();
});

test('a department renamed refreshes all its staff, and nobody else', async () => {
  await bench.run();
  const [staff] = await bench.source.query<{ id: number; n: number }>(
    'SELECT department_id AS id, count(*)::int AS n FROM staff GROUP BY 1 ORDER BY 2 DESC LIMIT 1',
  );
  await bench.source.query(`UPDATE department SET department_name = 'Renamed' WHERE department_id = $1`, [staff!.id]);
  expect((await bench.run()).loaded).toMatchObject({ dim_staff: staff!.n, dim_location: 0, dim_counterparty: 0 });
  expect(await count('dim_staff', `department_name = 'Renamed'`)).toBe(staff!.n);
  await equal();
});

test('an address changed refreshes dim_location and the counterparties that use it', async () => {
  await bench.run();
  const [address] = await bench.source.query<{ id: number; n: number }>(
    'SELECT legal_address_id AS id, count(*)::int AS n FROM counterparty GROUP BY 1 ORDER BY 2 DESC LIMIT 1',
  );
  await bench.source.query(`UPDATE address SET city = 'Elsewhere' WHERE address_id = $1`, [address!.id]);
  expect((await bench.run()).loaded).toMatchObject({ dim_location: 1, dim_counterparty: address!.n, dim_staff: 0 });
  await equal();
});

test('days of business, run after run, keep the warehouse level and its history whole', async () => {
  let versions = 0;
  await bench.run();
  for (let day = 0; day < 6; day++) {
    await simulate({ url: bench.source.url, days: 1 });
    versions += (await bench.run()).loaded.fact_payment ?? 0;
    await equal();
  }
  expect(await count('fact_payment')).toBe(90 + versions);
  expect(versions).toBeGreaterThan(await count('current_payment', 'payment_id > 90'));
});

test('any stage run again changes nothing', async () => {
  await bench.run();
  await simulate({ url: bench.source.url, days: 1 });
  await bench.run();
  const before = [await objects(), await contents(bench.warehouse)];
  for (const stage of [
    ['transform', '--lake', bench.lake],
    ['load', '--lake', bench.lake, '--warehouse', bench.warehouse.url],
    ['ingest', '--lake', bench.lake, '--source', bench.source.url],
    ['transform', '--lake', bench.lake],
    ['load', '--lake', bench.lake, '--warehouse', bench.warehouse.url],
  ]) {
    expect(await totes(...stage)).toMatchObject({ code: 0 });
  }
  expect([await objects(), await contents(bench.warehouse)]).toEqual(before);
});

test.each(['DROP SCHEMA public CASCADE; CREATE SCHEMA public', 'DROP SCHEMA public CASCADE; DROP SCHEMA etl CASCADE'])(
  'a warehouse emptied by %s is rebuilt by load alone',
  async (emptying) => {
    await bench.run();
    await simulate({ url: bench.source.url, days: 2 });
    await bench.run();
    const before = await contents(bench.warehouse);
    await bench.warehouse.query(emptying);
    expect((await totes('load', '--lake', bench.lake, '--warehouse', bench.warehouse.url)).code).toBe(0);
    expect(await contents(bench.warehouse)).toEqual(before);
  },
);

test('rows that break a rule are set aside and counted; the rest loads; mended rows arrive', async () => {
  await bench.run();
  await bench.source.query(`UPDATE sales_order SET agreed_payment_date = '2023-02-30' WHERE sales_order_id IN (3, 4)`);
  await bench.source.query(`UPDATE sales_order SET units_sold = 12345 WHERE sales_order_id = 5`);
  const result = await bench.run();
  expect(result).toMatchObject({ committed: true, quarantined: 2 });
  expect(result.loaded.fact_sales_order).toBe(1);
  const status = await totes('status', '--lake', bench.lake, '--json');
  expect(JSON.parse(status.out[0]!)).toMatchObject({ quarantined: 2 });
  await bench.source.query(`UPDATE sales_order SET agreed_payment_date = '2023-02-28' WHERE sales_order_id IN (3, 4)`);
  expect((await bench.run()).quarantined).toBe(0);
  await equal();
});

test('a table that no star uses is archived, and a very large one may be captured by last_updated', async () => {
  await bench.source.query('CREATE TABLE voucher (voucher_id integer PRIMARY KEY, last_updated timestamp NOT NULL)');
  await bench.source.query(`INSERT INTO voucher VALUES (1, '2024-01-01')`);
  const options = ['--capture', 'voucher=60', '--capture', 'payment=3600'];
  expect((await bench.run(...options)).read).toMatchObject({ voucher: 1, payment: 90 });
  await bench.source.query(`INSERT INTO voucher VALUES (2, '2024-01-02')`);
  await bench.source.query('UPDATE payment SET paid = NOT paid, last_updated = now() WHERE payment_id = 5');
  expect((await bench.run(...options)).read).toMatchObject({ voucher: 1, payment: 1, sales_order: 0 });
  await equal();
});

test('JSON written over several lines, names with line ends, and text that reads like both are archived', async () => {
  await bench.source.query(`ALTER TABLE sales_order ADD meta json, ADD "a\nb""c" text`);
  await bench.source.query(`UPDATE sales_order SET meta = E'{\n\t"a": "x\\\\ny"\r\n}', "a\nb""c" = E'1\n2'`);
  for (const format of ['json', 'csv', 'json']) {
    await bench.source.query('UPDATE sales_order SET units_sold = units_sold + 1');
    expect((await bench.run('--raw-format', format)).loaded.fact_sales_order).toBe(60);
  }
  await equal();
});

test('a source that does not keep its keys: the second row of an id is set aside', async () => {
  await bench.run();
  await bench.source.query('ALTER TABLE payment DROP CONSTRAINT payment_pkey');
  await bench.source.query('ALTER TABLE department DROP CONSTRAINT department_pkey CASCADE');
  for (const [table, id] of [
    ['payment', 5],
    ['department', 1],
  ] as const) {
    await bench.source.query(
      `INSERT INTO ${table} OVERRIDING SYSTEM VALUE SELECT * FROM ${table} WHERE ${table}_id = ${id}`,
    );
    await bench.source.query(`UPDATE ${table} SET last_updated = now() WHERE ${table}_id = ${id}`);
  }
  expect(await bench.run()).toMatchObject({ quarantined: 2, loaded: { fact_payment: 1 } });
  expect((await bench.run()).committed).toBe(false);
});

test('labels of an enumeration renamed under its rows arrive', async () => {
  await bench.source.query(`CREATE TYPE kind AS ENUM ('SALE', 'PURCHASE')`);
  await bench.source.query('ALTER TABLE transaction ALTER transaction_type TYPE kind USING transaction_type::kind');
  await bench.run();
  await bench.source.query(`ALTER TYPE kind RENAME VALUE 'SALE' TO 'SOLD'`);
  expect((await bench.run()).loaded.dim_transaction).toBe(60);
  await equal();
});

test('another lake, and a lake put back to an older copy that has gone on, are refused', async () => {
  const other = join(dirname(bench.lake), 'other');
  const args = ['--source', bench.source.url, '--warehouse', bench.warehouse.url];
  await bench.run();
  await cp(bench.lake, other, { recursive: true });
  const change = (order: number): Promise<unknown> =>
    bench.source.query(`UPDATE sales_order SET units_sold = 777 WHERE sales_order_id = ${order}`);
  await change(1);
  await bench.run();
  await change(2);
  const rewound = await totes('run', ...args, '--lake', other);
  expect(rewound).toMatchObject({ code: 1, error: [expect.stringMatching(/the lake was put back to an older copy/)] });
  const fresh = await totes('run', ...args, '--lake', join(dirname(bench.lake), 'fresh'));
  expect(fresh).toMatchObject({
    code: 1,
    error: [expect.stringMatching(/was loaded from lake .* up to version 2, and there is nothing in lake .*--adopt$/)],
  });
  expect(existsSync(join(dirname(bench.lake), 'fresh'))).toBe(false);
  const status = await totes(
    'status',
    '--warehouse',
    bench.warehouse.url,
    '--lake',
    join(dirname(bench.lake), 'fresh'),
  );
  expect(status.out.join('\n')).toContain('was loaded from another lake');
  await bench.run();
  await equal();
});

test('another database in the place of the source is read from the start, and said', async () => {
  await bench.run();
  const second = await openBench(61);
  const { code, out } = await totes('ingest', '--source', second.source.url, '--lake', bench.lake, '--json');
  expect(code).toBe(0);
  expect(JSON.parse(out.at(-1)!)).toMatchObject({
    committed: true,
    notices: [expect.stringMatching(/^everything was read again: the source's database oid is/)],
  });
  await second.close();
});
