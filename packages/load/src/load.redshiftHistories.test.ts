import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { hasMerge, RedshiftBench } from '../test/redshift/warehouse.ts';
import { dimensionRows, sale, staff } from '../test/rows.ts';

const run = (await hasMerge()) ? describe : describe.skip;

// Few values, so that equal rows, equal timestamps, ways back and keys used again are common.
const key = fc.constantFrom('1', '2', '3');
const order = fc.record({ units_sold: fc.constantFrom('1', '2'), at: fc.constantFrom('1', '2') });
const version = fc.record({
  orders: fc.dictionary(key, order),
  late: fc.dictionary(key, order),
  names: fc.dictionary(key, fc.constantFrom('Ada', 'Grace', 'Ada ')),
  deletedOrders: fc.uniqueArray(key),
  deletedStaff: fc.uniqueArray(key),
});

const rows = (orders: Readonly<Record<string, { units_sold: string; at: string }>>) =>
  Object.entries(orders).map(([sales_order_id, { units_sold, at }]) =>
    sale({ sales_order_id, units_sold, last_updated_time: `09:00:0${at}` }),
  );

run('one history, in both dialects', () => {
  let bench: RedshiftBench;
  beforeAll(async () => {
    bench = await RedshiftBench.create();
    await bench.lake.commit(dimensionRows);
  });
  afterAll(() => bench.drop());

  test('gives the same star after each of its versions', async () => {
    for (const { orders, late, names, deletedOrders, deletedStaff } of fc.sample(version, {
      numRuns: 40,
      seed: 20240229,
    })) {
      await bench.lake.commitMore({
        tables: {
          fact_sales_order: rows(orders),
          dim_staff: Object.entries(names).map(([staff_id, first_name]) => staff({ staff_id, first_name })),
        },
        // Of several late rows of a key PostgreSQL keeps the lake's order, and COPY none: here each key has one at most.
        late: { fact_sales_order: rows(late) },
        deleted: { fact_sales_order: deletedOrders, dim_staff: deletedStaff },
      });
      const [redshift, postgres] = [await bench.load(), await bench.loadPostgres()];
      expect({ ...redshift, lag: {} }).toEqual({ ...postgres, lag: {} });
      expect(await bench.contents('redshift')).toEqual(await bench.contents('postgres'));
    }
  });
});
