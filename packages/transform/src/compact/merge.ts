import {
  integer,
  readParquet,
  readVerified,
  type Batch,
  type CompactedRef,
  type ObjectRef,
  type ObjectStore,
  type Schema,
} from '@totes/core';
import { writeParts } from '../writeParts.ts';
import type { Group } from './tiers.ts';

/** Says of which version a row is, in an object that has rows of several. */
const versionColumn = { name: 'version', type: integer, nullable: false } as const;

/** Objects fetched at a time: the deltas of a day in a few round trips, and some megabytes of them in memory. */
const fetchedAtOnce = 16;

/**
 * Writes the rows of a group into as few objects as hold them, in their order and each with its version.
 *
 * @param folder where they go, without a slash at the end
 * @returns what was written; undefined where an object lacks a column of the schema, because an earlier release wrote it
 * @throws LakeCorrupt where an object is not what its reference says; LakeUnavailable, LakeRefused
 */
export async function merge(
  store: ObjectStore,
  group: Group,
  schema: Schema,
  folder: string,
): Promise<ObjectRef[] | undefined> {
  try {
    return await writeParts(store, [...schema, versionColumn], folder, rowsOf(store, group, schema));
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

async function* rowsOf(store: ObjectStore, group: Group, schema: Schema): AsyncGenerator<Batch> {
  for (let first = 0; first < group.length; first += fetchedAtOnce) {
    const refs = group.slice(first, first + fetchedAtOnce);
    const bodies = await Promise.all(refs.map((ref) => readVerified(store, ref)));
    for (const [i, ref] of refs.entries()) yield* withVersion(bodies[i]!, ref, schema);
  }
}

function* withVersion(body: Uint8Array, { version }: CompactedRef, schema: Schema): Generator<Batch> {
  if (version === undefined) {
    yield* readParquet(body, [...schema, versionColumn]);
    return;
  }
  for (const { rows, columns } of readParquet(body, schema)) {
    const values = new Int32Array(rows).fill(version);
    yield { rows, columns: [...columns, { kind: 'integer', values, valid: null }] };
  }
}
