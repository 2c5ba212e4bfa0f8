import type pg from 'pg';
import { selects, type Shown } from './look.ts';
import { shownLine } from './oracle.ts';

const dimensions = {
  dim_location: { key: 'location_id', columns: Object.keys(selects.address.columns), retired: 'retired_location' },
  dim_staff: {
    key: 'staff_id',
    columns: ['staff_id', 'first_name', 'last_name', 'department_name', 'location', 'email_address'],
    retired: 'retired_staff',
  },
  dim_counterparty: {
    key: 'counterparty_id',
    columns: [
      'counterparty_id',
      'counterparty_legal_name',
      ...['address_line_1', 'address_line_2', 'district', 'city', 'postal_code', 'country', 'phone_number'].map(
        (column) => `counterparty_legal_${column}`,
      ),
    ],
    retired: 'retired_counterparty',
  },
  dim_currency: { key: 'currency_id', columns: Object.keys(selects.currency.columns), retired: 'retired_currency' },
  dim_design: { key: 'design_id', columns: Object.keys(selects.design.columns), retired: 'retired_design' },
  dim_payment_type: {
    key: 'payment_type_id',
    columns: Object.keys(selects.payment_type.columns),
    retired: 'retired_payment_type',
  },
  dim_transaction: {
    key: 'transaction_id',
    columns: Object.keys(selects.transaction.columns),
    retired: 'retired_transaction',
  },
} as const;
const records = {
  sales_order: 'sales_record_id',
  purchase_order: 'purchase_record_id',
  payment: 'payment_record_id',
} as const;

const json = (columns: readonly string[]): string =>
  `(SELECT row_to_json(shown) FROM (SELECT ${columns.map((name) => `${name}::text`).join(', ')}) AS shown)`;

const query = [
  `SELECT 'dim_date' AS name, year AS key, '' AS fate, NULL::bigint AS place, to_json(count(*)::text) AS row
   FROM dim_date GROUP BY year`,
  ...Object.entries(dimensions).map(
    ([name, { key, columns, retired }]) =>
      `SELECT '${name}', ${key}, '', NULL, ${json(columns)} FROM ${name}
       WHERE NOT EXISTS (SELECT FROM ${retired} AS gone WHERE gone.${key} = ${name}.${key})`,
  ),
  ...Object.entries(records).flatMap(([table, record]) => {
    const columns = json(Object.keys(selects[table as keyof typeof records].columns));
    return [
      `SELECT 'fact_${table}', ${table}_id, coalesce(reason, 'kept'),
         row_number() OVER (PARTITION BY ${table}_id, reason IS NOT DISTINCT FROM 'superseded' ORDER BY ${record}),
         ${columns} FROM fact_${table} LEFT JOIN retired_${table} USING (${record})`,
      `SELECT 'current_${table}', ${table}_id, '', NULL, ${columns} FROM current_${table}`,
    ];
  }),
].join('\nUNION ALL\n');

interface Line {
  readonly name: string;
  readonly key: number;
  readonly fate: string;
  readonly place: string | null;
  readonly row: Shown | string;
}

/** All that a warehouse shows, a line for each row; of its dimensions, the rows that are not retired. */
export async function shownLines(warehouse: pg.Client): Promise<string[]> {
  const { rows } = await warehouse.query<Line>(query);
  return rows.map(({ name, key, fate, place, row }) =>
    shownLine(name, key, row, fate, place === null ? undefined : Number(place)),
  );
}
