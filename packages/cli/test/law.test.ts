import fc from 'fast-check';
import { contents, differences } from './compare.ts';
import { openBench, totes, type Bench } from './pipelineTest.ts';

/**
 * The law of the pipeline: however a history is cut into runs, the dimensions and the current views equal the source,
 * and a fact has a row for each state in which a run saw its business row, in that order.
 */
let bench: Bench;
beforeAll(async () => {
  bench = await openBench(6);
  await bench.run();
});
afterAll(() => bench.close());

const id = fc.integer({ min: 1, max: 6 });
/** Few values, so that rows come back to what they were. */
const units = fc.integer({ min: 1, max: 3 });
/** Left alone, set back, or moved to one of few moments. */
const lastUpdated = fc.constantFrom('last_updated', `'2001-01-01'`, `'2030-01-01 00:00:00.001'`, `'2030-01-02'`);

const change = fc.oneof(
  fc
    .record({ id, units, lastUpdated })
    .map(
      (o) =>
        `UPDATE sales_order SET units_sold = ${o.units}, last_updated = ${o.lastUpdated} WHERE sales_order_id = ${o.id}`,
    ),
  fc
    .record({ id, lastUpdated })
    .map((o) => `UPDATE payment SET paid = NOT paid, last_updated = ${o.lastUpdated} WHERE payment_id = ${o.id}`),
  fc
    .record({ id, units })
    .map((o) => `UPDATE department SET department_name = 'name ${o.units}' WHERE department_id = ${o.id}`),
  fc.record({ id, to: id }).map((o) => `UPDATE staff SET department_id = ${o.to} WHERE staff_id = ${o.id}`),
  fc.record({ id, units }).map((o) => `UPDATE address SET city = 'city ${o.units}' WHERE address_id = ${o.id}`),
  fc
    .record({ id, to: id })
    .map((o) => `UPDATE counterparty SET legal_address_id = ${o.to} WHERE counterparty_id = ${o.id}`),
  fc.constant('INSERT INTO department (department_name) VALUES ($$late$$)'),
  fc.record({ id, units }).map(
    (o) => `INSERT INTO sales_order (design_id, staff_id, counterparty_id, units_sold, unit_price, currency_id,
      agreed_delivery_date, agreed_payment_date, agreed_delivery_location_id)
      SELECT design_id, staff_id, counterparty_id, ${o.units}, unit_price, currency_id, agreed_delivery_date,
      agreed_payment_date, agreed_delivery_location_id FROM sales_order WHERE sales_order_id = ${o.id}`,
  ),
);
/** Runs, and what happens before each. */
const history = fc.array(fc.array(change, { maxLength: 6 }), { minLength: 1, maxLength: 4 });

const statesQuery = 'SELECT sales_order_id AS id, units_sold::text || last_updated AS state FROM sales_order';
const seenQuery = `SELECT sales_order_id AS id, units_sold::text || (last_updated_date + last_updated_time) AS state
  FROM fact_sales_order ORDER BY sales_record_id`;

interface Seen {
  readonly id: number;
  readonly state: string;
}
const byId = (rows: readonly Seen[]): Map<number, string[]> => {
  const states = new Map<number, string[]>();
  for (const row of rows) states.set(row.id, [...(states.get(row.id) ?? []), row.state]);
  return states;
};

test('however a history is cut into runs, the warehouse is the source and its facts are what was seen', async () => {
  const expected = byId(await bench.source.query<Seen>(statesQuery));
  await fc.assert(
    fc.asyncProperty(history, async (runs) => {
      for (const changes of runs) {
        for (const sql of changes) await bench.source.query(sql);
        await bench.run();
        for (const { id: order, state } of await bench.source.query<Seen>(statesQuery)) {
          const states = expected.get(order) ?? [];
          if (states.at(-1) !== state) expected.set(order, [...states, state]);
        }
      }
      expect(await differences(bench.source, bench.warehouse)).toEqual([]);
      expect(byId(await bench.warehouse.query<Seen>(seenQuery))).toEqual(expected);
    }),
    { numRuns: 20, seed: 42, endOnFailure: true },
  );
});

test('and the whole history loads again, row for row, into an empty warehouse', async () => {
  const before = await contents(bench.warehouse);
  expect(before.fact_sales_order!.length).toBeGreaterThan(before.current_sales_order!.length);
  await bench.warehouse.query('DROP SCHEMA public CASCADE; CREATE SCHEMA public');
  expect((await totes('load', '--lake', bench.lake, '--warehouse', bench.warehouse.url)).code).toBe(0);
  expect(await contents(bench.warehouse)).toEqual(before);
});
