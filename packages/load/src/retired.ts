import { sqlType, starTables, type StarTable } from '@totes/core';

/**
 * A table that says which rows of a star table are no longer the shop's: history itself is never changed. `deleted`:
 * the source does not have the row any more. `superseded`: a version that came in when a later one was known already.
 */
export interface RetiredTable {
  readonly name: string;
  readonly of: StarTable;
  /** What names a row: the record key of a fact, the key of a dimension. */
  readonly key: { readonly name: string; readonly type: string };
  readonly reasons: readonly ('deleted' | 'superseded')[];
}

/** What a star table's rows are retired in; undefined for what is not of the source: its rows go nowhere. */
export function retiredTable(table: StarTable): RetiredTable | undefined {
  if (table.source === undefined) return undefined;
  const name = `retired_${table.name.replace(/^(dim|fact)_/, '')}`;
  if (table.kind === 'fact') {
    return { name, of: table, key: { name: table.recordKey, type: 'bigint' }, reasons: ['deleted', 'superseded'] };
  }
  const { type } = table.columns.find((column) => column.name === table.key)!;
  return { name, of: table, key: { name: table.key, type: sqlType(type) }, reasons: ['deleted'] };
}

export const retiredTables = starTables.map(retiredTable).filter((table) => table !== undefined);
