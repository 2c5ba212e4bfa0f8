import type pg from 'pg';
import type { Random } from '../../packages/cli/src/sampleData/random.ts';

/** Text where a date should be: the row is set aside, and its older version stays in force. */
export const impossibleDate = '2023-02-30';

const orderColumns = {
  sales_order: `design_id, staff_id, counterparty_id, unit_price, currency_id, agreed_delivery_date,
    agreed_payment_date, agreed_delivery_location_id`,
  purchase_order: `staff_id, counterparty_id, item_code, item_unit_price, currency_id, agreed_delivery_date,
    agreed_payment_date, agreed_delivery_location_id`,
} as const;

/** An order with its transaction and payment, made of another order that is no longer broken. */
function newOrder(kind: 'sales_order' | 'purchase_order', model: number, units: number): string {
  const columns = orderColumns[kind];
  const [count, type] = kind === 'sales_order' ? ['units_sold', 'SALE'] : ['item_quantity', 'PURCHASE'];
  return `
    WITH placed AS (
      INSERT INTO ${kind} (${columns}, ${count})
      SELECT ${columns.replace('agreed_payment_date', `replace(agreed_payment_date, '${impossibleDate}', '2023-02-28')`)}, ${units}
      FROM ${kind} WHERE ${kind}_id = ${model} RETURNING *
    ), agreed AS (
      INSERT INTO transaction (transaction_type, ${kind}_id) SELECT '${type}', ${kind}_id FROM placed RETURNING *
    )
    INSERT INTO payment (transaction_id, counterparty_id, payment_amount, currency_id, payment_type_id, paid,
      payment_date, company_ac_number, counterparty_ac_number)
    SELECT transaction_id, counterparty_id, 0.1 + 0.2, currency_id, 1, false, agreed_payment_date, 1, 2
    FROM placed CROSS JOIN agreed`;
}

/**
 * A little business of every kind: each table changes, with and without its last_updated, and back to what it was.
 * Values are few, so that rows often return to an earlier state.
 *
 * @param orders how many sales orders there were at first; half as many purchases, and payments for both
 * @returns the key of the payment that was deleted
 */
export async function change(source: pg.Client, dice: Random, orders: number): Promise<number> {
  const sale = (): number => dice.between(1, orders);
  const purchase = (): number => dice.between(1, Math.floor(orders / 2));
  const few = (): number => dice.between(1, 3);
  const statements = [
    `UPDATE sales_order SET agreed_payment_date = '2023-02-28' WHERE agreed_payment_date = '${impossibleDate}'`,
    newOrder('sales_order', sale(), few()),
    newOrder('purchase_order', purchase(), few()),
    `UPDATE sales_order SET units_sold = ${few()}, last_updated = now() WHERE sales_order_id IN (${sale()}, ${sale()}, ${sale()})`,
    `UPDATE sales_order SET units_sold = ${few()} WHERE sales_order_id = ${sale()}`,
    `UPDATE sales_order SET unit_price = 0.${dice.between(10, 99)}, last_updated = '2001-01-01' WHERE sales_order_id = ${sale()}`,
    // More digits than a floating-point number holds.
    `UPDATE purchase_order SET item_unit_price = 90071992547409.${dice.between(1001, 9999)} WHERE purchase_order_id = ${purchase()}`,
    `UPDATE purchase_order SET item_quantity = ${few()}, last_updated = now() WHERE purchase_order_id = ${purchase()}`,
    `UPDATE payment SET paid = NOT paid, last_updated = '2030-01-01' WHERE payment_id IN (${sale()}, ${sale()})`,
    // The one beyond the orders at first goes back and forth, as nothing else changes it.
    `UPDATE payment SET paid = NOT paid WHERE payment_id IN (${sale()}, ${orders + 1})`,
    `UPDATE department SET department_name = 'it''s, ${few()}' WHERE department_id = ${few()}`,
    `UPDATE address SET city = E'Łódź\\t${few()}' WHERE address_id = (SELECT min(legal_address_id) FROM counterparty)`,
    `UPDATE address SET postal_code = '0${few()}', address_line_2 = nullif('', '') WHERE address_id = ${few()}`,
    `UPDATE counterparty SET legal_address_id = ${few()} WHERE counterparty_id = ${few()}`,
    `UPDATE staff SET department_id = ${few()} WHERE staff_id = ${few()}`,
    `UPDATE design SET design_name = 'design ${few()}' WHERE design_id = ${few()}`,
    `UPDATE payment_type SET payment_type_name = 'type ${few()}' WHERE payment_type_id = 1`,
    `UPDATE currency SET currency_code = (ARRAY['GBP','USD','EUR'])[${few()}] WHERE currency_id = 1`,
    `INSERT INTO department (department_name) VALUES ('new')`,
    `INSERT INTO staff (first_name, last_name, department_id, email_address)
     SELECT 'A', 'B', max(department_id), 'a@b.example' FROM department`,
    // Last, so that it stays broken for this look.
    `UPDATE sales_order SET agreed_payment_date = '${impossibleDate}' WHERE sales_order_id = ${sale()}`,
  ];
  for (const statement of statements) await source.query(statement);
  await source.query('BEGIN');
  await source.query(`UPDATE sales_order SET units_sold = 1000 WHERE sales_order_id < 5`);
  await source.query('ROLLBACK');
  // That of the change before, which a look has seen: nothing else changes it, and nothing points at it. Since then, the
  // late transaction has made two, and this change two more.
  const { rows } = await source.query<{ id: number }>(
    'DELETE FROM payment WHERE payment_id = (SELECT max(payment_id) - 4 FROM payment) RETURNING payment_id AS id',
  );
  return rows[0]?.id ?? 0;
}

/** A transaction that is still open. */
export interface LateTransaction {
  readonly id: string;
  readonly commit: () => Promise<void>;
}

/**
 * A transaction that writes now, in a savepoint too, and commits when asked: later than the look that is to come, and
 * with ids lower than many that this look sees. Nobody else changes the orders that it adds, so whoever misses them once
 * misses them for good.
 */
export async function beginLate(session: pg.Client, dice: Random, orders: number): Promise<LateTransaction> {
  const row = (): number => dice.between(1, orders);
  await session.query('BEGIN');
  await session.query(newOrder('sales_order', row(), 1));
  await session.query(`UPDATE payment SET paid = NOT paid WHERE payment_id = ${row()}`);
  await session.query('SAVEPOINT inner_one');
  await session.query(newOrder('purchase_order', dice.between(1, Math.floor(orders / 2)), 1));
  await session.query(`UPDATE sales_order SET units_sold = units_sold % 3 + 1 WHERE sales_order_id = ${row()}`);
  await session.query('RELEASE SAVEPOINT inner_one');
  const { rows } = await session.query<{ id: string }>('SELECT pg_current_xact_id()::text AS id');
  return {
    id: rows[0]!.id,
    commit: async () => {
      await session.query('COMMIT');
    },
  };
}
