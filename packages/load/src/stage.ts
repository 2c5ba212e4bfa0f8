import { pipeline } from 'node:stream/promises';
import {
  copyBinary,
  copyBinaryHeader,
  copyBinaryTrailer,
  IdSet,
  LakeCorrupt,
  messageOf,
  readParquet,
  readVerified,
  type Batch,
  type FixedColumn,
  type ObjectRef,
  type ObjectStore,
  type StarTable,
} from '@totes/core';
import type { Client } from 'pg';
import { from as copyFrom } from 'pg-copy-streams';
import { analyzeStaging, copyIntoStaging, copyIntoTable, createStaging, type Staging } from './sql/staging.ts';

/** From here on a plan made blindly can cost more than the sample that statistics need. */
const analyzeFrom = 1000;

/** Rows of the lake on their way to the warehouse. */
export interface Rows {
  readonly store: ObjectStore;
  readonly objects: readonly ObjectRef[];
  /** Told now and then how many rows have been sent. */
  readonly onRows?: (rows: number) => void;
}

/**
 * Makes a staging table and fills it with the rows of its Parquet objects, some thousand in memory at a time. Throws
 * LakeCorrupt where an object is not what its manifest says, or two rows have the same business key where none may: a
 * version is one look at the source, so either would be a fault of whoever wrote it.
 */
export async function stage(client: Client, target: Staging, rows: Rows): Promise<void> {
  await client.query(createStaging(target));
  await copy(client, copyIntoStaging(target), target, rows);
  if (rows.objects.reduce((sum, object) => sum + object.rows, 0) >= analyzeFrom)
    await client.query(analyzeStaging(target));
}

/**
 * Fills a star table that has no rows, without a detour: there is nothing to compare with. A fact's record keys are in the
 * order of the lake, so that a warehouse rebuilt from it has the same ones. Throws as `stage` does.
 *
 * @returns the rows written
 */
export async function fill(client: Client, schema: string, table: StarTable, rows: Rows): Promise<number> {
  await copy(client, copyIntoTable(schema, table), { table, columns: table.columns, isHistory: false }, rows);
  return rows.objects.reduce((sum, object) => sum + object.rows, 0);
}

type Target = Pick<Staging, 'table' | 'columns' | 'isHistory'>;

async function copy(client: Client, sql: string, target: Target, rows: Rows): Promise<void> {
  await pipeline(copyChunks(target, rows), client.query(copyFrom(sql)));
}

async function* copyChunks(target: Target, { store, objects, onRows }: Rows): AsyncGenerator<Uint8Array> {
  const seen = new IdSet();
  let sent = 0;
  yield copyBinaryHeader;
  for await (const { object, bytes } of readAhead(store, objects)) {
    const before = sent;
    for (const batch of decode(store, target, object, bytes)) {
      if (!target.isHistory) refuseRepeated(store, target, object, batch, seen);
      yield* copyBinary(batch);
      sent += batch.rows;
      onRows?.(sent);
    }
    if (sent - before !== object.rows) {
      throw new LakeCorrupt(
        `${store.uri}/${object.key} has ${sent - before} rows; its manifest says ${object.rows}: transform the version again`,
      );
    }
  }
  yield copyBinaryTrailer;
}

/** Objects in their order, each fetched while the rows of the one before are sent. */
async function* readAhead(
  store: ObjectStore,
  objects: readonly ObjectRef[],
): AsyncGenerator<{ readonly object: ObjectRef; readonly bytes: Uint8Array }> {
  const fetch = async (object: ObjectRef | undefined): Promise<Uint8Array | undefined> =>
    object && readVerified(store, object);
  let next = fetch(objects[0]);
  for (const [place, object] of objects.entries()) {
    const bytes = (await next)!;
    next = fetch(objects[place + 1]);
    // It is waited for above; that it fails while rows are sent must not end the process.
    next.catch(() => undefined);
    yield { object, bytes };
  }
}

function* decode(store: ObjectStore, target: Target, object: ObjectRef, bytes: Uint8Array): Generator<Batch> {
  try {
    yield* readParquet(bytes, target.columns);
  } catch (error) {
    throw new LakeCorrupt(
      `${store.uri}/${object.key} cannot be read as rows of ${target.table.name}: ${messageOf(error)}`,
      {
        cause: error,
      },
    );
  }
}

/** @param seen the business keys of the objects so far, which takes in those of the batch */
function refuseRepeated(
  store: ObjectStore,
  { table, columns }: Target,
  { key }: ObjectRef,
  { rows, columns: values }: Batch,
  seen: IdSet,
): void {
  const ids = (values[columns.findIndex(({ name }) => name === table.key)] as FixedColumn).values;
  for (let row = 0; row < rows; row++) {
    const id = ids[row]!;
    if (!seen.has(id)) seen.add(id);
    else {
      throw new LakeCorrupt(
        `${store.uri}/${key} has a second row of ${table.name} with ${table.key} ${id}, ` +
          'and a version can have only one: transform it again',
      );
    }
  }
}
