import { openLake, readOpenRows, requestLog, type OpenRow, type RawTable } from '@totes/core';
import type { VerifyResult } from '@totes/verify';
import { differences } from './compare.ts';
import { openBench, totes, type Bench, type Outcome } from './pipelineTest.ts';

/** What `totes verify --heal` mends though the next run would not, and what it cannot mend. */
let bench: Bench;
beforeEach(async () => {
  bench = await openBench(20);
  await bench.run();
});
afterEach(() => bench.close());

const verify = (...options: string[]): Promise<Outcome> =>
  totes('verify', '--source', bench.source.url, '--warehouse', bench.warehouse.url, '--lake', bench.lake, ...options);
const result = ({ out }: Outcome): VerifyResult & { versions: number[] } =>
  JSON.parse(out.at(-1)!) as VerifyResult & { versions: number[] };
const text = ({ out }: Outcome): string => out.join('\n');
const count = async (relation: string): Promise<number> =>
  (await bench.warehouse.query<{ n: number }>(`SELECT count(*)::int AS n FROM ${relation}`))[0]!.n;
const tamper = (sql: string): Promise<unknown> =>
  bench.warehouse.query(`BEGIN; SET LOCAL session_replication_role = replica; ${sql}; COMMIT`);
/** Without its triggers the source may hold what its foreign keys forbid. */
const spoil = (sql: string): Promise<unknown> =>
  bench.source.query(`BEGIN; SET LOCAL session_replication_role = replica; ${sql}; COMMIT`);

async function openRows(): Promise<OpenRow[]> {
  const { processed } = await openLake(bench.lake);
  return readOpenRows(processed.store, await processed.log.read(await processed.log.head()));
}

async function newestRaw(table: string): Promise<RawTable> {
  const { raw } = await openLake(bench.lake);
  return (await raw.log.read(await raw.log.head())).tables[table]!;
}

const requests = async (): Promise<number> => requestLog((await openLake(bench.lake)).raw.store).head();

const orderOfMissingDesign = `INSERT INTO sales_order
  SELECT (jsonb_populate_record(o, '{"sales_order_id": 777, "design_id": 9999}')).* FROM sales_order o LIMIT 1`;
const insertDesign = `INSERT INTO design (design_id, design_name, file_location, file_name)
  VALUES (9999, 'Late', '/late', 'late.json')`;

test.each([
  ['deleted', 'DELETE FROM sales_order WHERE sales_order_id = 777'],
  ['given another key', 'UPDATE sales_order SET sales_order_id = 778 WHERE sales_order_id = 777'],
])('a row set aside that is %s in the source never comes into force', async (_, change) => {
  await spoil(orderOfMissingDesign);
  expect(await bench.run()).toMatchObject({ waiting: 1 });
  await spoil(change);
  const found = await verify();
  expect(found.code).toBe(1);
  expect(text(found)).toContain('sales_order 777: set aside, and not in the source any more');
  const healed = result(await verify('--heal', '--json'));
  expect(healed.gone).toEqual({});
  expect((await openRows()).filter(({ key, status }) => key === 777 && status === 'waiting')).toEqual([]);
  await bench.source.query(insertDesign);
  await bench.run();
  expect(await count('current_sales_order WHERE sales_order_id = 777')).toBe(0);
  expect((await verify()).code).toBe(0);
  expect(await differences(bench.source, bench.warehouse)).toEqual([]);
});

test('a department that is set aside and deleted in the source leaves the list too', async () => {
  await spoil(`ALTER TABLE department ALTER department_name DROP NOT NULL; INSERT INTO department
    SELECT (jsonb_populate_record(d, '{"department_id": 99, "department_name": null}')).* FROM department d LIMIT 1`);
  expect(await bench.run()).toMatchObject({ waiting: 1 });
  await spoil('DELETE FROM department WHERE department_id = 99');
  expect(result(await verify('--json'))).toMatchObject({ equal: false, gone: { department: { rows: 1, keys: [99] } } });
  expect(result(await verify('--heal', '--json'))).toMatchObject({ equal: true, gone: {} });
  expect(await openRows()).toEqual([]);
});

test('a row that looks as if the next run brought it, though the lake has it, is mended', async () => {
  const old = await bench.source.connect();
  await old.query('BEGIN; SELECT pg_current_xact_id()');
  await bench.source.query('UPDATE payment SET paid = NOT paid WHERE payment_id = 4');
  await bench.run();
  await old.query('COMMIT');
  await tamper('DELETE FROM fact_payment WHERE payment_id = 4');
  expect(result(await verify('--json'))).toMatchObject({ tables: { fact_payment: { missing: 1, pending: 1 } } });
  expect(await verify('--heal')).toMatchObject({ code: 0 });
  expect(await differences(bench.source, bench.warehouse)).toEqual([]);
});

test('what reading again cannot mend is not asked for, and is said to need a replay', async () => {
  await tamper(`UPDATE dim_date SET day_name = 'Someday' WHERE day = 1;
    DELETE FROM fact_payment WHERE payment_id = 4`);
  const healed = await verify('--heal');
  expect(healed.code).toBe(1);
  expect(text(healed)).toContain('as version 2. Then:');
  expect(healed.out.at(-1)).toMatch(/`totes replay`/);
  const again = await verify('--heal');
  expect(again.code).toBe(1);
  expect(text(again)).not.toContain('read again, as version');
  expect(again.out.at(-1)).toMatch(/`totes replay`/);
  expect(await requests()).toBe(1);
  await totes('replay', '--warehouse', bench.warehouse.url, '--lake', bench.lake);
  expect((await verify()).code).toBe(0);
});

test('healing reads the source as the options say', async () => {
  await bench.run('--capture', 'payment=60', '--raw-format', 'json');
  const { watermark } = await newestRaw('payment');
  await tamper('DELETE FROM fact_payment WHERE payment_id = 4');
  expect(await verify('--heal', '--capture', 'payment=60', '--raw-format', 'json')).toMatchObject({ code: 0 });
  expect(await newestRaw('payment')).toMatchObject({ capture: 'delta', format: 'json', watermark });
});

test('a row set aside whose source row was mended unseen is read again', async () => {
  const run = () => bench.run('--capture', 'payment=60');
  const change = (date: string, lastUpdated: string): Promise<unknown> =>
    bench.source.query('UPDATE payment SET payment_date = $1, last_updated = $2 WHERE payment_id = 2', [
      date,
      lastUpdated,
    ]);
  await run();
  await change('soon', '2100-01-01');
  expect(await run()).toMatchObject({ waiting: 1 });
  await change('2024-01-01', '2000-01-01');
  await bench.source.query(`UPDATE design SET design_name = 'Other' WHERE design_id = 1`);
  expect(await run()).toMatchObject({ waiting: 1 });
  expect(result(await verify('--json')).tables.fact_payment).toMatchObject({ setAside: 1, pending: 0 });
  expect(await verify('--heal', '--capture', 'payment=60')).toMatchObject({ code: 0 });
  expect(await differences(bench.source, bench.warehouse)).toEqual([]);
});

test('rows that cannot be compared are not said to be shown', async () => {
  await spoil('UPDATE staff SET department_id = 9999 WHERE staff_id = 2');
  const { code, out } = await totes('verify', '--source', bench.source.url, '--warehouse', bench.warehouse.url);
  expect([code, ...out]).toEqual([
    0,
    expect.stringMatching(/^Equal: warehouse version 1 shows all \d+ rows/),
    'dim_staff: not compared are rows that join one which the source lacks, 1 of them',
  ]);
});
