import type { ProcessedBucket } from '@totes/core';
import type { LoadedLake } from './survey.ts';

/**
 * Which lake a processed log is and where it ends; undefined where nothing has been transformed yet. A warehouse that
 * knows the lake makes it one listing and one read, however long the log is.
 *
 * @param known the lakes that the warehouse has loaded from, the likeliest first
 */
export async function lakeHead(
  { log }: ProcessedBucket,
  known: readonly LoadedLake[],
): Promise<LoadedLake | undefined> {
  for (const { lakeId, version } of known) {
    // Listing from just before it shows whether this log has that version at all: it may be another, shorter one.
    const head = await log.head(version - 1);
    if (head >= version && (await log.read(version)).lakeId === lakeId) return { lakeId, version: head };
  }
  const head = await log.head();
  return head === 0 ? undefined : { lakeId: (await log.read(head)).lakeId, version: head };
}
