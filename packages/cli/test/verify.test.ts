import type { VerifyResult } from '@totes/verify';
import { differences } from './compare.ts';
import { openBench, totes, type Bench, type Outcome } from './pipelineTest.ts';

let bench: Bench;
beforeEach(async () => {
  bench = await openBench(40);
  await bench.run();
});
afterEach(() => bench.close());

const verify = (...options: string[]): Promise<Outcome> =>
  totes('verify', '--source', bench.source.url, '--warehouse', bench.warehouse.url, ...options);
const result = ({ out }: Outcome): VerifyResult & { found: VerifyResult; versions: number[] } =>
  JSON.parse(out.at(-1)!) as VerifyResult & { found: VerifyResult; versions: number[] };
const heal = (): Promise<Outcome> => verify('--lake', bench.lake, '--heal', '--json');
const count = async (relation: string): Promise<number> =>
  (await bench.warehouse.query<{ n: number }>(`SELECT count(*)::int AS n FROM ${relation}`))[0]!.n;

/** Changes the warehouse behind the pipeline's back, foreign keys and all. */
const tamper = (sql: string): Promise<unknown> =>
  bench.warehouse.query(`BEGIN; SET LOCAL session_replication_role = replica; ${sql}; COMMIT`);

test('an equal warehouse is said to be equal, with exit code 0', async () => {
  const { code, out } = await verify();
  expect([code, ...out]).toEqual([0, expect.stringMatching(/^Equal: warehouse version 1 shows all \d+ rows of the/)]);
  const equal = result(await verify('--json'));
  expect(equal).toMatchObject({ equal: true, version: 1, keys: {} });
  expect(equal.tables.fact_sales_order).toMatchObject({ rows: 40, missing: 0, extra: 0, altered: 0, stale: 0 });
});

test('what differs is listed by table, key and column, never by value, with exit code 1', async () => {
  await tamper(`UPDATE fact_sales_order SET units_sold = units_sold + 1 WHERE sales_order_id = 7;
    DELETE FROM fact_payment WHERE payment_id = 3;
    UPDATE dim_staff SET first_name = 'Mallory' WHERE staff_id = 2`);
  await bench.source.query('DELETE FROM payment WHERE payment_id = 5');
  const { code, out } = await verify();
  expect(code).toBe(1);
  const text = out.join('\n');
  expect(text).toMatch(/^Differs: warehouse version 1/);
  expect(text).toContain('fact_sales_order 7: altered in units_sold');
  expect(text).toContain('fact_payment 3: missing');
  expect(text).toContain('fact_payment 5: extra');
  expect(text).toContain('dim_staff 2: altered in first_name');
  expect(text).not.toContain('Mallory');
  expect(result(await verify('--json')).keys).toMatchObject({ sales_order: [7], payment: [3, 5], staff: [2] });
});

test('what differs is healed through the lake, in the favour of the source, and stays in the history', async () => {
  await bench.source.query(`UPDATE sales_order SET units_sold = 9, last_updated = last_updated + interval '1 day'
    WHERE sales_order_id = 9`);
  await bench.run();
  await tamper(`UPDATE fact_purchase_order SET item_code = 'forged' WHERE purchase_order_id = 4;
    DELETE FROM fact_payment WHERE payment_id IN (3, 4);
    DELETE FROM fact_sales_order WHERE sales_order_id = 9 AND units_sold = 9;
    UPDATE dim_counterparty SET counterparty_legal_city = 'Nowhere' WHERE counterparty_id = 2;
    INSERT INTO dim_design SELECT 9999, design_name, file_location, file_name FROM dim_design LIMIT 1`);
  await bench.source.query('DELETE FROM payment WHERE payment_id IN (5, 6)');
  const before = await count('fact_payment');
  const { code, out } = await heal();
  const healed = result({ code, out, error: [] });
  expect(healed.found.tables).toMatchObject({
    fact_purchase_order: { altered: 1 },
    fact_payment: { missing: 2, extra: 2 },
    fact_sales_order: { stale: 1 },
    dim_counterparty: { altered: 1 },
    dim_design: { extra: 1 },
  });
  expect(healed).toMatchObject({ equal: true, versions: [3] });
  expect(code).toBe(0);
  expect(await differences(bench.source, bench.warehouse)).toEqual([]);
  // Those that were deleted in the source are history now; those that were missing are there again.
  expect(await count('fact_payment')).toBe(before + 2);
  expect(await count('fact_payment WHERE payment_id IN (5, 6)')).toBe(2);
  expect(await count('current_payment WHERE payment_id IN (5, 6)')).toBe(0);
  expect(await count(`fact_purchase_order WHERE item_code = 'forged'`)).toBe(1);
  expect((await verify()).code).toBe(0);
  expect(await bench.run()).toMatchObject({ committed: false, version: 3 });
});

test('a row that was deleted and comes back is current again, as a version of its own', async () => {
  const copy = 'CREATE TEMPORARY TABLE kept AS SELECT * FROM payment WHERE payment_id = 5';
  await bench.source.query(`${copy}; DELETE FROM payment WHERE payment_id = 5`);
  expect(result(await heal())).toMatchObject({ equal: true });
  await bench.source.query('INSERT INTO payment SELECT * FROM kept');
  await bench.run();
  expect(await count('current_payment WHERE payment_id = 5')).toBe(1);
  expect(await count('fact_payment WHERE payment_id = 5')).toBe(2);
  expect((await verify()).code).toBe(0);
});

test('what has changed since the load is said to have, and is not taken for a fault', async () => {
  await bench.source.query(`UPDATE payment SET paid = NOT paid WHERE payment_id = 1`);
  const { code, out } = await verify('--json');
  const { equal, tables } = result({ code, out, error: [] });
  expect([code, equal]).toEqual([1, false]);
  expect(tables.fact_payment).toMatchObject({ altered: 1, pending: 1 });
  await bench.run();
  expect((await verify()).code).toBe(0);
});

test('a row that is set aside is told from one that is missing', async () => {
  await bench.source.query(`UPDATE payment SET payment_date = 'soon' WHERE payment_id = 2`);
  await bench.run();
  const { code, out } = await verify('--lake', bench.lake, '--json');
  expect(code).toBe(1);
  expect(result({ code, out, error: [] })).toMatchObject({
    tables: { fact_payment: { setAside: 1, stale: 0 } },
    keys: { payment: [2] },
  });
});

test('an empty warehouse, and healing without a lake', async () => {
  const empty = await openBench(1);
  const { code, out } = await totes(
    'verify',
    '--source',
    bench.source.url,
    '--warehouse',
    empty.warehouse.url,
    '--json',
  );
  expect([code, result({ code, out, error: [] })]).toMatchObject([1, { equal: false, version: 0 }]);
  await empty.close();
  await tamper('DELETE FROM fact_payment WHERE payment_id = 3');
  expect((await verify('--heal')).error.join()).toContain('--heal needs --lake');
});
