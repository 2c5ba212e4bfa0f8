import { failure, whereIs, type ObjectStore, type RawFormat } from '@totes/core';
import type { Client } from 'pg';
import { archive } from '../archive.ts';
import { copyQuery, header } from '../copyQuery.ts';
import { knownRows } from '../lastWritten.ts';
import { objectKey } from '../objectKey.ts';
import type { TablePlan } from '../plan.ts';
import type { Slice } from './cut.ts';
import type { SliceRead } from './gather.ts';

/** How the slices of a look are written. */
export interface SliceWriting {
  readonly store: ObjectStore;
  readonly schema: string;
  readonly format: RawFormat;
  /** Names the folder of the objects: no two attempts may share one. */
  readonly folder: string;
  readonly at: Date;
}

/**
 * Writes the rows of a slice into the lake, where nobody sees them until they are committed.
 *
 * @param source in a transaction that reads the look's snapshot
 * @param onRows takes the rows read so far
 * @throws SourceUnavailable, SourceRefused, LakeUnavailable, LakeRefused
 */
export async function readSlice(
  source: Client,
  { store, schema, format, folder, at }: SliceWriting,
  plan: TablePlan,
  slice: Slice,
  onRows: (rows: number) => void,
): Promise<SliceRead> {
  const { name } = plan.table;
  const columns = plan.table.columns.map((column) => column.name);
  try {
    const archived = await archive(source, store, {
      copy: copyQuery({
        schema,
        table: name,
        columns,
        format,
        where: plan.where,
        asked: plan.asked,
        blocks: slice.blocks,
      }),
      header: header(format, columns),
      key: objectKey(name, folder, at, format, slice.part),
      // Only all slices together tell whether the rows of a table are known.
      known: slice.blocks === undefined ? knownRows(plan, format) : undefined,
      onRows,
    });
    return { ...slice, archived };
  } catch (error) {
    throw failure('source', `${whereIs(source)}, table ${name}`, error);
  }
}
