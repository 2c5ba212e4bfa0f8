import type { Dimension, Fact, StarTable } from '@totes/core';
import type { LoadedTable, Version } from '../loadTable.ts';
import type { LoadOptions } from '../options.ts';
import { retiredTable } from '../retired.ts';
import {
  aboutChanged,
  append,
  countChanged,
  dropChanged,
  findChangedRows,
  findChangedVersions,
  findLateVersions,
  lastKey,
  mergeChanged,
} from './merge.ts';
import { countRetirable, reinstate, retireDeleted, retireLate } from './retire.ts';
import { stage } from './stage.ts';
import { dropStaging, lateStaging, rowStaging, tombstoneStaging } from './staging.ts';

/**
 * Brings what a version has of a table into the warehouse, in the same order as for PostgreSQL, and for the same reasons.
 * Temporary tables are dropped as soon as they are done with: Redshift has no ON COMMIT DROP.
 */
export async function loadTable(options: LoadOptions, version: Version, table: StarTable): Promise<LoadedTable> {
  const { written, warnings } = await loadRows(options, version, table);
  const late = table.kind === 'fact' ? await loadLate(options, version, table) : 0;
  const deleted = await loadTombstones(options, version, table);
  return { written: late + written, deleted, warnings };
}

async function loadRows(
  options: LoadOptions,
  { manifest, head, empty }: Version,
  table: StarTable,
): Promise<{ written: number; warnings: number }> {
  const objects = manifest.tables[table.name] ?? [];
  if (objects.length === 0) return { written: 0, warnings: 0 };
  const { warehouse, schema, onProgress } = options;
  await stage(options, manifest.version, rowStaging(table), objects);
  const rows = objects.reduce((sum, object) => sum + object.rows, 0);
  onProgress?.({ version: manifest.version, head, table: table.name, rows });
  const merged = table.kind === 'fact' ? await appendRows(options, table) : await mergeRows(options, table);
  const retired = retiredTable(table);
  if (table.kind === 'dimension' && retired !== undefined && !empty.has(retired.name)) {
    await warehouse.query(reinstate(schema, table));
  }
  await warehouse.query(dropStaging(rowStaging(table)));
  return merged;
}

async function mergeRows(
  { warehouse, schema }: LoadOptions,
  table: Dimension,
): Promise<{ written: number; warnings: number }> {
  await warehouse.query(findChangedRows(schema, table));
  const written = await count(warehouse, countChanged(table));
  if (written > 0) await warehouse.query(mergeChanged(schema, table));
  await warehouse.query(dropChanged(table));
  return { written, warnings: 0 };
}

async function appendRows(
  { warehouse, schema }: LoadOptions,
  fact: Fact,
): Promise<{ written: number; warnings: number }> {
  await warehouse.query(findChangedVersions(schema, fact));
  const written = await count(warehouse, countChanged(fact));
  const { rows } = await warehouse.query<{ warnings: string; last_key: string }>(aboutChanged(schema, fact));
  if (written > 0) await warehouse.query(append(schema, fact), [rows[0]!.last_key]);
  await warehouse.query(dropChanged(fact));
  return { written, warnings: Number(rows[0]!.warnings) };
}

async function loadLate(options: LoadOptions, { manifest }: Version, fact: Fact): Promise<number> {
  const objects = manifest.late?.[fact.name] ?? [];
  if (objects.length === 0) return 0;
  const { warehouse, schema } = options;
  await stage(options, manifest.version, lateStaging(fact), objects);
  await warehouse.query(findLateVersions(schema, fact));
  const written = await count(warehouse, countChanged(fact));
  if (written > 0) {
    const last = (await warehouse.query<{ last_key: string }>(lastKey(schema, fact))).rows[0]!.last_key;
    await warehouse.query(append(schema, fact), [last]);
    await warehouse.query(retireLate(schema, fact), [manifest.version, manifest.source.readAt, last]);
  }
  await warehouse.query(dropChanged(fact));
  await warehouse.query(dropStaging(lateStaging(fact)));
  return written;
}

async function loadTombstones(options: LoadOptions, { manifest }: Version, table: StarTable): Promise<number> {
  const objects = manifest.deleted?.[table.name] ?? [];
  if (objects.length === 0) return 0;
  const { warehouse, schema } = options;
  await stage(options, manifest.version, tombstoneStaging(table), objects);
  const written = await count(warehouse, countRetirable(schema, table));
  if (written > 0) {
    await warehouse.query(retireDeleted(schema, table), [manifest.version, manifest.source.readAt]);
  }
  await warehouse.query(dropStaging(tombstoneStaging(table)));
  return written;
}

const count = async (client: LoadOptions['warehouse'], sql: string): Promise<number> =>
  Number((await client.query<{ written: string }>(sql)).rows[0]!.written);
