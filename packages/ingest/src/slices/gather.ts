import { createHash } from 'node:crypto';
import { LakeCorrupt, type RawFormat } from '@totes/core';
import type { Archived } from '../archive.ts';
import { knownRows } from '../lastWritten.ts';
import type { OpenLook } from '../look.ts';
import type { Look, TableRows } from '../nextManifest.ts';
import type { TablePlan } from '../plan.ts';
import type { Slice } from './cut.ts';

/** A slice and what became of its rows. */
export interface SliceRead extends Slice {
  readonly archived: Archived;
}

/**
 * The look with what its slices brought, those of a table in their order.
 *
 * @throws LakeCorrupt where a slice was not read, or twice
 */
export function gather(open: OpenLook, format: RawFormat, read: readonly SliceRead[]): Look {
  const { slices, tables, ...look } = open;
  return { ...look, tables: tables.map((table) => ({ ...table, rows: rowsOf(table.plan, format, slices, read) })) };
}

function rowsOf(plan: TablePlan, format: RawFormat, planned: readonly Slice[], read: readonly SliceRead[]): TableRows {
  const { name } = plan.table;
  const found = planned
    .filter(({ table }) => table === name)
    .map(({ part }) => {
      const of = read.filter((each) => each.table === name && each.part === part);
      if (of.length === 1) return of[0]!.archived;
      throw new LakeCorrupt(`slice ${part} of table ${name} was read ${of.length} times, expected once: look again`);
    });
  const rows = found.reduce((sum, each) => sum + each.rows, 0);
  const objects = found.flatMap(({ object }) => object ?? []);
  const [only] = found;
  if (found.length === 1) return { rows, contentSha256: only!.contentSha256, objects };
  const hash = createHash('sha256');
  for (const { contentSha256 } of found) hash.update(contentSha256);
  const contentSha256 = hash.digest('hex');
  return { rows, contentSha256, objects: contentSha256 === knownRows(plan, format) ? [] : objects };
}
