import type { Client } from 'pg';
import type { TablePlan } from '../plan.ts';

/** The first release that reads a range of blocks without reading the whole table. */
const oldestWithRanges = 140_000;

const sizesQuery = `
  SELECT oid::int8::float8 AS relation, (pg_relation_size(oid) / current_setting('block_size')::int)::float8 AS blocks
  FROM unnest($1::oid[]) AS oid
  WHERE current_setting('server_version_num')::int >= ${oldestWithRanges}`;

/**
 * The blocks of those tables that are read whole and may be cut, by name. A table with partitions may not: each of them has
 * blocks of its own. On PostgreSQL 13 none may, where each slice would be a scan of all of its table.
 */
export async function measure(client: Client, plans: readonly TablePlan[]): Promise<ReadonlyMap<string, number>> {
  const whole = plans.filter(({ where, table }) => where === undefined && table.tracksChanges);
  const single = whole.filter(({ table }) => table.relations.length === 1);
  if (single.length === 0) return new Map();
  const { rows } = await client.query<{ relation: number; blocks: number | null }>(sizesQuery, [
    single.map(({ table }) => table.relation),
  ]);
  const blocks = new Map(rows.map((row) => [row.relation, row.blocks ?? 0]));
  return new Map(single.map(({ table }) => [table.name, blocks.get(table.relation) ?? 0]));
}
