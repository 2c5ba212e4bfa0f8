import type { Batch, StarTable, TextColumn } from '@totes/core';
import { currencyNames } from './currencyName.ts';

/** Fills the columns of a warehouse table that are computed from what was read. */
export function derived(table: StarTable, batch: Batch): Batch {
  const columns = batch.columns.map((column, i) =>
    table.columns[i]!.from.kind === 'currencyName' ? currencyNames(column as TextColumn, batch.rows) : column,
  );
  return { rows: batch.rows, columns };
}
