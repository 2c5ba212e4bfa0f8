import type { Client } from 'pg';

/** One number for each lake; PostgreSQL keeps those of different databases apart. */
const key = `hashtextextended('totes: slices into ' || $1, 0)`;

/**
 * Marks that slices are read into a lake, until the current transaction ends: false where it was marked already. A look of
 * many slices may last longer than the time between two runs, and a second one would only take from the source.
 *
 * @param lake the raw bucket's uri
 */
export async function markReading(source: Client, lake: string): Promise<boolean> {
  const { rows } = await source.query<{ marked: boolean }>(`SELECT pg_try_advisory_xact_lock(${key}) AS marked`, [
    lake,
  ]);
  return rows[0]!.marked;
}

/** Whether somebody else reads slices into a lake now. To be asked outside a transaction. */
export async function isBeingRead(source: Client, lake: string): Promise<boolean> {
  const query = `SELECT NOT (pg_try_advisory_lock(${key}) AND pg_advisory_unlock(${key})) AS reading`;
  return (await source.query<{ reading: boolean }>(query, [lake])).rows[0]!.reading;
}
