import type { ColumnType } from '../tables/types.ts';
import type { Cells } from './cells.ts';
import { numericStorage, type Column, type FixedColumn, type TextColumn } from './column.ts';
import { isPlainNumeric, parseDecimal } from './decimal.ts';
import { microsPerDay, parseDate, parseTimeOfTimestamp } from './temporal.ts';

/** How a value is read from the text that PostgreSQL wrote for it. */
export type Reading = 'value' | 'dateOf' | 'timeOf' | 'parsedDate';

/** Takes a row whose value a column cannot hold, and why. */
export type OnFault = (row: number, why: string) => void;

type Parse = (text: Uint8Array, start: number, end: number) => number;

const plus32 = 2 ** 31;

/**
 * The values of one column of the cells, read in that way from the source's text, without a JavaScript object for each. A
 * value that the column cannot hold is a fault; what stands in its place is not to be used.
 *
 * @param index the column among those of the cells
 */
export function readColumn(cells: Cells, index: number, type: ColumnType, reading: Reading, onFault: OnFault): Column {
  const fixed = (kind: FixedColumn['kind'], parse: Parse, why: string): Column =>
    readFixed(cells, index, kind, parse, (row) => {
      onFault(row, why);
    });
  switch (reading) {
    case 'parsedDate':
      return fixed('date', parseDate, 'is not a date');
    case 'dateOf':
      return fixed('date', dateOfTimestamp, 'is not a timestamp of the years 1 to 9999');
    case 'timeOf':
      return fixed('time', parseTimeOfTimestamp, 'is not a timestamp of the years 1 to 9999');
    case 'value':
  }
  switch (type.kind) {
    case 'text':
      return readTexts(cells, index);
    case 'numeric':
      return readNumerics(cells, index, onFault);
    case 'decimal':
      return readDecimals(cells, index, type, onFault);
    case 'integer':
      return fixed('integer', parseInteger, 'is not an integer of 32 bits');
    case 'boolean':
      return fixed('boolean', parseBoolean, 'is not a boolean');
    case 'date':
      return fixed('date', parseDate, 'is not a date');
    case 'time':
    case 'timestamp':
      throw new RangeError(`${type.kind} columns are read as dateOf or timeOf`);
  }
}

function readFixed(
  { rows, columns, bytes, starts, ends }: Cells,
  index: number,
  kind: FixedColumn['kind'],
  parse: Parse,
  onFault: (row: number) => void,
): FixedColumn {
  const values = new (kind === 'boolean' ? Uint8Array : kind === 'time' ? Float64Array : Int32Array)(rows);
  let valid: Uint8Array | null = null;
  for (let row = 0, at = index; row < rows; row++, at += columns) {
    const end = ends[at]!;
    const value = end < 0 ? NaN : parse(bytes, starts[at]!, end);
    values[row] = value;
    if (!Number.isNaN(value)) continue;
    valid ??= new Uint8Array(rows).fill(1);
    valid[row] = 0;
    if (end >= 0) onFault(row);
  }
  return { kind, values, valid };
}

/** @param kept a byte for each row, 0 where its text is left out; absent where all are wanted */
function readTexts({ rows, columns, bytes, starts, ends }: Cells, index: number, kept?: Uint8Array): TextColumn {
  const offsets = new Int32Array(rows + 1);
  let valid: Uint8Array | null = null;
  let length = 0;
  for (let row = 0, at = index; row < rows; row++, at += columns) {
    if (ends[at]! < 0 || kept?.[row] === 0) {
      valid ??= new Uint8Array(rows).fill(1);
      valid[row] = 0;
    } else length += ends[at]! - starts[at]!;
    offsets[row + 1] = length;
  }
  const texts = new Uint8Array(length);
  for (let row = 0, at = index; row < rows; row++, at += columns) {
    const to = offsets[row]!;
    const size = offsets[row + 1]! - to;
    const start = starts[at]!;
    if (size > 32) texts.set(bytes.subarray(start, start + size), to);
    else for (let i = 0; i < size; i++) texts[to + i] = bytes[start + i]!;
  }
  return { kind: 'text', offsets, bytes: texts, valid };
}

function readDecimals(
  { rows, columns, bytes, starts, ends }: Cells,
  index: number,
  type: { readonly precision: number; readonly scale: number },
  onFault: OnFault,
): Column {
  const words = new Uint32Array(rows * 4);
  let valid: Uint8Array | null = null;
  for (let row = 0, at = index; row < rows; row++, at += columns) {
    const end = ends[at]!;
    const fit = end < 0 ? undefined : parseDecimal(bytes, starts[at]!, end, words, row, type).fit;
    if (fit === 'exact') continue;
    valid ??= new Uint8Array(rows).fill(1);
    valid[row] = 0;
    if (fit === 'none') onFault(row, 'is not a number');
    else if (fit === 'wide') onFault(row, `does not fit numeric(${type.precision},${type.scale})`);
  }
  return { kind: 'decimal', precision: type.precision, scale: type.scale, words, valid };
}

function readNumerics(cells: Cells, index: number, onFault: OnFault): Column {
  const { rows, columns, bytes, starts, ends } = cells;
  const words = new Uint32Array(rows * 4);
  const fits = new Uint8Array(rows);
  /** Where the decimal alone does not tell how the value was written. */
  const kept = new Uint8Array(rows);
  for (let row = 0, at = index; row < rows; row++, at += columns) {
    const end = ends[at]!;
    if (end < 0) continue;
    const parsed = parseDecimal(bytes, starts[at]!, end, words, row, numericStorage);
    if (parsed.fit === 'exact') fits[row] = 1;
    if (parsed.fit === 'none') onFault(row, 'is not a number');
    else if (!isPlainNumeric(parsed)) kept[row] = 1;
  }
  const decimal = { kind: 'decimal', ...numericStorage, words, valid: fits } as const;
  return { kind: 'numeric', decimal, exact: readTexts(cells, index, kept) };
}

function dateOfTimestamp(text: Uint8Array, start: number, end: number): number {
  const time = parseTimeOfTimestamp(text, start, end);
  return time < microsPerDay ? parseDate(text, start, start + 10) : NaN;
}

function parseInteger(text: Uint8Array, start: number, end: number): number {
  const negative = text[start] === 45;
  const first = negative ? start + 1 : start;
  if (first === end || end - first > 10) return NaN;
  let value = 0;
  for (let i = first; i < end; i++) {
    const digit = text[i]! - 48;
    if (!(digit >= 0 && digit <= 9)) return NaN;
    value = value * 10 + digit;
  }
  if (value > (negative ? plus32 : plus32 - 1)) return NaN;
  return negative ? -value : value;
}

/** CSV has t and f, JSON true and false. */
function parseBoolean(text: Uint8Array, start: number, end: number): number {
  const word = end - start === 1 || (text[start] === 116 ? end - start === 4 : end - start === 5);
  if (!word) return NaN;
  return text[start] === 116 ? 1 : text[start] === 102 ? 0 : NaN;
}
