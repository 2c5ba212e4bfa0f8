import { InvokeCommand } from '@aws-sdk/client-lambda';
import type { VerifyResult } from '../../packages/verify/src/index.ts';
import type { Cloud } from './cloud.ts';
import type { Database } from './databases.ts';
import { nextValue, valuesOf, type Metric } from './metrics.ts';
import type { Stack } from './pipeline.ts';

/** What verify counts, as far as it is looked at here. */
const kinds = ['missing', 'extra', 'altered', 'stale'] as const;
type Counts = Readonly<Record<(typeof kinds)[number], number>>;

export const differing = (stack: Stack): Metric => ({
  name: 'RowsDiffering',
  service: stack.function_names.verify,
  logGroup: stack.log_groups.verify,
});

/**
 * Makes one row of the warehouse wrong in each way, behind the pipeline's back, and deletes one row of the source, which
 * no snapshot shows.
 *
 * @returns what a comparison must find, by the name that it gives the table
 */
export async function spoil(source: Database, warehouse: Database): Promise<Readonly<Record<string, Counts>>> {
  await warehouse.query(`UPDATE dim_design SET design_name = 'spoilt'
    WHERE design_id = (SELECT min(design_id) FROM dim_design)`);
  await warehouse.query(`DELETE FROM fact_sales_order
    WHERE sales_order_id = (SELECT max(sales_order_id) FROM fact_sales_order)`);
  await warehouse.query(`UPDATE fact_purchase_order SET last_updated_time = last_updated_time - interval '1 second'
    WHERE purchase_record_id = (SELECT max(purchase_record_id) FROM current_purchase_order)`);
  await warehouse.query(`INSERT INTO fact_payment OVERRIDING SYSTEM VALUE
    SELECT (jsonb_populate_record(f, '{"payment_record_id": 2000000, "payment_id": 2000000}')).* FROM fact_payment f LIMIT 1`);
  await source.query('DELETE FROM payment WHERE payment_id = (SELECT max(payment_id) FROM payment)');
  const none = { missing: 0, extra: 0, altered: 0, stale: 0 };
  return {
    dim_design: { ...none, altered: 1 },
    fact_sales_order: { ...none, missing: 1 },
    fact_purchase_order: { ...none, stale: 1 },
    fact_payment: { ...none, extra: 2 },
  };
}

/**
 * Calls verify, which has to find these rows and to count them for the alarm, and no others.
 *
 * @returns what it counted
 * @throws Error with what it found instead
 */
export async function expectDifferences(
  cloud: Cloud,
  stack: Stack,
  expected: Readonly<Record<string, Counts>>,
): Promise<string> {
  const before = await valuesOf(cloud, differing(stack));
  const { FunctionError, Payload } = await cloud.functions.send(
    new InvokeCommand({ FunctionName: stack.function_names.verify }),
  );
  const answer = Buffer.from(Payload!).toString('utf8');
  if (FunctionError !== undefined) throw new Error(`verify failed: ${answer}`);
  const { tables } = JSON.parse(answer) as VerifyResult;
  const found = Object.fromEntries(
    Object.entries(tables)
      .filter(([, counts]) => kinds.some((kind) => counts[kind] > 0))
      .map(([table, { missing, extra, altered, stale }]) => [table, { missing, extra, altered, stale }]),
  );
  const inOrder = (counts: object): string => JSON.stringify(Object.entries(counts).sort());
  if (inOrder(found) !== inOrder(expected)) throw new Error(`it found ${answer}`);
  const counted = await nextValue(cloud, differing(stack), before);
  const sums = kinds.map((kind) => [kind, sum(Object.values(expected).map((counts) => counts[kind]))] as const);
  if (counted !== sum(sums.map(([, count]) => count))) throw new Error(`RowsDiffering is ${counted}: ${answer}`);
  const named = sums.filter(([, count]) => count > 0).map(([kind, count]) => `${count} ${kind}`);
  return `RowsDiffering ${counted}${named.length === 0 ? '' : ` (${named.join(', ')})`}`;
}

const sum = (counts: readonly number[]): number => counts.reduce((total, count) => total + count, 0);
