import { ConfigInvalid, type ObjectStore } from '@totes/core';
import type { Client } from 'pg';
import type { SliceRead } from './gather.ts';
import { readSlice } from './readSlice.ts';
import { inSharedSnapshot } from './sharedSnapshot.ts';
import type { SliceFolder, SlicePlan } from './sliceFolder.ts';

/** What an attempt at a slice did. */
export interface SliceTaken {
  /** The version that the look follows. */
  readonly version: number;
  readonly table: string;
  readonly part: number;
  readonly rows: number;
  readonly bytes: number;
}

/** One attempt at a slice. */
export interface Attempt {
  readonly folder: SliceFolder;
  /** Its place in the plan. */
  readonly number: number;
  /** Of this attempt alone. */
  readonly runId: string;
}

/**
 * Reads a slice that was planned, unless an earlier attempt has. May be called any number of times, and twice at once.
 *
 * @param connected runs some work with a connection to the source
 * @throws SnapshotLost, SourceUnavailable, SourceRefused, LakeUnavailable, LakeRefused, LakeCorrupt
 */
export async function takeSlice(
  store: ObjectStore,
  { folder, number, runId }: Attempt,
  connected: <T>(work: (source: Client) => Promise<T>) => Promise<T>,
): Promise<SliceTaken> {
  try {
    const plan = await folder.readPlan();
    const read = (await folder.read(number)) ?? (await connected((source) => readPlanned(source)));
    await folder.recordRead(number, read);
    const { table, part, archived } = read;
    return { version: plan.head, table, part, rows: archived.rows, bytes: archived.object?.bytes ?? 0 };

    async function readPlanned(source: Client): Promise<SliceRead> {
      const { slice, tablePlan } = planned(plan, number);
      const { schema, format, at } = plan;
      const writing = { store, schema, format, folder: runId, at: new Date(at) };
      return inSharedSnapshot(source, plan.snapshot, { schema, table: slice.table }, () =>
        readSlice(source, writing, tablePlan, slice, () => undefined),
      );
    }
  } catch (error) {
    // The Distributed Map does not say why one of its items failed. That this fails too changes nothing of the error.
    await folder.recordFailure(number, runId, error).catch(() => undefined);
    throw error;
  }
}

function planned({ look }: SlicePlan, number: number) {
  const slice = look.slices[number];
  const tablePlan = look.tables.find(({ plan }) => plan.table.name === slice?.table)?.plan;
  if (slice !== undefined && tablePlan !== undefined) return { slice, tablePlan };
  throw new ConfigInvalid(`there is no slice ${number}: ${look.slices.length} were planned`);
}
