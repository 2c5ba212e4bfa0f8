import {
  connectPostgres,
  dimensions,
  facts,
  identifier,
  sourceTable,
  sourceTables,
  sqlType,
  starTables,
  type SourceTable,
} from '@totes/core';
import type { Client } from 'pg';
import { createDatabase, type TestDatabase } from '../../../scripts/jest/database.ts';
import { verify, type VerifyOptions, type VerifyResult } from '../src/index.ts';

export const lakeId = '6f1c1d7e-8a39-4b52-9d0e-0d7d3a6f7a11';

/** A totesys and a warehouse in two schemas of one database, so that plain SQL can fill one from the other. */
export interface Pair {
  readonly database: TestDatabase;
  readonly query: TestDatabase['query'];
  /** Inserts a row of a source table; columns that are not named get a value that suits them. */
  insert(table: string, key: number, values?: Readonly<Record<string, unknown>>): Promise<void>;
  /** Brings the warehouse, or one table of it, up to the source, by SQL that shares nothing with the code under test. */
  fill(table?: string): Promise<void>;
  verify(options?: Partial<VerifyOptions>): Promise<VerifyResult>;
  drop(): Promise<void>;
}

/** Each star table's rows, written by hand as SQL on the source. */
const rowsOf: Readonly<Record<string, string>> = {
  dim_staff: `SELECT staff_id, first_name, last_name, department_name, d.location, email_address
              FROM shop.staff JOIN shop.department d USING (department_id)`,
  dim_location:
    'SELECT address_id, address_line_1, address_line_2, district, city, postal_code, country, phone FROM shop.address',
  dim_currency: `SELECT currency_id, currency_code, CASE currency_code WHEN 'GBP' THEN 'Pound Sterling'
                 WHEN 'usd' THEN 'US Dollar' ELSE currency_code END FROM shop.currency`,
  dim_design: 'SELECT design_id, design_name, file_location, file_name FROM shop.design',
  dim_counterparty: `SELECT counterparty_id, counterparty_legal_name, address_line_1, address_line_2, district, city, postal_code,
                     country, phone FROM shop.counterparty JOIN shop.address ON address_id = legal_address_id`,
  dim_payment_type: 'SELECT payment_type_id, payment_type_name FROM shop.payment_type',
  dim_transaction: 'SELECT transaction_id, transaction_type, sales_order_id, purchase_order_id FROM shop.transaction',
  fact_sales_order: `SELECT sales_order_id, created_at::date, created_at::time, last_updated::date, last_updated::time, staff_id,
    counterparty_id, units_sold, unit_price, currency_id, design_id, agreed_payment_date::date, agreed_delivery_date::date,
    agreed_delivery_location_id FROM shop.sales_order`,
  fact_purchase_order: `SELECT purchase_order_id, created_at::date, created_at::time, last_updated::date, last_updated::time, staff_id,
    counterparty_id, item_code, item_quantity, item_unit_price, currency_id, agreed_delivery_date::date,
    agreed_payment_date::date, agreed_delivery_location_id FROM shop.purchase_order`,
  fact_payment: `SELECT payment_id, created_at::date, created_at::time, last_updated::date, last_updated::time, transaction_id,
    counterparty_id, payment_amount, currency_id, payment_type_id, paid, payment_date::date FROM shop.payment`,
};

const calendar = `INSERT INTO star.dim_date
  SELECT d::date, extract(year FROM d), extract(month FROM d), extract(day FROM d), extract(isodow FROM d), to_char(d, 'FMDay'),
    to_char(d, 'FMMonth'), extract(quarter FROM d)
  FROM generate_series('2023-12-01'::timestamp, '2024-12-31', '1 day') d`;

