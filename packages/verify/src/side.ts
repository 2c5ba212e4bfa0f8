import { failure, inSnapshot, whereIs, type DatabaseSide } from '@totes/core';
import type { Client, QueryResultRow } from 'pg';

/** One of the two databases, read in one snapshot. Its errors are typed and tell which it was. */
export interface Side {
  /** The database, for messages. */
  readonly where: string;
  /** The rows of a query. Throws SourceUnavailable, SourceRefused, WarehouseUnavailable or WarehouseRefused. */
  query<Row extends QueryResultRow>(sql: string, values?: readonly unknown[]): Promise<Row[]>;
}

/**
 * To compile expressions would take longer than they run. The planner takes ranges of keys to be as many as keys, and
 * would sort all rows on disk by them.
 */
const settings = 'SET LOCAL jit = off; SET LOCAL enable_sort = off';

/** Runs `work` with one side, in a transaction that reads one snapshot, taken by its first query, and writes nothing. */
export async function inSide<T>(name: DatabaseSide, client: Client, work: (side: Side) => Promise<T>): Promise<T> {
  const where = whereIs(client);
  const typed = (error: unknown): never => {
    throw failure(name, where, error);
  };
  const side: Side = {
    where,
    query: async <Row extends QueryResultRow>(sql: string, values: readonly unknown[] = []) =>
      (await client.query<Row>(sql, [...values]).catch(typed)).rows,
  };
  return inSnapshot(client, async () => {
    await client.query(settings);
    return work(side);
  }).catch(typed);
}
