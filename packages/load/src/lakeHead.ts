import type { ProcessedBucket, ProcessedManifest } from '@totes/core';
import type { LoadedLake } from './ledger.ts';

export interface LakeHead extends LoadedLake {
  /** The newest manifest of the log that the warehouse may hold already. */
  readonly common: ProcessedManifest;
}

/**
 * Which lake a processed log is and where it ends; undefined where nothing has been transformed yet. A warehouse that
 * knows the lake makes it one listing and one read, however long the log is.
 *
 * @param known the lakes that the warehouse has loaded from, the likeliest first
 */
export async function lakeHead({ log }: ProcessedBucket, known: readonly LoadedLake[]): Promise<LakeHead | undefined> {
  for (const { lakeId, version } of known) {
    // Listing from just before it shows whether this log has that version at all: it may be another, shorter one.
    const head = await log.head(version - 1);
    const common = head < version ? undefined : await log.read(version);
    if (common?.lakeId === lakeId) return { lakeId, version: head, common };
  }
  const head = await log.head();
  if (head === 0) return undefined;
  const common = await log.read(head);
  return { lakeId: common.lakeId, version: head, common };
}
