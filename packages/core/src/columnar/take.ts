import type { Batch, Column, TextColumn } from './column.ts';
import { like, type Values } from './grown.ts';

/** Chosen rows of a batch, in the given order. */
export const takeRows = (batch: Batch, rows: Int32Array): Batch => ({
  rows: rows.length,
  columns: batch.columns.map((column) => take(column, rows)),
});

/** Chosen rows of a column, in the given order. */
export function take(column: Column, rows: Int32Array): Column {
  if (column.kind === 'numeric') {
    return { kind: 'numeric', decimal: take(column.decimal, rows) as never, exact: take(column.exact, rows) as never };
  }
  const valid = column.valid === null ? null : gather(column.valid, rows, 1);
  switch (column.kind) {
    case 'text':
      return takeText(column, rows, valid);
    case 'decimal':
      return { ...column, words: gather(column.words, rows, 4), valid };
    default:
      return { kind: column.kind, values: gather(column.values, rows, 1), valid };
  }
}

function gather<T extends Values>(values: T, rows: Int32Array, width: number): T {
  const taken = like(values, rows.length * width);
  for (let i = 0; i < rows.length; i++) {
    for (let j = 0; j < width; j++) taken[i * width + j] = values[rows[i]! * width + j]!;
  }
  return taken;
}

function takeText(column: TextColumn, rows: Int32Array, valid: Uint8Array | null): TextColumn {
  const offsets = new Int32Array(rows.length + 1);
  for (let i = 0; i < rows.length; i++) {
    offsets[i + 1] = offsets[i]! + column.offsets[rows[i]! + 1]! - column.offsets[rows[i]!]!;
  }
  const bytes = new Uint8Array(offsets[rows.length]!);
  for (let i = 0; i < rows.length; i++) {
    bytes.set(column.bytes.subarray(column.offsets[rows[i]!], column.offsets[rows[i]! + 1]), offsets[i]);
  }
  return { kind: 'text', offsets, bytes, valid };
}
