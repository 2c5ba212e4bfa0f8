import type pg from 'pg';
import { copyIn } from './copyIn.ts';
import { history, paymentsMarked, planHistory, type Placed, type Plan } from './history.ts';
import { daysLate } from './lateness.ts';
import { orderRow, paymentRow, transactionRow, type Catalogue, type OrderKind, type Row } from './orders.ts';
import { catalogueOf, referenceData, type ReferenceData } from './reference.ts';
import { inTransaction, withTotesys } from './session.ts';
import { addKeys, createTables, tableNames, type TableName } from './totesys.ts';
import { checkWholeNumber } from './wholeNumber.ts';

/** payment_id is an integer, and there are three payments for two sales. */
const mostOrders = Math.floor((2 ** 31 - 1) / 1.5);

export interface GenerateOptions {
  /** Of a database without totesys in it. */
  readonly url: string;
  /** Rows of sales_order; there are half as many purchase orders. 10,000 by default. */
  readonly orders?: number;
  /** Any whole number, 1 by default. The same orders and seed give the same rows, to the byte. */
  readonly seed?: number;
  readonly onProgress?: (progress: GenerateProgress) => void;
}

export interface GenerateProgress {
  readonly table: TableName;
  /** Written so far, of `total`. */
  readonly rows: number;
  readonly total: number;
}

/**
 * Creates totesys in an empty database and fills it with the history of a shop, in one transaction. Memory does not
 * grow with the number of orders. Resolves to the rows of each table. Throws ConfigInvalid for a bad URL or number,
 * SourceRefused where a table of totesys exists, SourceUnavailable where the database cannot be reached.
 */
export async function generate(options: GenerateOptions): Promise<Record<TableName, number>> {
  const { url, orders = 10_000, seed = 1, onProgress } = options;
  checkWholeNumber('orders', orders, 1, mostOrders);
  checkWholeNumber('seed', seed, Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER);

  const tables = sampleTables(orders, seed);
  return withTotesys(url, 'totes generate', (client) =>
    inTransaction(client, async () => {
      await createTables(client);
      for (const { name, total, rows } of tables) {
        await copyIn(client, name, rows(), (done) => onProgress?.({ table: name, rows: done, total }));
      }
      await addKeys(client);
      await advanceSequences(client);
      // Otherwise the first queries would be planned without a notion of what is there.
      await client.query(`ANALYZE ${tableNames.map((name) => `public.${name}`).join(', ')}`);
      return Object.fromEntries(tables.map(({ name, total }) => [name, total])) as Record<TableName, number>;
    }),
  );
}

interface SampleTable {
  readonly name: TableName;
  readonly total: number;
  readonly rows: () => Iterator<Row, void>;
}

/** Every table's rows, in load order. Those of orders are made anew for each table: that is cheaper than to keep them. */
function sampleTables(sales: number, seed: number): SampleTable[] {
  const reference = referenceData(sales, seed);
  const small = Object.entries(reference) as [keyof ReferenceData, readonly Row[]][];
  return [
    ...small.map(([name, rows]) => ({ name, total: rows.length, rows: () => rows.values() })),
    ...orderTables(planHistory(sales, seed), catalogueOf(reference)),
  ];
}

function orderTables(plan: Plan, catalogue: Catalogue): SampleTable[] {
  const { sales, purchases } = plan;
  const markedPaid = paymentsMarked(plan);
  const each = (row: (placed: Placed) => Row | undefined) =>
    function* rows(): Generator<Row, void> {
      for (const placed of history(plan, catalogue)) {
        const made = row(placed);
        if (made !== undefined) yield made;
      }
    };
  const ordersOf = (kind: OrderKind) => each(({ order }) => (order.kind === kind ? orderRow(order) : undefined));
  return [
    { name: 'sales_order', total: sales, rows: ordersOf('SALE') },
    { name: 'purchase_order', total: purchases, rows: ordersOf('PURCHASE') },
    {
      name: 'transaction',
      total: sales + purchases,
      rows: each(({ order, id }) => transactionRow(order, id)),
    },
    {
      name: 'payment',
      total: sales + purchases,
      rows: each(({ order, transaction }) =>
        paymentRow(order, transaction, markedPaid(order.paymentDay + daysLate(transaction))),
      ),
    },
  ];
}

/** So that the database gives the next row of each table the next key. */
async function advanceSequences(client: pg.Client): Promise<void> {
  const set = tableNames.map(
    (name) => `setval(pg_get_serial_sequence('public.${name}', '${name}_id'), max(${name}_id)) FROM public.${name}`,
  );
  await client.query(set.map((each) => `SELECT ${each};`).join('\n'));
}
