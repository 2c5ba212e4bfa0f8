import type pg from 'pg';
import type { Row } from './orders.ts';
import type { TableName } from './totesys.ts';

/** Inserts rows, at least one, in their order, and resolves to the keys that the database gave them. */
export async function insertRows(client: pg.Client, table: TableName, rows: readonly Row[]): Promise<number[]> {
  const columns = Object.keys(rows[0]!).join(', ');
  const { rows: inserted } = await client.query<{ id: number }>(
    `INSERT INTO public.${table} (${columns})
     SELECT ${columns} FROM jsonb_populate_recordset(NULL::public.${table}, $1)
     RETURNING ${table}_id AS id`,
    [JSON.stringify(rows)],
  );
  return inserted.map((row) => row.id);
}
