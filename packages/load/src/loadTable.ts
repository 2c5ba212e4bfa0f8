import type { ProcessedManifest, StarTable } from '@totes/core';
import type { LoadOptions } from './options.ts';
import { retiredTable } from './retired.ts';
import { analyzeTable, merge } from './sql/merge.ts';
import { appendLate, reinstate, retireDeleted } from './sql/retire.ts';
import { lateStaging, rowStaging, tombstoneStaging } from './sql/staging.ts';
import { fill, stage } from './stage.ts';

/** A version to load. */
export interface Version {
  readonly manifest: ProcessedManifest;
  /** The version that the load works towards. */
  readonly head: number;
  /** Whether the version is the warehouse's first: what the ledger and the tables of retired rows say is forgotten. */
  readonly afresh: boolean;
  /** The star tables and tables of retired rows without rows. */
  readonly empty: ReadonlySet<string>;
}

/** What a version did to one table. */
export interface LoadedTable {
  /** Rows inserted or changed. */
  readonly written: number;
  /** Rows retired because the source does not have them any more. */
  readonly deleted: number;
  /** Fact rows that changed although their last_updated did not. */
  readonly warnings: number;
}

/** Rows from which on a table's statistics are made at once: autovacuum comes a minute later, queries may come before. */
const analyzeFrom = 10_000;

/**
 * Brings what a version has of a table into the warehouse. Late history comes after the rows, because one that was set
 * aside may be among them again, unchanged; tombstones last, because a dimension row may be written once more in the
 * version that finds it deleted.
 */
export async function loadTable(options: LoadOptions, version: Version, table: StarTable): Promise<LoadedTable> {
  const { written, warnings } = await loadRows(options, version, table);
  const late = await loadLate(options, version, table);
  const deleted = await loadTombstones(options, version, table);
  if (late + written >= analyzeFrom) await options.warehouse.query(analyzeTable(options.schema, table));
  return { written: late + written, deleted, warnings };
}

async function loadRows(
  { warehouse, processed, schema, onProgress }: LoadOptions,
  { manifest, head, empty }: Version,
  table: StarTable,
): Promise<{ written: number; warnings: number }> {
  const objects = manifest.tables[table.name] ?? [];
  if (objects.length === 0) return { written: 0, warnings: 0 };
  const onRows = (rows: number): void => onProgress?.({ version: manifest.version, head, table: table.name, rows });
  const source = { store: processed.store, objects, onRows };
  const retired = table.kind === 'dimension' ? retiredTable(table) : undefined;
  const mayReinstate = retired !== undefined && !empty.has(retired.name);
  if (empty.has(table.name) && !mayReinstate) {
    return { written: await fill(warehouse, schema, table, source), warnings: 0 };
  }
  await stage(warehouse, rowStaging(table), source);
  const { rows } = await warehouse.query<{ written: string; warnings: string }>(merge(schema, table));
  if (mayReinstate) await warehouse.query(reinstate(schema, table));
  return { written: Number(rows[0]!.written), warnings: Number(rows[0]!.warnings) };
}

async function loadLate(
  { warehouse, processed, schema }: LoadOptions,
  { manifest }: Version,
  table: StarTable,
): Promise<number> {
  const objects = manifest.late?.[table.name] ?? [];
  if (objects.length === 0 || table.kind !== 'fact') return 0;
  await stage(warehouse, lateStaging(table), { store: processed.store, objects });
  return countOf(warehouse, appendLate(schema, table), manifest);
}

async function loadTombstones(
  { warehouse, processed, schema }: LoadOptions,
  { manifest }: Version,
  table: StarTable,
): Promise<number> {
  const objects = manifest.deleted?.[table.name] ?? [];
  if (objects.length === 0) return 0;
  await stage(warehouse, tombstoneStaging(table), { store: processed.store, objects });
  return countOf(warehouse, retireDeleted(schema, table), manifest);
}

/** Runs a statement that retires rows; gives the number that it says it wrote. */
async function countOf(
  warehouse: LoadOptions['warehouse'],
  sql: string,
  { version, source }: ProcessedManifest,
): Promise<number> {
  return Number((await warehouse.query<{ written: string }>(sql, [version, source.readAt])).rows[0]!.written);
}
