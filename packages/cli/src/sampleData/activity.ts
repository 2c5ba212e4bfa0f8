import type pg from 'pg';
import { dateText, dayOf, timeOfDay, timestampText } from './calendar.ts';
import { orderTimes } from './history.ts';
import { insertRows } from './insertRows.ts';
import { daysLate, latenessPeriod } from './lateness.ts';
import { orderRow, paymentRow, placeOrder, transactionRow, type Catalogue, type OrderKind } from './orders.ts';
import type { Random } from './random.ts';

/**
 * The morning job: every payment that has come in by the day, most of them when they fell due, is marked paid, all at
 * one moment. Resolves to their number.
 */
export async function markDuePaid(client: pg.Client, day: number, at: string): Promise<number> {
  const dueBy = Array.from({ length: latenessPeriod }, (_, id) => dateText(day - daysLate(id)));
  // payment_date is text; dates written YYYY-MM-DD sort as they follow each other.
  const { rowCount } = await client.query(
    `UPDATE public.payment SET paid = true, last_updated = $1
     WHERE NOT paid AND payment_date COLLATE "C" <= ($2::text[])[payment_id % ${latenessPeriod} + 1]`,
    [at, dueBy],
  );
  return rowCount ?? 0;
}

/** So many orders of a kind come in through the day, each with its transaction and its unpaid payment. */
export async function takeOrders(
  client: pg.Client,
  day: number,
  source: Random,
  catalogue: Catalogue,
  kind: OrderKind,
  count: number,
): Promise<void> {
  const orders = [...orderTimes(source, count)].map((time) =>
    placeOrder(source, catalogue, kind, day, timestampText(day, time)),
  );
  const ids = await insertRows(client, kind === 'SALE' ? 'sales_order' : 'purchase_order', orders.map(orderRow));
  const transactions = await insertRows(
    client,
    'transaction',
    orders.map((order, index) => transactionRow(order, ids[index]!)),
  );
  await insertRows(
    client,
    'payment',
    orders.map((order, index) => paymentRow(order, transactions[index]!)),
  );
}

/** How far back a customer thinks of a change, in orders. */
const amendable = 200;

/**
 * Up to three unpaid sales of earlier days grow by some units, and what is to be paid for them follows; the delivery of
 * one is put off by some days. Resolves to their number.
 */
export async function amendOrders(client: pg.Client, day: number, source: Random): Promise<number> {
  const { rows } = await client.query<{ sales_order_id: number; payment_id: number; delivery: string }>(
    `SELECT sales_order_id, payment_id, agreed_delivery_date AS delivery
     FROM public.payment JOIN public.transaction USING (transaction_id) JOIN public.sales_order USING (sales_order_id)
     WHERE NOT paid AND payment.created_at < $1::date
     ORDER BY sales_order_id DESC, payment_id LIMIT ${amendable}`,
    [dateText(day)],
  );
  if (rows.length === 0) return 0;
  const chosen = new Set([source.pick(rows), source.pick(rows), source.pick(rows)]);
  const amendments = [...chosen].map(({ delivery, ...ids }, index) => ({
    ...ids,
    units: source.between(1, 500),
    delivery: index === 0 ? putOff(delivery, source.between(1, 7)) : delivery,
    at: timestampText(day, timeOfDay(14 + index) + source.below(3_600_000)),
  }));
  await client.query(
    `WITH amended AS (
       UPDATE public.sales_order SET units_sold = units_sold + units, last_updated = at,
         agreed_delivery_date = delivery
       FROM jsonb_to_recordset($1)
         AS amendment (sales_order_id integer, payment_id integer, units integer, delivery text, at timestamp)
       WHERE sales_order.sales_order_id = amendment.sales_order_id
       RETURNING payment_id, units_sold * unit_price AS amount, at
     )
     UPDATE public.payment SET payment_amount = amount, last_updated = at
     FROM amended WHERE payment.payment_id = amended.payment_id`,
    [JSON.stringify(amendments)],
  );
  return chosen.size;
}

/** The date so many days later; a text that is no date stays. */
function putOff(date: string, days: number): string {
  const day = dayOf(date);
  return Number.isInteger(day) ? dateText(day + days) : date;
}
