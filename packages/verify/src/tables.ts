import { starTables, type StarTable } from '@totes/core';

/** A star table whose rows come from totesys, each from one row of its source table. */
export type SourcedTable = StarTable & {
  readonly source: string;
  /** The other table that its rows take columns from, and the source column that holds that table's key. */
  readonly join?: { readonly table: string; readonly via: string };
};

/** The star tables that have a source, in load order: all but the calendar and the exchange rates. */
export const sourcedTables: readonly SourcedTable[] = starTables.flatMap((table): SourcedTable[] => {
  const { source } = table;
  if (source === undefined) return [];
  const joined = table.columns.find(({ from }) => from.kind === 'joined')?.from;
  return [{ ...table, source, ...(joined?.kind === 'joined' && { join: { table: joined.table, via: joined.via } }) }];
});

/** The warehouse table that says which rows of a star table are retired. */
export const retiredTable = ({ name }: Pick<StarTable, 'name'>): string =>
  `retired_${name.replace(/^(dim|fact)_/, '')}`;

/** The relation of the warehouse that shows a star table's current rows. */
export const shownRelation = (table: StarTable): string => (table.kind === 'fact' ? table.currentView : table.name);
