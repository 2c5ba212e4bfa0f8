import type { ProcessedManifest } from '@totes/core';

/** What a run did to the processed log. */
export interface Totals {
  /** The versions that it committed. */
  readonly transformed: readonly number[];
  /** Star rows written, by warehouse table. */
  readonly rows: Readonly<Record<string, number>>;
  /** Rows set aside in those versions. */
  readonly quarantined: number;
  /** The size of the objects written, as stored. */
  readonly bytes: number;
}

export const nothing: Totals = { transformed: [], rows: {}, quarantined: 0, bytes: 0 };

/** Both together. */
export function added(some: Totals, more: Totals): Totals {
  const rows: Record<string, number> = { ...some.rows };
  for (const [table, count] of Object.entries(more.rows)) rows[table] = (rows[table] ?? 0) + count;
  return {
    transformed: [...some.transformed, ...more.transformed],
    rows,
    quarantined: some.quarantined + more.quarantined,
    bytes: some.bytes + more.bytes,
  };
}

/**
 * What committing a version did.
 *
 * @param before the manifest of the version before
 * @param compactedBytes the size of what its compaction wrote
 */
export function totalsOf(
  manifest: ProcessedManifest,
  before: ProcessedManifest | undefined,
  compactedBytes: number,
): Totals {
  const rows: Record<string, number> = {};
  const { tables, late = {} } = manifest;
  for (const [table, objects] of [...Object.entries(tables), ...Object.entries(late)]) {
    rows[table] = objects.reduce((sum, object) => sum + object.rows, rows[table] ?? 0);
  }
  const bytes = bytesOf(manifest, before) + compactedBytes;
  return { transformed: [manifest.version], rows, quarantined: manifest.quarantine.rows, bytes };
}

/** The bytes of a version's objects, without those of the state that are still the ones of the version before. */
function bytesOf(manifest: ProcessedManifest, before: ProcessedManifest | undefined): number {
  const { tables, deleted = {}, late = {}, state, quarantine } = manifest;
  const written = Object.entries(state).filter(([name, { key }]) => key !== before?.state[name]?.key);
  const objects = [
    ...[tables, deleted, late].flatMap((kind) => Object.values(kind).flat()),
    ...written.map(([, object]) => object),
    ...quarantine.objects,
  ];
  return objects.reduce((sum, object) => sum + object.bytes, 0);
}
