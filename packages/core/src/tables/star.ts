import { boolean, date, decimal, integer, numeric, text, time, type ColumnType } from './types.ts';

/** Where a warehouse column's value comes from. */
export type Lineage =
  /** The source row's own column, unchanged. */
  | { readonly kind: 'column'; readonly column: string }
  /** A column of the row that the source row's `via` points at. */
  | { readonly kind: 'joined'; readonly via: string; readonly table: string; readonly column: string }
  /** The date of a timestamp column. */
  | { readonly kind: 'dateOf'; readonly column: string }
  /** The time of day of a timestamp column. */
  | { readonly kind: 'timeOf'; readonly column: string }
  /** A date that totesys keeps as text, YYYY-MM-DD. */
  | { readonly kind: 'parsedDate'; readonly column: string }
  /** The ISO 4217 name of a currency code; the code itself where ISO names none. */
  | { readonly kind: 'currencyName'; readonly column: string }
  /** Of no row of totesys: of the calendar, or of an exchange rate. */
  | { readonly kind: 'elsewhere'; readonly meaning: string };

export interface StarColumn {
  readonly name: string;
  readonly type: ColumnType;
  readonly nullable: boolean;
  readonly from: Lineage;
  /** The dimension whose key this column holds. */
  readonly references?: string;
}

interface Common {
  readonly name: string;
  /** The business key: the primary key of a dimension, the business id of a fact. */
  readonly key: string;
  readonly columns: readonly StarColumn[];
}

export interface Dimension extends Common {
  readonly kind: 'dimension';
  /** The source table; absent where the rows are not of totesys. */
  readonly source?: string;
  /** What the rows are, where they are not of totesys. */
  readonly about?: string;
  /** Whether it has about as many rows as the facts, so that a copy of it on each node of a cluster would cost much. */
  readonly isLarge?: true;
}

export interface Fact extends Common {
  readonly kind: 'fact';
  readonly source: string;
  /** The surrogate key that the database assigns, one for each version of a business row. */
  readonly recordKey: string;
  /** The view that shows the version now in force of each business row. */
  readonly currentView: string;
}

export type StarTable = Dimension | Fact;

interface Options {
  readonly nullable?: true;
  readonly references?: string;
}
type Declared = Omit<StarColumn, 'name'>;

const from = (column: string, type: ColumnType, options: Options = {}): Declared => ({
  type,
  nullable: false,
  ...options,
  from: { kind: 'column', column },
});
const joined = (via: string, table: string, column: string, options: Options = {}): Declared => ({
  type: text,
  nullable: false,
  ...options,
  from: { kind: 'joined', via, table, column },
});
const parsedDate = (column: string): Declared => ({
  type: date,
  nullable: false,
  references: 'dim_date',
  from: { kind: 'parsedDate', column },
});
const elsewhere = (type: ColumnType, meaning: string): Declared => ({
  type,
  nullable: false,
  from: { kind: 'elsewhere', meaning },
});

/** The four columns by which every fact says when its row was made and when this version of it was written. */
const audit: Record<string, Declared> = Object.fromEntries(
  (
    [
      ['created', 'created_at'],
      ['last_updated', 'last_updated'],
    ] as const
  ).flatMap(([prefix, column]): [string, Declared][] => [
    [`${prefix}_date`, { type: date, nullable: false, references: 'dim_date', from: { kind: 'dateOf', column } }],
    [`${prefix}_time`, { type: time, nullable: false, from: { kind: 'timeOf', column } }],
  ]),
);

const named = (columns: Record<string, Declared>): StarColumn[] =>
  Object.entries(columns).map(([name, column]) => ({ name, ...column }));

function dimension(
  source: string,
  name: string,
  key: string,
  columns: Record<string, Declared>,
  more: Pick<Dimension, 'isLarge'> = {},
): Dimension {
  return { kind: 'dimension', name, source, key, columns: named(columns), ...more };
}

function fact(
  source: string,
  names: { name: string; key: string; recordKey: string },
  columns: Record<string, Declared>,
): Fact {
  return { kind: 'fact', source, ...names, currentView: `current_${source}`, columns: named(columns) };
}

const counterpartyAddress = (column: string, options?: Options): Declared =>
  joined('legal_address_id', 'address', column, options);

/** The dimension that `totes rates` fills. */
export const ratesTable = 'dim_exchange_rate';

/**
 * The warehouse, in load order: what a foreign key points at comes before what points at it. All that depends on
 * the star's shape (DDL, views, Parquet schemas, COPY and merge statements, the data dictionary) is derived from here.
 */
