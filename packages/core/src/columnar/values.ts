import type { Batch, Column, FixedColumn, Schema, TextColumn } from './column.ts';
import { cellsOf } from './cells.ts';
import { like, type Values } from './grown.ts';
import { readColumn } from './readColumn.ts';

/** A column of the given values; a date is days since 1970-01-01. For small tables: each value is a JavaScript one. */
export function columnOf(kind: 'integer' | 'date' | 'text', values: readonly (number | string | null)[]): Column {
  if (kind === 'text') {
    const rows = values.map((value) => [value === null ? null : String(value)]);
    return readColumn(cellsOf(1, rows), 0, { kind }, 'value', () => undefined);
  }
  const valid = values.includes(null) ? Uint8Array.from(values, (value) => (value === null ? 0 : 1)) : null;
  return { kind, values: Int32Array.from(values, Number), valid };
}

/** The text at a row, or null. */
export function textAt({ bytes, offsets, valid }: TextColumn, row: number): string | null {
  if (valid !== null && valid[row] === 0) return null;
  return Buffer.from(bytes.buffer, bytes.byteOffset + offsets[row]!, offsets[row + 1]! - offsets[row]!).toString(
    'utf8',
  );
}

/** A batch of no rows. */
export const emptyBatch = (schema: Schema): Batch => ({
  rows: 0,
  columns: schema.map(({ type }) => readColumn(cellsOf(1, []), 0, type, 'value', () => undefined)),
});

/** The rows of several batches of one schema as one batch. */
export function concatBatches(batches: readonly Batch[], schema: Schema): Batch {
  if (batches.length === 1) return batches[0]!;
  return {
    rows: batches.reduce((rows, batch) => rows + batch.rows, 0),
    columns: schema.map((_, index) =>
      concat(
        batches.map(({ columns }) => columns[index]!),
        batches,
      ),
    ),
  };
}

function concat(columns: readonly Column[], batches: readonly Batch[]): Column {
  const [first] = columns;
  if (first === undefined) throw new RangeError('no batches to join');
  if (first.kind === 'numeric' || first.kind === 'decimal')
    throw new RangeError(`${first.kind} columns are not joined`);
  const rows = batches.map((batch) => batch.rows);
  const valids = (columns as readonly (FixedColumn | TextColumn)[]).map(
    ({ valid }, i) => valid ?? new Uint8Array(rows[i]!).fill(1),
  );
  const valid = columns.every((column) => 'valid' in column && column.valid === null) ? null : joined(valids);
  if (first.kind !== 'text') {
    return { kind: first.kind, values: joined((columns as readonly FixedColumn[]).map(({ values }) => values)), valid };
  }
  const texts = columns as readonly TextColumn[];
  const slices = texts.map(({ bytes, offsets }) => bytes.subarray(offsets[0], offsets.at(-1)));
  const offsets = new Int32Array(rows.reduce((sum, count) => sum + count, 1));
  let at = 0;
  for (const text of texts) {
    const shift = offsets[at]! - text.offsets[0]!;
    for (let i = 1; i < text.offsets.length; i++) offsets[++at] = text.offsets[i]! + shift;
  }
  return { kind: 'text', offsets, bytes: joined(slices), valid };
}

function joined<T extends Values>(parts: readonly T[]): T {
  const whole = like(
    parts[0]!,
    parts.reduce((length, part) => length + part.length, 0),
  );
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
