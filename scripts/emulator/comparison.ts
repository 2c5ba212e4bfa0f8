import type { VerifyResult } from '../../packages/verify/src/index.ts';
import type { Cloud } from './cloud.ts';
import type { Database } from './databases.ts';
import { nextValue, valuesOf, type Metric } from './metrics.ts';
import type { Operator } from './operator.ts';
import type { Stack } from './pipeline.ts';

/** What verify counts, as far as it is looked at here. */
const kinds = ['missing', 'extra', 'altered', 'stale'] as const;
type Counts = Readonly<Record<(typeof kinds)[number], number>>;
/** By the name that a comparison gives the table. */
type Differences = Readonly<Record<string, Counts>>;

export const differing = (stack: Stack): Metric => ({
  name: 'RowsDiffering',
  service: stack.function_names.verify,
  logGroup: stack.log_groups.verify,
});

/**
 * Makes one row of the warehouse wrong in each way, behind the pipeline's back, and deletes one row of the source, which
 * no snapshot shows.
 *
 * @returns what a comparison must find
 */
export async function spoil(source: Database, warehouse: Database): Promise<Differences> {
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
 * Has the stack compare its databases: it must find these rows, no others, and count them for the alarm.
 *
 * @returns what it counted
 * @throws Error with what it found instead
 */
export async function expectDifferences(
  cloud: Cloud,
  stack: Stack,
  operator: Operator,
  expected: Differences,
): Promise<string> {
  const before = await valuesOf(cloud, differing(stack));
  const code = Object.keys(expected).length === 0 ? 0 : 1;
  checkFound(await operator.ask<VerifyResult>('totes verify --stack stack.json', code), expected);
  return checkCounted(await nextValue(cloud, differing(stack), before), expected);
}

/**
 * Has the stack heal itself: it must find these rows, no others, and none after a run. Each comparison counts its own.
 *
 * @returns what was counted, and the versions that brought the rows
 * @throws Error with what it found instead
 */
export async function expectHealed(
  cloud: Cloud,
  stack: Stack,
  operator: Operator,
  expected: Differences,
): Promise<string> {
  const before = await valuesOf(cloud, differing(stack));
  const healed = await operator.ask<VerifyResult & { found: VerifyResult; versions: number[] }>(
    'totes verify --stack stack.json --heal',
  );
  checkFound(healed.found, expected);
  checkFound(healed, {});
  const last = await nextValue(cloud, differing(stack), [...before, 0]);
  const first = (await valuesOf(cloud, differing(stack)))[before.length];
  const read = `read again as version ${healed.versions.join(', ')}`;
  return `${checkCounted(first, expected)}, ${read}, then ${checkCounted(last, {})}`;
}

function checkFound({ tables }: VerifyResult, expected: Differences): void {
  const found = Object.fromEntries(
    Object.entries(tables)
      .filter(([, counts]) => kinds.some((kind) => counts[kind] > 0))
      .map(([table, { missing, extra, altered, stale }]) => [table, { missing, extra, altered, stale }]),
  );
  const inOrder = (counts: object): string => JSON.stringify(Object.entries(counts).sort());
  if (inOrder(found) !== inOrder(expected)) throw new Error(`it found ${JSON.stringify(tables)}`);
}

function checkCounted(counted: number | undefined, expected: Differences): string {
  const sums = kinds.map((kind) => [kind, sum(Object.values(expected).map((counts) => counts[kind]))] as const);
  if (counted !== sum(sums.map(([, count]) => count))) throw new Error(`RowsDiffering is ${counted}`);
  const named = sums.filter(([, count]) => count > 0).map(([kind, count]) => `${count} ${kind}`);
  return `RowsDiffering ${counted}${named.length === 0 ? '' : ` (${named.join(', ')})`}`;
}

const sum = (counts: readonly number[]): number => counts.reduce((total, count) => total + count, 0);
