import { SourceRefused } from '@totes/core';
import type pg from 'pg';

/** What totesys has beside its identity key `<name>_id` and the two timestamps that every table carries. */
const columns = {
  address: `
    address_line_1 text NOT NULL, address_line_2 text, district text, city text NOT NULL, postal_code text NOT NULL,
    country text NOT NULL, phone text NOT NULL`,
  department: 'department_name text NOT NULL, location text, manager text',
  staff: `
    first_name text NOT NULL, last_name text NOT NULL, department_id integer NOT NULL, email_address text NOT NULL`,
  counterparty: `
    counterparty_legal_name text NOT NULL, legal_address_id integer NOT NULL, commercial_contact text,
    delivery_contact text`,
  currency: 'currency_code varchar(3) NOT NULL',
  design: 'design_name text NOT NULL, file_location text NOT NULL, file_name text NOT NULL',
  payment_type: 'payment_type_name text NOT NULL',
  sales_order: `
    design_id integer NOT NULL, staff_id integer NOT NULL, counterparty_id integer NOT NULL,
    units_sold integer NOT NULL, unit_price numeric NOT NULL, currency_id integer NOT NULL,
    agreed_delivery_date varchar NOT NULL, agreed_payment_date varchar NOT NULL,
    agreed_delivery_location_id integer NOT NULL`,
  purchase_order: `
    staff_id integer NOT NULL, counterparty_id integer NOT NULL, item_code text NOT NULL,
    item_quantity integer NOT NULL, item_unit_price numeric NOT NULL, currency_id integer NOT NULL,
    agreed_delivery_date varchar NOT NULL, agreed_payment_date varchar NOT NULL,
    agreed_delivery_location_id integer NOT NULL`,
  transaction: 'transaction_type text NOT NULL, sales_order_id integer, purchase_order_id integer',
  payment: `
    transaction_id integer NOT NULL, counterparty_id integer NOT NULL, payment_amount numeric NOT NULL,
    currency_id integer NOT NULL, payment_type_id integer NOT NULL, paid boolean NOT NULL,
    payment_date varchar NOT NULL, company_ac_number integer NOT NULL, counterparty_ac_number integer NOT NULL`,
} as const;

export type TableName = keyof typeof columns;

/** The eleven tables; what a foreign key points at comes before what points at it. */
export const tableNames = Object.keys(columns) as TableName[];

const order = { staff_id: 'staff', counterparty_id: 'counterparty', currency_id: 'currency' } as const;
const delivery = { agreed_delivery_location_id: 'address' } as const;
const foreignKeys: Partial<Record<TableName, Readonly<Record<string, TableName>>>> = {
  staff: { department_id: 'department' },
  counterparty: { legal_address_id: 'address' },
  sales_order: { design_id: 'design', ...order, ...delivery },
  purchase_order: { ...order, ...delivery },
  transaction: { sales_order_id: 'sales_order', purchase_order_id: 'purchase_order' },
  payment: {
    transaction_id: 'transaction',
    counterparty_id: 'counterparty',
    currency_id: 'currency',
    payment_type_id: 'payment_type',
  },
};

/** The shop's own tool keeps this table beside the others; it is no part of the business. */
const prismaMigrations = `
  CREATE TABLE public._prisma_migrations (
    id varchar(36) PRIMARY KEY, checksum varchar(64) NOT NULL, finished_at timestamptz, migration_name varchar(255) NOT NULL,
    logs text, rolled_back_at timestamptz, started_at timestamptz NOT NULL DEFAULT now(),
    applied_steps_count integer NOT NULL DEFAULT 0);
  INSERT INTO public._prisma_migrations VALUES (
    '6b3dd4f4-4a7e-4a0b-9c3f-0f2f3c1b7a11', repeat('0', 64), '2022-11-03 07:00:01Z', '20221103070000_init', NULL, NULL,
    '2022-11-03 07:00:00Z', 1);`;

/**
 * Creates the shop's database in the schema public: eleven empty tables with their keys, and _prisma_migrations.
 * Throws SourceRefused where one of them exists.
 */
export async function createTotesys(client: pg.Client): Promise<void> {
  await createTables(client);
  await addKeys(client);
}

/** createTotesys without the keys: a large load is faster before them than after. */
export async function createTables(client: pg.Client): Promise<void> {
  const taken = await existing(client, [...tableNames, '_prisma_migrations']);
  if (taken.length > 0) {
    throw new SourceRefused(
      `database ${String(client.database)} has ${taken.join(', ')} in schema public already: ` +
        'name an empty database, or drop what is there',
    );
  }
  await client.query(tableNames.map(createTable).join('\n') + prismaMigrations);
}

/** Adds the primary keys and the foreign keys, checked against the rows that are there. */
export async function addKeys(client: pg.Client): Promise<void> {
  const primary = tableNames.map((name) => `ALTER TABLE public.${name} ADD PRIMARY KEY (${name}_id);`);
  const foreign = Object.entries(foreignKeys).flatMap(([name, keys]) =>
    Object.entries(keys).map(
      ([column, target]) => `ALTER TABLE public.${name} ADD FOREIGN KEY (${column}) REFERENCES public.${target};`,
    ),
  );
  await client.query([...primary, ...foreign].join('\n'));
}

/** Those of the named tables that the schema public has. */
export async function existing(client: pg.Client, names: readonly string[]): Promise<string[]> {
  const { rows } = await client.query<{ relname: string }>(
    `SELECT relname FROM pg_class JOIN pg_namespace ON pg_namespace.oid = relnamespace
     WHERE nspname = 'public' AND relname = ANY ($1) ORDER BY relname`,
    [names],
  );
  return rows.map((row) => row.relname);
}

function createTable(name: TableName): string {
  return `
    CREATE TABLE public.${name} (
      ${name}_id integer GENERATED BY DEFAULT AS IDENTITY,
      ${columns[name]},
      created_at timestamp(3) NOT NULL DEFAULT current_timestamp,
      last_updated timestamp(3) NOT NULL DEFAULT current_timestamp);`;
}
