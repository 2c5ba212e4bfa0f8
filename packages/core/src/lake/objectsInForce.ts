import { LakeCorrupt } from '../errors.ts';
import type { ProcessedBucket } from './lake.ts';
import { rowKinds, type Compacted, type CompactedRef, type ProcessedManifest, type RowKind } from './manifest.ts';

/** An object of a star table that counts. Without a version, the column `version` of its rows says it. */
export interface ObjectInForce {
  readonly table: string;
  readonly kind: RowKind;
  readonly version?: number;
  readonly key: string;
  readonly rows: number;
}

/** Manifests read at a time. */
const readAtOnce = 16;

/**
 * The objects that hold all rows up to the head of the processed log, each row once: those of the newest compaction, and
 * of the versions after it.
 *
 * @throws LakeCorrupt where a manifest is missing or unreadable; LakeUnavailable, LakeRefused
 */
export async function objectsInForce({
  store,
  log,
}: ProcessedBucket): Promise<{ readonly head: number; readonly objects: readonly ObjectInForce[] }> {
  const head = await log.head();
  const newest = head === 0 ? undefined : await log.read(head);
  const { compaction } = newest ?? {};
  const objects: ObjectInForce[] = [];
  if (compaction !== undefined) {
    const { compacted } = await log.read(compaction.version);
    if (compacted === undefined)
      throw new LakeCorrupt(
        `${store.uri}: version ${head} says that version ${compaction.version} compacted the log, which it did not`,
      );
    objects.push(...objectsOf(compacted));
  }
  for (let first = (compaction?.to ?? 0) + 1; first <= head; first += readAtOnce) {
    const versions = Array.from({ length: Math.min(readAtOnce, head - first + 1) }, (_, i) => first + i);
    for (const manifest of await Promise.all(versions.map((version) => log.read(version)))) {
      objects.push(...objectsOf(manifest, manifest.version));
    }
  }
  return { head, objects };
}

const objectsOf = (from: Compacted | Pick<ProcessedManifest, RowKind>, own?: number): ObjectInForce[] =>
  rowKinds.flatMap((kind) =>
    Object.entries<readonly CompactedRef[]>(from[kind] ?? {}).flatMap(([table, refs]) =>
      refs.map(({ key, rows, version = own }) => ({
        table,
        kind,
        key,
        rows,
        ...(version !== undefined && { version }),
      })),
    ),
  );
