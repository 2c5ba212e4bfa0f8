import { pipeline } from 'node:stream/promises';
import {
  copyText,
  LakeCorrupt,
  messageOf,
  readParquet,
  readVerified,
  type Batch,
  type ObjectRef,
  type ObjectStore,
} from '@totes/core';
import type { Client } from 'pg';
import { from as copyFrom } from 'pg-copy-streams';
import { analyzeStaging, copyIntoStaging, createStaging, duplicateInStaging, type Staging } from './sql/staging.ts';

/** From here on a plan made blindly can cost more than the sample that statistics need. */
const analyzeFrom = 1000;

/**
 * Makes a staging table and fills it with the rows of its Parquet objects, one object in memory at a time. Throws
 * LakeCorrupt where an object is not what its manifest says, or two rows have the same business key where none may: a
 * version is one look at the source, so either would be a fault of whoever wrote it.
 *
 * @param onRows told now and then how many rows have been sent
 */
export async function stage(
  client: Client,
  store: ObjectStore,
  target: Staging,
  objects: readonly ObjectRef[],
  onRows: (rows: number) => void,
): Promise<void> {
  await client.query(createStaging(target));
  await pipeline(copyChunks(store, target, objects, onRows), client.query(copyFrom(copyIntoStaging(target))));
  if (objects.reduce((rows, object) => rows + object.rows, 0) >= analyzeFrom)
    await client.query(analyzeStaging(target));
  if (target.isHistory) return;
  const twice = (await client.query<{ key: string }>(duplicateInStaging(target))).rows[0];
  if (twice === undefined) return;
  const { table } = target;
  throw new LakeCorrupt(
    `${objects.map(({ key }) => `${store.uri}/${key}`).join(', ')} has two rows of ${table.name} with ${table.key} ` +
      `${twice.key}, and a version can have only one: transform it again`,
  );
}

async function* copyChunks(
  store: ObjectStore,
  target: Staging,
  objects: readonly ObjectRef[],
  onRows: (rows: number) => void,
): AsyncGenerator<Uint8Array> {
  let sent = 0;
  for (const object of objects) {
    const before = sent;
    for (const batch of decode(store, target, object, await readVerified(store, object))) {
      yield* copyText(batch);
      sent += batch.rows;
      onRows(sent);
    }
    if (sent - before !== object.rows) {
      throw new LakeCorrupt(
        `${store.uri}/${object.key} has ${sent - before} rows; its manifest says ${object.rows}: transform the version again`,
      );
    }
  }
}

function decode(store: ObjectStore, target: Staging, object: ObjectRef, bytes: Uint8Array): Batch[] {
  try {
    return readParquet(bytes, target.columns);
  } catch (error) {
    throw new LakeCorrupt(
      `${store.uri}/${object.key} cannot be read as rows of ${target.table.name}: ${messageOf(error)}`,
      {
        cause: error,
      },
    );
  }
}