export const starTables: readonly StarTable[] = [
  {
    kind: 'dimension',
    name: 'dim_date',
    about: 'The calendar: every day of each year in which a fact has a date.',
    key: 'date_id',
    columns: named({
      date_id: elsewhere(date, 'the day'),
      year: elsewhere(integer, 'the year'),
      month: elsewhere(integer, '1 to 12'),
      day: elsewhere(integer, 'day of the month, 1 to 31'),
      day_of_week: elsewhere(integer, 'ISO 8601: 1 is Monday, 7 is Sunday'),
      day_name: elsewhere(text, 'in English'),
      month_name: elsewhere(text, 'in English'),
      quarter: elsewhere(integer, '1 to 4'),
    }),
  },
  dimension('staff', 'dim_staff', 'staff_id', {
    staff_id: from('staff_id', integer),
    first_name: from('first_name', text),
    last_name: from('last_name', text),
    department_name: joined('department_id', 'department', 'department_name'),
    location: joined('department_id', 'department', 'location', { nullable: true }),
    email_address: from('email_address', text),
  }),
  dimension('address', 'dim_location', 'location_id', {
    location_id: from('address_id', integer),
    address_line_1: from('address_line_1', text),
    address_line_2: from('address_line_2', text, { nullable: true }),
    district: from('district', text, { nullable: true }),
    city: from('city', text),
    postal_code: from('postal_code', text),
    country: from('country', text),
    phone: from('phone', text),
  }),
  dimension('currency', 'dim_currency', 'currency_id', {
    currency_id: from('currency_id', integer),
    currency_code: from('currency_code', text),
    currency_name: { type: text, nullable: false, from: { kind: 'currencyName', column: 'currency_code' } },
  }),
  {
    kind: 'dimension',
    name: ratesTable,
    about: 'Reference rates of the European Central Bank, as totes rates brought them; empty where it never ran.',
    key: 'exchange_rate_id',
    // A day of the ECB need not be one of the shop's calendar, so rate_date points at no row of dim_date.
    columns: named({
      exchange_rate_id: elsewhere(integer, 'days from 1970-01-01 to rate_date, times 1000, plus the ISO 4217 number'),
      rate_date: elsewhere(date, 'the day that the rate is of'),
      currency_code: elsewhere(text, 'ISO 4217'),
      base_currency_code: elsewhere(text, 'ISO 4217, of the currency that costs so much; EUR'),
      rate: elsewhere(numeric, 'units of the currency for one unit of the base'),
    }),
  },
  dimension('design', 'dim_design', 'design_id', {
    design_id: from('design_id', integer),
    design_name: from('design_name', text),
    file_location: from('file_location', text),
    file_name: from('file_name', text),
  }),
  dimension('counterparty', 'dim_counterparty', 'counterparty_id', {
    counterparty_id: from('counterparty_id', integer),
    counterparty_legal_name: from('counterparty_legal_name', text),
    counterparty_legal_address_line_1: counterpartyAddress('address_line_1'),
    counterparty_legal_address_line_2: counterpartyAddress('address_line_2', { nullable: true }),
    counterparty_legal_district: counterpartyAddress('district', { nullable: true }),
    counterparty_legal_city: counterpartyAddress('city'),
    counterparty_legal_postal_code: counterpartyAddress('postal_code'),
    counterparty_legal_country: counterpartyAddress('country'),
    counterparty_legal_phone_number: counterpartyAddress('phone'),
  }),
  dimension('payment_type', 'dim_payment_type', 'payment_type_id', {
    payment_type_id: from('payment_type_id', integer),
    payment_type_name: from('payment_type_name', text),
  }),
  dimension(
    'transaction',
    'dim_transaction',
    'transaction_id',
    {
      transaction_id: from('transaction_id', integer),
      transaction_type: from('transaction_type', text),
      sales_order_id: from('sales_order_id', integer, { nullable: true }),
      purchase_order_id: from('purchase_order_id', integer, { nullable: true }),
    },
    { isLarge: true },
  ),
  fact(
    'sales_order',
    { name: 'fact_sales_order', key: 'sales_order_id', recordKey: 'sales_record_id' },
    {
      sales_order_id: from('sales_order_id', integer),
      ...audit,
      sales_staff_id: from('staff_id', integer, { references: 'dim_staff' }),
      counterparty_id: from('counterparty_id', integer, { references: 'dim_counterparty' }),
      units_sold: from('units_sold', integer),
      unit_price: from('unit_price', decimal(10, 2)),
      currency_id: from('currency_id', integer, { references: 'dim_currency' }),
      design_id: from('design_id', integer, { references: 'dim_design' }),
      agreed_payment_date: parsedDate('agreed_payment_date'),
      agreed_delivery_date: parsedDate('agreed_delivery_date'),
      agreed_delivery_location_id: from('agreed_delivery_location_id', integer, { references: 'dim_location' }),
    },
  ),
  fact(
    'purchase_order',
    { name: 'fact_purchase_order', key: 'purchase_order_id', recordKey: 'purchase_record_id' },
    {
      purchase_order_id: from('purchase_order_id', integer),
      ...audit,
      staff_id: from('staff_id', integer, { references: 'dim_staff' }),
      counterparty_id: from('counterparty_id', integer, { references: 'dim_counterparty' }),
      item_code: from('item_code', text),
      item_quantity: from('item_quantity', integer),
      item_unit_price: from('item_unit_price', numeric),
      currency_id: from('currency_id', integer, { references: 'dim_currency' }),
      agreed_delivery_date: parsedDate('agreed_delivery_date'),
      agreed_payment_date: parsedDate('agreed_payment_date'),
      agreed_delivery_location_id: from('agreed_delivery_location_id', integer, { references: 'dim_location' }),
    },
  ),
  fact(
    'payment',
    { name: 'fact_payment', key: 'payment_id', recordKey: 'payment_record_id' },
    {
      payment_id: from('payment_id', integer),
      ...audit,
      transaction_id: from('transaction_id', integer, { references: 'dim_transaction' }),
      counterparty_id: from('counterparty_id', integer, { references: 'dim_counterparty' }),
      payment_amount: from('payment_amount', numeric),
      currency_id: from('currency_id', integer, { references: 'dim_currency' }),
      payment_type_id: from('payment_type_id', integer, { references: 'dim_payment_type' }),
      paid: from('paid', boolean),
      payment_date: parsedDate('payment_date'),
    },
  ),
];

export const dimensions = starTables.filter((table) => table.kind === 'dimension');
export const facts = starTables.filter((table) => table.kind === 'fact');

/** The declared warehouse table of that name. Throws RangeError for a name that is not declared. */
export function starTable(name: string): StarTable {
  const found = starTables.find((table) => table.name === name);
  if (found === undefined) throw new RangeError(`${name} is not a declared warehouse table`);
  return found;
}
