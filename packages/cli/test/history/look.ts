import type pg from 'pg';
import { goodDates } from './values.ts';
import { tableNames, type TableName } from './step.ts';

/** A row's values as text, by the names that the warehouse gives them. */
export type Shown = Readonly<Record<string, string | null>>;

/** A row of the source as a look sees it. */
export interface SourceRow {
  readonly row: Shown;
  /** Whether a value of its own breaks a rule of the star. */
  readonly bad: boolean;
}

export type SourceRows = ReadonlyMap<TableName, ReadonlyMap<number, SourceRow>>;

interface Select {
  /** SQL of each value, by the name of the warehouse's column; a name alone where they are called the same. */
  readonly columns: Readonly<Record<string, string>>;
  /** SQL of whether a value breaks a rule. */
  readonly bad?: string;
}

const same = (...names: string[]): Record<string, string> => Object.fromEntries(names.map((name) => [name, name]));
const moments = {
  created_date: 'created_at::date',
  created_time: 'created_at::time',
  last_updated_date: 'last_updated::date',
  last_updated_time: 'last_updated::time',
};
const isDate = (column: string): string => `${column} IN (${goodDates.map((date) => `'${date}'`).join()})`;
const broken = (...rules: string[]): string => `NOT (${['isfinite(created_at)', ...rules].join(' AND ')})`;
const isPrice = 'unit_price = round(unit_price, 2) AND abs(unit_price) < 100000000';
const orderDates = [isDate('agreed_payment_date'), isDate('agreed_delivery_date')];

/** What of each table the warehouse shows, written by hand: it shares nothing with the declaration that it checks. */
export const selects: Readonly<Record<TableName, Select>> = {
  address: {
    columns: {
      location_id: 'address_id',
      ...same('address_line_1', 'address_line_2', 'district', 'city', 'postal_code', 'country', 'phone'),
    },
  },
  department: { columns: same('department_name', 'location') },
  staff: { columns: same('staff_id', 'first_name', 'last_name', 'department_id', 'email_address') },
  counterparty: { columns: same('counterparty_id', 'counterparty_legal_name', 'legal_address_id') },
  currency: {
    columns: {
      ...same('currency_id', 'currency_code'),
      currency_name: `CASE currency_code WHEN 'GBP' THEN 'Pound Sterling' WHEN 'EUR' THEN 'Euro' END`,
    },
  },
  design: { columns: same('design_id', 'design_name', 'file_location', 'file_name') },
  payment_type: { columns: same('payment_type_id', 'payment_type_name') },
  transaction: { columns: same('transaction_id', 'transaction_type', 'sales_order_id', 'purchase_order_id') },
  sales_order: {
    columns: {
      sales_order_id: 'sales_order_id',
      ...moments,
      sales_staff_id: 'staff_id',
      ...same('counterparty_id', 'units_sold'),
      unit_price: `CASE WHEN ${isPrice} THEN round(unit_price, 2) ELSE unit_price END`,
      ...same('currency_id', 'design_id', 'agreed_payment_date', 'agreed_delivery_date', 'agreed_delivery_location_id'),
    },
    bad: broken(isPrice, ...orderDates),
  },
  purchase_order: {
    columns: {
      purchase_order_id: 'purchase_order_id',
      ...moments,
      ...same('staff_id', 'counterparty_id', 'item_code', 'item_quantity', 'item_unit_price', 'currency_id'),
      ...same('agreed_delivery_date', 'agreed_payment_date', 'agreed_delivery_location_id'),
    },
    bad: broken(...orderDates),
  },
  payment: {
    columns: {
      payment_id: 'payment_id',
      ...moments,
      ...same('transaction_id', 'counterparty_id', 'payment_amount', 'currency_id', 'payment_type_id', 'paid'),
      payment_date: 'payment_date',
    },
    bad: broken(isDate('payment_date')),
  },
};

const query = tableNames
  .map((table) => {
    const { columns, bad = 'false' } = selects[table];
    const values = Object.entries(columns).map(([name, sql]) => `(${sql})::text AS ${name}`);
    return `SELECT '${table}' AS table, ${table}_id AS key, ${bad} AS bad,
      (SELECT row_to_json(shown) FROM (SELECT ${values.join(', ')}) AS shown) AS row FROM ${table}`;
  })
  .join('\nUNION ALL\n');

interface Found extends SourceRow {
  readonly table: TableName;
  readonly key: number;
}

/** All rows that are committed in the source now. */
export async function lookAt(source: pg.Client): Promise<SourceRows> {
  const tables = new Map<TableName, Map<number, SourceRow>>(tableNames.map((name) => [name, new Map()]));
  for (const { table, key, row, bad } of (await source.query<Found>(query)).rows) {
    tables.get(table)!.set(key, { row, bad });
  }
  return tables;
}
