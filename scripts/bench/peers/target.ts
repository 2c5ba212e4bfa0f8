import type pg from 'pg';
import type { TableName } from '../../../packages/cli/src/sampleData/totesys.ts';

/** What a program left in its warehouse, beside the rows. */
export interface Left {
  readonly primaryKeys: number;
  readonly foreignKeys: number;
  /** The types of the columns with amounts of money. */
  readonly amounts: readonly string[];
}

/** Where the star keeps the rows of a table of the source; a department is part of its staff. */
const inStar: Readonly<Record<TableName, string | undefined>> = {
  address: 'dim_location',
  department: undefined,
  staff: 'dim_staff',
  counterparty: 'dim_counterparty',
  currency: 'dim_currency',
  design: 'dim_design',
  payment_type: 'dim_payment_type',
  sales_order: 'fact_sales_order',
  purchase_order: 'fact_purchase_order',
  transaction: 'dim_transaction',
  payment: 'fact_payment',
};

/**
 * Where the numbers of rows differ from the source's: one line for each table, with both. PostgreSQL counts.
 *
 * @param rows of each table of the source
 */
export async function differences(
  target: pg.Client,
  rows: Readonly<Record<TableName, number>>,
  star: boolean,
): Promise<string[]> {
  const found: string[] = [];
  for (const [source, expected] of Object.entries(rows) as [TableName, number][]) {
    const table = star ? inStar[source] : source;
    if (table === undefined) continue;
    const counted = await target.query<{ n: string }>(`SELECT count(*) AS n FROM public.${table}`);
    const n = Number(counted.rows[0]!.n);
    if (n !== expected) found.push(`${table} has ${n} rows, ${source} has ${expected}`);
  }
  return found;
}

/** What the catalog says of the schema public. */
export async function left(target: pg.Client): Promise<Left> {
  const { rows } = await target.query<Left>(`
    SELECT
      (SELECT count(*)::int FROM pg_constraint WHERE connamespace = 'public'::regnamespace AND contype = 'p') AS "primaryKeys",
      (SELECT count(*)::int FROM pg_constraint WHERE connamespace = 'public'::regnamespace AND contype = 'f') AS "foreignKeys",
      (SELECT json_agg(DISTINCT format_type(atttypid, atttypmod)) FROM pg_attribute JOIN pg_class ON pg_class.oid = attrelid
        WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p')
          AND attname IN ('unit_price', 'item_unit_price', 'payment_amount')) AS "amounts"`);
  return rows[0]!;
}