/** @param types the types of some source columns, `table.column`, in place of the declared ones */
export async function createPair(types: Readonly<Record<string, string>> = {}): Promise<Pair> {
  const database = await createDatabase();
  const query: TestDatabase['query'] = (sql, values) => database.query(sql, values);
  await query(
    `CREATE SCHEMA shop; CREATE SCHEMA star; ${sourceTables.map((table) => createSource(table, types)).join('; ')}`,
  );
  await query(createStar());
  await query(calendar);
  const clients: Client[] = [];
  for (const side of ['source', 'warehouse'] as const) {
    clients.push(await connectPostgres({ url: database.url, side, applicationName: 'test' }));
  }
  const [source, warehouse] = clients as [Client, Client];
  return {
    database,
    query,
    async insert(table, key, values = {}) {
      const row = { ...suitable(sourceTable(table), key), ...values };
      const names = Object.keys(row);
      await query(
        `INSERT INTO shop.${table} (${names.join(', ')}) VALUES (${names.map((_, i) => `$${i + 1}`).join(', ')})`,
        Object.values(row),
      );
    },
    async fill(only) {
      for (const { name, columns } of starTables.filter(
        (table) => table.name in rowsOf && table.name === (only ?? table.name),
      )) {
        const list = columns.map((column) => identifier(column.name)).join(', ');
        await query(`TRUNCATE star.${name}; INSERT INTO star.${name} (${list}) ${rowsOf[name]!}`);
      }
      const [now] = await query<{ snapshot: string }>('SELECT pg_current_snapshot()::text AS snapshot');
      await query('TRUNCATE etl.load_log');
      await query(`INSERT INTO etl.load_log VALUES ('star', $1, 1, $2, now())`, [lakeId, now!.snapshot]);
    },
    verify: (options = {}) => verify({ source, warehouse, sourceSchema: 'shop', schema: 'star', ...options }),
    async drop() {
      await Promise.all(clients.map((client) => client.end()));
      await database.drop();
    },
  };
}

/** A pair with some rows of every table, over several ranges of keys, in the warehouse too. */
export async function createFilledPair(): Promise<Pair> {
  const pair = await createPair();
  for (const { name } of sourceTables) {
    for (const key of [-20_000, 1, 2, 16_384, 40_000]) await pair.insert(name, key);
  }
  await pair.fill();
  return pair;
}

function createSource({ name, key, columns }: SourceTable, types: Readonly<Record<string, string>>): string {
  const list = Object.entries(columns).map(
    ([column, { type }]) => `${column} ${types[`${name}.${column}`] ?? sqlType(type)}`,
  );
  return `CREATE TABLE shop.${name} (${list.join(', ')}, PRIMARY KEY (${key}))`;
}

function createStar(): string {
  const columnsOf = ({ columns }: (typeof starTables)[number]): string =>
    columns.map(({ name, type }) => `${identifier(name)} ${sqlType(type)}`).join(', ');
  const reasons = 'reason text, version bigint, source_read_at timestamptz';
  return [
    'CREATE SCHEMA etl',
    `CREATE TABLE etl.load_log (warehouse_schema text, lake_id uuid, version bigint, source_snapshot text, loaded_at timestamptz)`,
    ...dimensions.map((table) => `CREATE TABLE star.${table.name} (${columnsOf(table)}, PRIMARY KEY (${table.key}))`),
    ...dimensions
      .filter(({ source }) => source !== undefined)
      .map(
        ({ name, key }) =>
          `CREATE TABLE star.${name.replace('dim_', 'retired_')} (${key} integer PRIMARY KEY, ${reasons})`,
      ),
    ...facts.flatMap(({ name, key, recordKey, currentView, columns }) => [
      `CREATE TABLE star.${name} (${recordKey} bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY, ${columnsOf({ columns } as never)})`,
      `CREATE VIEW star.${currentView} AS SELECT DISTINCT ON (${key}) * FROM star.${name} ORDER BY ${key}, ${recordKey} DESC`,
    ]),
  ].join('; ');
}

/** A value for each column of a row: references lead to the row of the same key. */
function suitable({ columns }: SourceTable, key: number): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(columns).map(([name, { type }]): [string, unknown] => {
      if (name.endsWith('_date')) return [name, '2024-02-29'];
      switch (type.kind) {
        case 'integer':
          return [name, key];
        case 'numeric':
          return [name, '12.50'];
        case 'boolean':
          return [name, true];
        case 'timestamp':
          return [name, '2024-01-15 10:20:30.123456'];
        default:
          return [name, name === 'currency_code' ? 'GBP' : `${name} ${key}`];
      }
    }),
  );
}
