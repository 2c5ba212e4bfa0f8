import { CommitConflict, WarehouseMismatch, type ProcessedManifest } from '@totes/core';
import { dialectOf } from './dialectOf.ts';
import type { RecordedLoad } from './ledger.ts';
import type { LoadOptions } from './options.ts';
import { etl } from './sql/ledger.ts';

type Options = Pick<LoadOptions, 'warehouse' | 'processed' | 'schema'>;

/**
 * A lake that was put back to an older copy and has gone on since uses version numbers again that the warehouse holds
 * with other contents: the fence would pass them over. Throws WarehouseMismatch for such a lake.
 *
 * @param common the manifest of a version; nothing is refused where the warehouse does not hold that
 */
export async function refuseRewoundLake(options: Options, common: ProcessedManifest): Promise<void> {
  const recorded = await findRecorded(options, common);
  if (recorded !== undefined) refuseOtherRead(options, common, recorded);
}

/**
 * Whether a version that the warehouse holds was loaded from a processed log that was rebuilt since: each manifest of a
 * log names its run, so one of another run is of another log. Throws WarehouseMismatch as `refuseRewoundLake` does.
 */
export async function isOfOtherLog(options: Options, common: ProcessedManifest): Promise<boolean> {
  const recorded = await findRecorded(options, common);
  if (recorded === undefined) return false;
  refuseOtherRead(options, common, recorded);
  return recorded.runId !== common.runId;
}

/**
 * Refuses as `refuseRewoundLake` does, and a processed log that was rebuilt since the version was loaded: its versions
 * bring rows in others than the log before it, so what the warehouse holds and what comes next would not fit together.
 * Throws WarehouseMismatch, or CommitConflict where it is this run that still reads the log of before.
 */
export async function refuseOtherVersion(options: Options, common: ProcessedManifest): Promise<void> {
  if (!(await isOfOtherLog(options, common))) return;
  const { processed, schema } = options;
  if (await processed.log.isSuperseded()) {
    throw new CommitConflict(`${processed.store.uri}: the processed log was rebuilt during this run: run again`);
  }
  throw new WarehouseMismatch(
    `warehouse schema "${schema}": version ${common.version} was not loaded from the log that ${processed.store.uri} has now, ` +
      `whose version is of transform run ${common.runId}: the processed log was rebuilt since: run totes replay, which ` +
      'rebuilds the warehouse from it',
  );
}

async function findRecorded(
  { warehouse, schema }: Options,
  manifest: ProcessedManifest,
): Promise<RecordedLoad | undefined> {
  const { catalog, ledger } = dialectOf(warehouse);
  if (!(await catalog.relationExists(warehouse, etl, 'load_log'))) return undefined;
  return ledger.find(warehouse, schema, manifest);
}

function refuseOtherRead(
  { processed, schema }: Options,
  { version, source }: ProcessedManifest,
  { readAt, sameRead }: RecordedLoad,
): void {
  if (sameRead) return;
  throw new WarehouseMismatch(
    `warehouse schema "${schema}": version ${version} of ${processed.store.uri} shows the source as of ${source.readAt}, ` +
      `but the version ${version} that was loaded shows it as of ${readAt}: the lake was put back to an older copy. ` +
      'Restore the lake, or empty the star tables; load then rebuilds all from the lake as it is',
  );
}
