import { ConfigInvalid, ManifestUnsupported } from '@totes/core';
import type { SliceFolder } from './sliceFolder.ts';
import { transformSlice, type SliceStores } from './transformSlice.ts';

/** What a call for one slice did. */
export interface SliceTaken {
  /** The version that it is a slice of. */
  readonly version: number;
  readonly table: string;
  readonly rows: number;
  readonly bytes: number;
}

/**
 * Transforms a slice that was planned and records the result, unless that is done. May be called any number of times, and
 * twice at once.
 *
 * @param at its place in the plan
 * @throws ManifestUnsupported where another release wrote the plan, ConfigInvalid where it has no such slice; as `transformSlice` does
 */
export async function takeSlice(
  stores: SliceStores,
  folder: SliceFolder,
  at: number,
  codeVersion: string,
): Promise<SliceTaken> {
  const plan = await folder.readPlan();
  if (plan === undefined) {
    throw new ManifestUnsupported(`${stores.processed.uri}/${folder.items}: another release planned these slices`);
  }
  const { work } = plan;
  const slice = work.slices[at];
  if (slice === undefined) {
    throw new ConfigInvalid(`${folder.items} has no slice ${at}: there are ${work.slices.length}`);
  }
  const records = folder.recordsOf(work, codeVersion);
  const isDone = (await records.list()).has(at);
  const result = isDone ? await records.read(at) : await transformSlice(stores, slice, work.against);
  if (!isDone) await records.write(at, result);
  const bytes = result.objects.reduce((sum, object) => sum + object.bytes, 0);
  return { version: work.version, table: slice.table, rows: result.rows, bytes };
}
