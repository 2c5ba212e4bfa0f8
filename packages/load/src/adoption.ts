import { WarehouseMismatch, type ProcessedManifest } from '@totes/core';
import { dialectOf } from './dialectOf.ts';
import type { LoadOptions } from './options.ts';

/**
 * Throws WarehouseMismatch where a lake that a warehouse is to go on from begins before the look at the source that the
 * warehouse shows already: its first versions would set rows back to what they were, and stay in their history.
 *
 * @param first version 1 of the lake, which holds all rows of the source as they were then
 */
export async function refuseEarlierLake(
  { warehouse, processed, schema }: LoadOptions,
  { lakeId, source }: ProcessedManifest,
): Promise<void> {
  const shown = await dialectOf(warehouse).ledger.latestRead(warehouse, schema, source.readAt);
  if (shown?.later !== true) return;
  throw new WarehouseMismatch(
    `warehouse schema "${schema}" shows the source as of ${shown.readAt}; lake ${lakeId} (${processed.store.uri}) begins ` +
      `earlier, as of ${source.readAt}, and cannot be adopted: begin a new lake by a run of ingest into an empty place`,
  );
}
