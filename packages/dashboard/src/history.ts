import type { Client } from 'pg';
import type { ChangedOrder, History, OrderVersion } from './data.ts';

/** The most orders, and versions of them, that the page shows. */
const [mostOrders, mostVersions] = [200, 4000];

type Row = OrderVersion & {
  readonly kind: string;
  readonly id: string;
  readonly day: number;
  readonly total: number;
};

/** The orders that changed last, with all their versions. */
export async function readHistory(client: Client, sql: string): Promise<History> {
  const { rows } = await client.query<Row>(`
    SELECT kind, order_id::text AS id, (max(day) OVER (PARTITION BY recency)) - DATE '1970-01-01' AS day, total,
      changed_at AS "changedAt", currency, goods, quantity::text, unit_price::text AS "unitPrice", value::text,
      counterparty, staff, delivery, payment, delivered_to AS "deliveredTo"
    FROM (SELECT *, (max(recency) OVER ())::int AS total FROM (\n${sql}\n) AS every) AS numbered
    WHERE recency <= ${mostOrders}
    ORDER BY recency, version
    LIMIT ${mostVersions}`);
  const orders: (Omit<ChangedOrder, 'versions'> & { versions: OrderVersion[] })[] = [];
  for (const { kind, id, day, total: _, ...version } of rows) {
    const last = orders.at(-1);
    if (last?.kind === kind && last.id === id) last.versions.push(version);
    else orders.push({ kind, id, day, versions: [version] });
  }
  // The last one may have been cut off.
  if (rows.length === mostVersions && orders.length > 1) orders.pop();
  return { orders, total: rows[0]?.total ?? 0 };
}
