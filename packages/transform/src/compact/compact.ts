import {
  rowKinds,
  rowsPerObject,
  starTables,
  type Compacted,
  type CompactedRef,
  type ObjectRef,
  type ObjectStore,
  type ProcessedBucket,
  type ProcessedManifest,
  type RawManifest,
  type RowKind,
} from '@totes/core';
import { schemaOf, versionFolder } from '../versionObjects.ts';
import { merge } from './merge.ts';
import { tiers } from './tiers.ts';

/**
 * Versions from one compaction to the next. A reader of the lake opens the objects of so many versions at most beside the
 * compacted ones, some hundred small files, and a version in so many takes some seconds longer.
 */
export const compactAfter = 64;

/** Versions that one compaction takes in: a log that never had one catches up over its next versions. */
const mostVersions = 256;

/** Under a root of their own, so that whoever reads a folder of `star/` finds no row twice. */
const roots: Readonly<Record<RowKind, string>> = {
  tables: 'compacted',
  late: 'compacted/late',
  deleted: 'compacted/deleted',
};

/** The objects of one version, by kind and warehouse table. */
type Objects = Pick<ProcessedManifest, RowKind>;

export interface Compaction {
  readonly compacted: Compacted;
  /** The size of what was written, in bytes. */
  readonly bytes: number;
}

/**
 * Compacts the log up to a version that is about to be committed, where enough versions have come since it was done last.
 * What it writes follows from the log alone, and nobody sees it unless that version is committed.
 *
 * @param raw the version, `own` its objects
 * @param before the version before
 * @param after how many versions are enough
 * @throws LakeCorrupt where an object is not what its manifest says; LakeUnavailable, LakeRefused
 */
export async function compact(
  { store, log }: ProcessedBucket,
  raw: RawManifest,
  own: Objects,
  before: ProcessedManifest | undefined,
  after = compactAfter,
): Promise<Compaction | undefined> {
  const last = before?.compaction;
  const from = (last?.to ?? 0) + 1;
  if (raw.version - from + 1 < after) return undefined;
  const to = Math.min(raw.version, from + mostVersions - 1);
  const previous = last && (await log.read(last.version)).compacted;
  const versions = await Promise.all(
    Array.from({ length: to - from + 1 }, async (_, i): Promise<readonly [number, Objects]> => {
      const version = from + i;
      return [version, version === raw.version ? own : await log.read(version)];
    }),
  );
  const written: ObjectRef[] = [];
  const kinds: Partial<Record<RowKind, Record<string, readonly CompactedRef[]>>> = {};
  for (const kind of rowKinds) {
    const tables: Record<string, readonly CompactedRef[]> = {};
    for (const [table, objects] of gathered(kind, previous, versions)) {
      const folder = versionFolder(raw, roots[kind], table);
      tables[table] = await compactTable(store, { kind, table, objects, folder }, written);
    }
    if (kind === 'tables' || Object.keys(tables).length > 0) kinds[kind] = tables;
  }
  return {
    compacted: { to, tables: {}, ...kinds },
    bytes: written.reduce((sum, { bytes }) => sum + bytes, 0),
  };
}

/** All objects of a kind, by table: those of the compaction before, then those of the versions since, in order. */
function gathered(
  kind: RowKind,
  previous: Compacted | undefined,
  versions: readonly (readonly [version: number, objects: Objects])[],
): Map<string, CompactedRef[]> {
  const gathered = new Map<string, CompactedRef[]>();
  const add = (table: string, refs: readonly CompactedRef[]): void => {
    gathered.set(table, [...(gathered.get(table) ?? []), ...refs]);
  };
  for (const [table, refs] of Object.entries(previous?.[kind] ?? {})) add(table, refs);
  for (const [version, objects] of versions) {
    for (const [table, refs] of Object.entries(objects[kind] ?? {})) {
      add(
        table,
        refs.map((ref) => ({ ...ref, version })),
      );
    }
  }
  return gathered;
}

/** The objects of a table after its small ones were merged; adds to `written` what that made. */
async function compactTable(
  store: ObjectStore,
  { kind, table, objects, folder }: { kind: RowKind; table: string; objects: readonly CompactedRef[]; folder: string },
  written: ObjectRef[],
): Promise<CompactedRef[]> {
  // Of a table that another release knew, nobody here can say what the columns are.
  const isKnown = starTables.some(({ name }) => name === table);
  if (!isKnown) return [...objects];
  const compacted: CompactedRef[] = [];
  for (const group of tiers(objects, rowsPerObject)) {
    const merged = group.length > 1 ? await merge(store, group, schemaOf(kind, table), folder) : undefined;
    if (merged !== undefined) written.push(...merged);
    compacted.push(...(merged ?? group));
  }
  return compacted;
}
