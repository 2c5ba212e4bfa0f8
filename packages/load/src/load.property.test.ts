import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { identifier, starTables } from '@totes/core';
import fc from 'fast-check';
import { dimensionRows, sale, staff } from '../test/rows.ts';
import { TestLake } from '../test/testLake.ts';
import { TestWarehouse } from '../test/testWarehouse.ts';

let warehouse: TestWarehouse;
beforeAll(async () => {
  warehouse = await TestWarehouse.create();
});
afterAll(() => warehouse.drop());

interface Change {
  readonly units: number;
  /** Of last_updated, in seconds. */
  readonly at: number;
}
/** The orders that one version brings, by business id. */
type Orders = Readonly<Record<string, Change>>;

type Deed =
  | { readonly do: 'commit'; readonly orders: Orders; readonly name: string }
  | { readonly do: 'load' | 'load twice at once' | 'empty the warehouse' }
  /** The connection breaks at the nth read of the lake. */
  | { readonly do: 'crash'; readonly read: number };

// Few values, so that equal rows, equal timestamps and ways back are common.
const change = fc.record({ units: fc.integer({ min: 1, max: 2 }), at: fc.integer({ min: 1, max: 2 }) });
const deed: fc.Arbitrary<Deed> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant('commit' as const),
      orders: fc.dictionary(fc.constantFrom('1', '2'), change),
      name: fc.constantFrom('Ada', 'Grace'),
    }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constantFrom('load', 'load twice at once', 'empty the warehouse') }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('crash' as const), read: fc.integer({ min: 1, max: 6 }) }) },
);

/** What the warehouse must hold, by the rule alone: the versions of each order, and the warnings of each version. */
function expected(versions: readonly Orders[]): { history: string[]; warnings: string[] } {
  const history: Record<string, Change[]> = { 1: [], 2: [] };
  const warnings = versions.map((orders) => {
    let count = 0;
    for (const [id, order] of Object.entries(orders)) {
      const known = history[id]!;
      const current = known.at(-1);
      if (current?.units === order.units && current.at === order.at) continue;
      if (known.some(({ at }) => at === order.at)) count++;
      known.push(order);
    }
    return String(count);
  });
  const line = (id: string) => (order: Change) => `${id}|${order.units}|09:00:0${order.at}`;
  return { history: Object.entries(history).flatMap(([id, orders]) => orders.map(line(id))), warnings };
}

test('whatever happens on the way, the warehouse ends as the lake says', async () => {
  let runs = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(deed, { minLength: 3, maxLength: 12 }), async (deeds) => {
      const schema = `run ${++runs}`;
      const lake = new TestLake();
      const orders: Orders[] = [];
      let name = 'Ada';
      await lake.commit(dimensionRows);
      orders.push({});
      for (const deed of deeds) {
        if (deed.do === 'commit') {
          name = deed.name;
          orders.push(deed.orders);
          await lake.commit(rowsOf(deed));
        } else {
          await perform(deed, lake, schema);
        }
      }
      await warehouse.load(lake, { schema });

      const table = identifier(schema, 'fact_sales_order');
      const { history, warnings } = expected(orders);
      expect(
        await warehouse.text(
          `SELECT sales_order_id, units_sold, last_updated_time FROM ${table} ORDER BY sales_order_id, sales_record_id`,
        ),
      ).toEqual(history);
      const inForce = history.filter((line, i) => history[i + 1]?.[0] !== line[0]);
      expect(
        await warehouse.text(
          `SELECT sales_order_id, units_sold, last_updated_time
           FROM ${identifier(schema, 'current_sales_order')} ORDER BY sales_order_id`,
        ),
      ).toEqual(inForce);
      expect(await warehouse.text(`SELECT first_name FROM ${identifier(schema, 'dim_staff')}`)).toEqual([name]);
      expect(
        await warehouse.text(`SELECT warnings FROM etl.load_log WHERE warehouse_schema = '${schema}' ORDER BY version`),
      ).toEqual(warnings);
    }),
    { numRuns: 20, seed: 20240229 },
  );
});

const rowsOf = ({ orders, name }: Deed & { do: 'commit' }) => ({
  dim_staff: [staff({ first_name: name })],
  fact_sales_order: Object.entries(orders).map(([sales_order_id, { units, at }]) =>
    sale({ sales_order_id, units_sold: String(units), last_updated_time: `09:00:0${at}` }),
  ),
});

async function perform(deed: Exclude<Deed, { do: 'commit' }>, lake: TestLake, schema: string): Promise<void> {
  switch (deed.do) {
    case 'load':
      await warehouse.load(lake, { schema });
      return;
    case 'load twice at once':
      await Promise.all([warehouse.load(lake, { schema }), warehouse.load(lake, { schema })]);
      return;
    case 'empty the warehouse': {
      const tables = starTables.map((table) => identifier(schema, table.name)).join();
      if ((await warehouse.text(`SELECT 1 FROM pg_tables WHERE schemaname = '${schema}'`)).length === 0) return;
      await warehouse.database.query(`TRUNCATE ${tables}`);
      return;
    }
    case 'crash': {
      const client = await warehouse.database.connect();
      let reads = 0;
      lake.store.beforeGet = async () => {
        if (++reads === deed.read) await warehouse.terminate(client);
      };
      await warehouse.load(lake, { schema, warehouse: client }).catch((error: unknown) => {
        expect(error).toMatchObject({ name: 'WarehouseUnavailable' });
      });
      lake.store.beforeGet = () => undefined;
    }
  }
}
