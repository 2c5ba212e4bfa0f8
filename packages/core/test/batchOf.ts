import { cellsOf } from '../src/columnar/cells.ts';
import type { Batch, Schema } from '../src/columnar/column.ts';
import { readColumn } from '../src/columnar/readColumn.ts';

/** Rows given as text, as a batch. A time is given as a timestamp, which is how sources have it. */
export function batchOf(schema: Schema, rows: readonly (readonly (string | null)[])[]): Batch {
  const cells = cellsOf(schema.length, rows);
  const columns = schema.map(({ type }, index) =>
    readColumn(cells, index, type, type.kind === 'time' ? 'timeOf' : 'value', () => undefined),
  );
  return { rows: rows.length, columns };
}
