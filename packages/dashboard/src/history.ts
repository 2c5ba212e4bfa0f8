import type { Client } from 'pg';
import type { ChangedOrder, History, OrderVersion } from './data.ts';

/** The most orders, and versions of them, that the page shows. */
const [mostOrders, mostVersions] = [200, 4000];

interface Row {
  readonly kind: string;
  readonly id: string;
  readonly day: number;
  readonly total: number;
  readonly state: OrderVersion;
}

/** The orders that changed last, with all their versions. */
export async function readHistory(client: Client, sql: string): Promise<History> {
  const { rows } = await client.query<Row>(`
    SELECT kind, order_id::text AS id, (max(day) OVER (PARTITION BY recency)) - DATE '1970-01-01' AS day, total,
      json_build_object('changedAt', changed_at, 'currency', currency, 'goods', goods, 'quantity', quantity::text,
        'unitPrice', unit_price::text, 'value', value::text, 'counterparty', counterparty, 'staff', staff,
        'delivery', delivery, 'payment', payment, 'deliveredTo', delivered_to) AS state
    FROM (SELECT *, (max(recency) OVER ())::int AS total FROM (\n${sql}\n) AS every) AS numbered
    WHERE recency <= ${mostOrders}
    ORDER BY recency, version
    LIMIT ${mostVersions}`);
  const orders: (Omit<ChangedOrder, 'versions'> & { versions: OrderVersion[] })[] = [];
  for (const { kind, id, day, state } of rows) {
    const last = orders.at(-1);
    if (last?.kind === kind && last.id === id) last.versions.push(state);
    else orders.push({ kind, id, day, versions: [state] });
  }
  // The last one may have been cut off.
  if (rows.length === mostVersions && orders.length > 1) orders.pop();
  return { orders, total: rows[0]?.total ?? 0 };
}
