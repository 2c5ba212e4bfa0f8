import { starTables } from '@totes/core';
import { dialectOf } from './dialectOf.ts';
import type { Version } from './loadTable.ts';
import type { LoadOptions } from './options.ts';
import { refuseUnknownTables } from './refuseUnknownTables.ts';
import { retiredTables } from './retired.ts';

/** A version that was loaded, and what it changed in the warehouse. */
export interface LoadedVersion {
  readonly version: number;
  /** Rows inserted or updated, by warehouse table; tables without any are absent. */
  readonly rows: Readonly<Record<string, number>>;
  /** Rows retired because the source does not have them any more, by warehouse table; tables without any are absent. */
  readonly deleted: Readonly<Record<string, number>>;
  /** Fact rows that changed although their last_updated did not. */
  readonly warnings: number;
}

/**
 * Merges the rows of one version and records it, inside the caller's transaction: dimensions before the facts that
 * point at them. Throws ManifestUnsupported where the version has rows for a table that this release does not know.
 */
export async function loadVersion(options: LoadOptions, version: Version): Promise<LoadedVersion> {
  const { warehouse, schema, codeVersion } = options;
  const { manifest } = version;
  const { ledger, loadTable, reinstateAll } = dialectOf(warehouse);
  refuseUnknownTables(manifest);
  const empty = new Set(version.empty);
  if (version.afresh) {
    await ledger.forget(warehouse, schema);
    // Record keys may begin again at 1, and those retired before would hide rows that bear their number now.
    for (const table of retiredTables.filter(({ name }) => !empty.has(name))) {
      await reinstateAll(warehouse, schema, table);
      empty.add(table.name);
    }
  }
  const rows: Record<string, number> = {};
  const deleted: Record<string, number> = {};
  let warnings = 0;
  for (const table of starTables) {
    const loaded = await loadTable(options, { ...version, empty }, table);
    if (loaded.written > 0) rows[table.name] = loaded.written;
    if (loaded.deleted > 0) deleted[table.name] = loaded.deleted;
    warnings += loaded.warnings;
  }
  await ledger.record(warehouse, schema, manifest, { rows, warnings }, codeVersion);
  return { version: manifest.version, rows, deleted, warnings };
}
