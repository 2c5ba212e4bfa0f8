import type { QueryResultRow } from 'pg';

/** Anything that answers SQL: a test database. */
interface Queries {
  query<Row extends QueryResultRow>(sql: string, values?: unknown[]): Promise<Row[]>;
}

/** The rows of a dimension that the source has, as far as the warehouse knows: those that were found deleted stay in it. */
const shown = (dimension: string, key: string): string =>
  `${dimension} WHERE ${key} NOT IN (SELECT ${key} FROM ${dimension.replace('dim_', 'retired_')})`;

/**
 * What each warehouse table must show, written as SQL on the source by hand: an oracle that shares nothing with the
 * declaration it checks. All columns as text, so that a lost digit or a space counts.
 */
export const expectations: Readonly<Record<string, { readonly source: string; readonly warehouse: string }>> = {
  dim_staff: {
    source: `SELECT staff_id, first_name, last_name, department_name, d.location, email_address
             FROM staff JOIN department d USING (department_id)`,
    warehouse: `SELECT staff_id, first_name, last_name, department_name, location, email_address FROM ${shown('dim_staff', 'staff_id')}`,
  },
  dim_location: {
    source:
      'SELECT address_id, address_line_1, address_line_2, district, city, postal_code, country, phone FROM address',
    warehouse: `SELECT location_id, address_line_1, address_line_2, district, city, postal_code, country, phone
                FROM ${shown('dim_location', 'location_id')}`,
  },
  dim_currency: {
    source: `SELECT currency_id, currency_code, CASE currency_code WHEN 'GBP' THEN 'Pound Sterling'
             WHEN 'USD' THEN 'US Dollar' WHEN 'EUR' THEN 'Euro' ELSE currency_code END FROM currency`,
    warehouse: `SELECT currency_id, currency_code, currency_name FROM ${shown('dim_currency', 'currency_id')}`,
  },
  dim_design: {
    source: 'SELECT design_id, design_name, file_location, file_name FROM design',
    warehouse: `SELECT design_id, design_name, file_location, file_name FROM ${shown('dim_design', 'design_id')}`,
  },
  dim_counterparty: {
    source: `SELECT counterparty_id, counterparty_legal_name, address_line_1, address_line_2, district, city,
             postal_code, country, phone FROM counterparty JOIN address ON address_id = legal_address_id`,
    warehouse: `SELECT counterparty_id, counterparty_legal_name, counterparty_legal_address_line_1,
                counterparty_legal_address_line_2, counterparty_legal_district, counterparty_legal_city,
                counterparty_legal_postal_code, counterparty_legal_country, counterparty_legal_phone_number
                FROM ${shown('dim_counterparty', 'counterparty_id')}`,
  },
  dim_payment_type: {
    source: 'SELECT payment_type_id, payment_type_name FROM payment_type',
    warehouse: `SELECT payment_type_id, payment_type_name FROM ${shown('dim_payment_type', 'payment_type_id')}`,
  },
  dim_transaction: {
    source: 'SELECT transaction_id, transaction_type, sales_order_id, purchase_order_id FROM transaction',
    warehouse: `SELECT transaction_id, transaction_type, sales_order_id, purchase_order_id FROM ${shown('dim_transaction', 'transaction_id')}`,
  },
  current_sales_order: {
    source: `SELECT sales_order_id, created_at::date, created_at::time, last_updated::date, last_updated::time, staff_id,
             counterparty_id, units_sold, unit_price::numeric(10,2), currency_id, design_id, agreed_payment_date,
             agreed_delivery_date, agreed_delivery_location_id FROM sales_order`,
    warehouse: `SELECT sales_order_id, created_date, created_time, last_updated_date, last_updated_time, sales_staff_id,
                counterparty_id, units_sold, unit_price, currency_id, design_id, agreed_payment_date,
                agreed_delivery_date, agreed_delivery_location_id FROM current_sales_order`,
  },
  current_purchase_order: {
    source: `SELECT purchase_order_id, created_at::date, created_at::time, last_updated::date, last_updated::time, staff_id,
             counterparty_id, item_code, item_quantity, item_unit_price, currency_id, agreed_delivery_date,
             agreed_payment_date, agreed_delivery_location_id FROM purchase_order`,
    warehouse: `SELECT purchase_order_id, created_date, created_time, last_updated_date, last_updated_time, staff_id,
                counterparty_id, item_code, item_quantity, item_unit_price, currency_id, agreed_delivery_date,
                agreed_payment_date, agreed_delivery_location_id FROM current_purchase_order`,
  },
  current_payment: {
    source: `SELECT payment_id, created_at::date, created_at::time, last_updated::date, last_updated::time,
             transaction_id, counterparty_id, payment_amount, currency_id, payment_type_id, paid, payment_date FROM payment`,
    warehouse: `SELECT payment_id, created_date, created_time, last_updated_date, last_updated_time, transaction_id,
                counterparty_id, payment_amount, currency_id, payment_type_id, paid, payment_date FROM current_payment`,
  },
};

/** A select's rows as one text each, NULL told from the empty text, in an order that does not depend on the server. */
export const asText = (select: string): string =>
  `SELECT array_to_string(ARRAY(SELECT coalesce(quote_literal(value), 'NULL')
     FROM json_each_text(row_to_json(r)) WITH ORDINALITY AS cell(name, value, place) ORDER BY place), ', ') AS row
   FROM (${select}) r`;

/** Every difference between what the source holds now and what the warehouse shows as current; empty when equal. */
export async function differences(source: Queries, warehouse: Queries): Promise<string[]> {
  const found: string[] = [];
  for (const [name, selects] of Object.entries(expectations)) {
    const rows = async (database: Queries, select: string): Promise<string[]> =>
      (await database.query<{ row: string }>(asText(select))).map(({ row }) => row).sort();
    const [expected, actual] = [await rows(source, selects.source), await rows(warehouse, selects.warehouse)];
    const [inSource, inWarehouse] = [count(expected), count(actual)];
    for (const [row, times] of inSource) {
      if (inWarehouse.get(row) !== times)
        found.push(`${name}: ${times} × in the source, ${inWarehouse.get(row) ?? 0} × here: ${row}`);
    }
    for (const [row, times] of inWarehouse) {
      if (!inSource.has(row)) found.push(`${name}: not in the source, ${times} × here: ${row}`);
    }
  }
  return found;
}

function count(rows: readonly string[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const row of rows) counts.set(row, (counts.get(row) ?? 0) + 1);
  return counts;
}

/** Every row of every warehouse table and view, as text: two warehouses hold the same iff these are equal. */
export async function contents(warehouse: Queries, schema = 'public'): Promise<Record<string, string[]>> {
  const relations = await warehouse.query<{ name: string }>(
    'SELECT relname AS name FROM pg_class WHERE relnamespace = to_regnamespace($1) AND relkind IN ($2, $3) ORDER BY 1',
    [`"${schema}"`, 'r', 'v'],
  );
  const all: Record<string, string[]> = {};
  for (const { name } of relations) {
    const rows = await warehouse.query<{ row: string }>(`SELECT r::text AS row FROM "${schema}"."${name}" r`);
    all[name] = rows.map(({ row }) => row).sort();
  }
  return all;
}
