import { failure, whereIs } from '@totes/core';
import type { Client } from 'pg';
import type { Edition } from './edition.ts';

/**
 * The load that the warehouse saw last.
 *
 * @returns undefined where nothing was ever loaded into the schema
 * @throws WarehouseRefused, WarehouseUnavailable
 */
export async function newestLoad(
  client: Client,
  schema: string,
): Promise<Pick<Edition, 'version' | 'loaded'> | undefined> {
  try {
    const { rows: ledger } = await client.query(`SELECT WHERE to_regclass('etl.load_log') IS NOT NULL`);
    if (ledger.length === 0) return undefined;
    const { rows } = await client.query<{ version: string; loaded: string }>(
      `SELECT version::text, to_char(loaded_at AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS') AS loaded
       FROM etl.load_log WHERE warehouse_schema = $1 ORDER BY loaded_at DESC LIMIT 1`,
      [schema],
    );
    return rows[0] && { version: Number(rows[0].version), loaded: rows[0].loaded };
  } catch (error) {
    throw failure('warehouse', whereIs(client), error);
  }
}
