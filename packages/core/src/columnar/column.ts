import type { ColumnType } from '../tables/types.ts';

/**
 * Values of one column in typed arrays, row after row. `valid` has a byte for each row, 0 for NULL, and is null where
 * no row is NULL; what stands at a NULL row is unspecified. Text has no bytes there.
 */
export type Column = FixedColumn | TextColumn | DecimalColumn | NumericColumn;

export interface FixedColumn {
  /** boolean: 0 or 1. integer: itself. date: days since 1970-01-01. time: microseconds since midnight. */
  readonly kind: 'boolean' | 'integer' | 'date' | 'time';
  readonly values: Uint8Array | Int32Array | Float64Array;
  readonly valid: Uint8Array | null;
}

export interface TextColumn {
  readonly kind: 'text';
  /** One more than there are rows; row i is `bytes` from offsets[i] to offsets[i + 1], in UTF-8. */
  readonly offsets: Int32Array;
  readonly bytes: Uint8Array;
  readonly valid: Uint8Array | null;
}

export interface DecimalColumn {
  readonly kind: 'decimal';
  readonly precision: number;
  readonly scale: number;
  /** Four words a row: the unscaled value as a 128-bit two's complement integer, least significant word first. */
  readonly words: Uint32Array;
  readonly valid: Uint8Array | null;
}

/**
 * A numeric of any scale. `decimal` is what fits decimal(38,10); `exact` is the text PostgreSQL wrote, and only there
 * where the decimal is NULL or would be written otherwise (12.5 for 12.50). NULL is NULL in both.
 */
export interface NumericColumn {
  readonly kind: 'numeric';
  readonly decimal: DecimalColumn;
  readonly exact: TextColumn;
}

/** Some rows of a table, column by column, in the order that the table declares. */
export interface Batch {
  readonly rows: number;
  readonly columns: readonly Column[];
}

/** What a batch is made of: the names and types of its columns, in order. */
export type Schema = readonly { readonly name: string; readonly type: ColumnType; readonly nullable: boolean }[];

/** How numeric without precision is kept: 28 digits before the point, 10 after; the rest goes to `exact`. */
export const numericStorage = { precision: 38, scale: 10 } as const;

/** Rows that a column has room for, whatever its kind. */
export function lengthOf(column: Column): number {
  switch (column.kind) {
    case 'text':
      return column.offsets.length - 1;
    case 'decimal':
      return column.words.length / 4;
    case 'numeric':
      return lengthOf(column.decimal);
    default:
      return column.values.length;
  }
}

/** Whether a row of a column is NULL. */
export function isNull(column: Column, row: number): boolean {
  if (column.kind === 'numeric') return isNull(column.decimal, row) && isNull(column.exact, row);
  return column.valid !== null && column.valid[row] === 0;
}
