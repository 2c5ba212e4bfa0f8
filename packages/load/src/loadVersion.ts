import { ManifestUnsupported, starTables, type ProcessedManifest, type StarTable } from '@totes/core';
import type { LoadOptions } from './options.ts';
import { forgetLoads, recordLoad } from './sql/ledger.ts';
import { analyzeTable, merge } from './sql/merge.ts';
import { stage } from './stage.ts';

/** A version that was loaded, and what it changed in the warehouse. */
export interface LoadedVersion {
  readonly version: number;
  /** Rows inserted or updated, by warehouse table; tables without any are absent. */
  readonly rows: Readonly<Record<string, number>>;
  /** Fact rows that changed although their last_updated did not. */
  readonly warnings: number;
}

export interface Version {
  readonly manifest: ProcessedManifest;
  /** The version that the load works towards. */
  readonly head: number;
  /** Whether to forget what the ledger says of the schema first. */
  readonly afresh: boolean;
  /** The star tables without rows. */
  readonly empty: ReadonlySet<string>;
}

/** Rows from which on a table's statistics are made at once: autovacuum comes a minute later, queries may come before. */
const analyzeFrom = 10_000;

/**
 * Merges the rows of one version and records it, inside the caller's transaction: dimensions before the facts that
 * point at them. Throws ManifestUnsupported where the version has rows for a table that this release does not know.
 */
export async function loadVersion(options: LoadOptions, version: Version): Promise<LoadedVersion> {
  const { warehouse, schema, codeVersion } = options;
  const { manifest } = version;
  refuseUnknownTables(manifest);
  if (version.afresh) await warehouse.query(forgetLoads, [schema]);
  const rows: Record<string, number> = {};
  let warnings = 0;
  for (const table of starTables) {
    const merged = await mergeTable(options, version, table);
    if (merged.written > 0) rows[table.name] = merged.written;
    warnings += merged.warnings;
  }
  await warehouse.query(recordLoad, [
    schema,
    manifest.lakeId,
    manifest.version,
    manifest.runId,
    manifest.source.snapshot,
    manifest.source.readAt,
    JSON.stringify(rows),
    warnings,
    manifest.quarantine.total,
    codeVersion,
  ]);
  return { version: manifest.version, rows, warnings };
}

async function mergeTable(
  { warehouse, processed, schema, onProgress }: LoadOptions,
  { manifest, head, empty }: Version,
  table: StarTable,
): Promise<{ written: number; warnings: number }> {
  const objects = manifest.tables[table.name] ?? [];
  if (objects.length === 0) return { written: 0, warnings: 0 };
  await stage(warehouse, processed.store, table, objects, (rows) =>
    onProgress?.({ version: manifest.version, head, table: table.name, rows }),
  );
  const { rows } = await warehouse.query<{ written: string; warnings: string }>(
    merge(schema, table, empty.has(table.name)),
  );
  const [written, warnings] = [Number(rows[0]!.written), Number(rows[0]!.warnings)];
  if (written >= analyzeFrom) await warehouse.query(analyzeTable(schema, table));
  return { written, warnings };
}

function refuseUnknownTables({ version, tables }: ProcessedManifest): void {
  const unknown = Object.keys(tables).filter((name) => starTables.every((table) => table.name !== name));
  if (unknown.length === 0) return;
  throw new ManifestUnsupported(
    `processed version ${version} has rows of ${unknown.join(', ')}, which this release does not know: upgrade it`,
  );
}
