import { identifier, WarehouseMismatch } from '@totes/core';
import type { Side } from './side.ts';
import { retiredTable, shownRelation, sourcedTables } from './tables.ts';

/** What the warehouse's ledger and catalog say of a schema. */
export interface Loaded {
  /** The version that it holds, 0 for none. */
  readonly version: number;
  /** The lake that the version is of, and the snapshot of totesys that it shows; undefined where nothing was loaded. */
  readonly of: { readonly lakeId: string; readonly snapshot: string } | undefined;
  /** The tables and views that the schema has, of those that a comparison reads. */
  readonly relations: ReadonlySet<string>;
}

const hasLedgerQuery = `SELECT to_regclass('etl.load_log') IS NOT NULL AS "hasLedger"`;

const newestQuery = `
  SELECT version::integer AS version, lake_id::text AS "lakeId", source_snapshot AS snapshot
  FROM etl.load_log WHERE warehouse_schema = $1 ORDER BY loaded_at DESC, version DESC LIMIT 1`;

const relationsQuery = `
  SELECT c.relname AS name FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
  WHERE n.nspname = $1 AND c.relname = ANY ($2::text[]) AND c.relkind IN ('r', 'p', 'v')`;

const needed = ['dim_date', ...sourcedTables.map(shownRelation)];

/**
 * Reads what the warehouse holds. None of the star's tables and views may be there, or all: a schema that nothing was
 * loaded into is an empty warehouse.
 *
 * @throws WarehouseMismatch where some are missing; WarehouseUnavailable, WarehouseRefused
 */
export async function readLoaded(warehouse: Side, schema: string): Promise<Loaded> {
  const names = [...needed, ...sourcedTables.map(retiredTable)];
  const found = await warehouse.query<{ name: string }>(relationsQuery, [schema, names]);
  const relations = new Set(found.map(({ name }) => name));
  const missing = needed.filter((name) => !relations.has(name));
  if (missing.length > 0 && missing.length < needed.length) {
    const list = missing.map((name) => identifier(schema, name)).join(', ');
    throw new WarehouseMismatch(`warehouse ${warehouse.where} lacks ${list}: run load, which makes what is missing`);
  }
  const [{ hasLedger } = { hasLedger: false }] = await warehouse.query<{ hasLedger: boolean }>(hasLedgerQuery);
  interface Newest {
    version: number;
    lakeId: string;
    snapshot: string;
  }
  const [newest] = hasLedger ? await warehouse.query<Newest>(newestQuery, [schema]) : [];
  return { version: newest?.version ?? 0, of: newest, relations };
}
