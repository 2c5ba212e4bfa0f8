import { boolean, integer, numeric, text, timestamp, type ColumnType } from './types.ts';

/** A column that the star reads from totesys. */
export interface SourceColumn {
  readonly type: ColumnType;
  readonly nullable: boolean;
}

/** A table of totesys as the star reads it; the real one may have more columns, which the lake archives. */
export interface SourceTable {
  readonly name: string;
  /** The primary key column. */
  readonly key: string;
  readonly columns: Readonly<Record<string, SourceColumn>>;
}

const optional = (type: ColumnType): SourceColumn => ({ type, nullable: true });

function table(name: string, columns: Record<string, ColumnType | SourceColumn>): SourceTable {
  const declared = Object.entries({ ...columns, created_at: timestamp, last_updated: timestamp }).map(
    ([column, type]) => [column, 'kind' in type ? { type, nullable: false } : type] as const,
  );
  return { name, key: `${name}_id`, columns: Object.fromEntries(declared) };
}

/** Whether a number is of PostgreSQL's type integer, which the keys of totesys have. */
export const isKey = (number: number): boolean => Number.isInteger(number) && number >= -(2 ** 31) && number < 2 ** 31;

/** The eleven tables of totesys. Every one also has created_at and last_updated; its key is `<name>_id`. */
export const sourceTables: readonly SourceTable[] = [
  table('address', {
    address_id: integer,
    address_line_1: text,
    address_line_2: optional(text),
    district: optional(text),
    city: text,
    postal_code: text,
    country: text,
    phone: text,
  }),
  table('department', {
    department_id: integer,
    department_name: text,
    location: optional(text),
    manager: optional(text),
  }),
  table('staff', {
    staff_id: integer,
    first_name: text,
    last_name: text,
    department_id: integer,
    email_address: text,
  }),
  table('counterparty', {
    counterparty_id: integer,
    counterparty_legal_name: text,
    legal_address_id: integer,
    commercial_contact: optional(text),
    delivery_contact: optional(text),
  }),
  table('currency', { currency_id: integer, currency_code: text }),
  table('design', { design_id: integer, design_name: text, file_location: text, file_name: text }),
  table('payment_type', { payment_type_id: integer, payment_type_name: text }),
  table('sales_order', {
    sales_order_id: integer,
    design_id: integer,
    staff_id: integer,
    counterparty_id: integer,
    units_sold: integer,
    unit_price: numeric,
    currency_id: integer,
    agreed_delivery_date: text,
    agreed_payment_date: text,
    agreed_delivery_location_id: integer,
  }),
  table('purchase_order', {
    purchase_order_id: integer,
    staff_id: integer,
    counterparty_id: integer,
    item_code: text,
    item_quantity: integer,
    item_unit_price: numeric,
    currency_id: integer,
    agreed_delivery_date: text,
    agreed_payment_date: text,
    agreed_delivery_location_id: integer,
  }),
  table('transaction', {
    transaction_id: integer,
    transaction_type: text,
    sales_order_id: optional(integer),
    purchase_order_id: optional(integer),
  }),
  table('payment', {
    payment_id: integer,
    transaction_id: integer,
    counterparty_id: integer,
    payment_amount: numeric,
    currency_id: integer,
    payment_type_id: integer,
    paid: boolean,
    payment_date: text,
    company_ac_number: integer,
    counterparty_ac_number: integer,
  }),
];

/** The declared source table of that name. Throws RangeError for a name that is not declared. */
export function sourceTable(name: string): SourceTable {
  const found = sourceTables.find((table) => table.name === name);
  if (found === undefined) throw new RangeError(`${name} is not a declared source table`);
  return found;
}
