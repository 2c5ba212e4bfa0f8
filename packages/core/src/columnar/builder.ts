import type { ColumnType } from '../tables/types.ts';
import { numericStorage, type Column, type TextColumn } from './column.ts';
import { grown } from './grown.ts';
import { isPlainNumeric, parseDecimal } from './decimal.ts';
import { microsPerDay, parseDate, parseTimeOfTimestamp } from './temporal.ts';

/** How a value is read from the text that PostgreSQL wrote for it. */
export type Reading = 'value' | 'dateOf' | 'timeOf' | 'parsedDate';

const firstCapacity = 1024;
const plus32 = 2 ** 31;

/**
 * A column that grows a value at a time, read from bytes without a JavaScript object for each. `push` returns why a
 * value cannot be held, and holds NULL in its place then; undefined where all is well.
 */
export abstract class ColumnBuilder {
  protected rows = 0;
  #valid = new Uint8Array(firstCapacity);
  #nulls = 0;

  push(text: Uint8Array, start: number, end: number): string | undefined {
    this.#grow();
    const fault = this.write(text, start, end, this.rows);
    this.#valid[this.rows] = fault === undefined ? 1 : 0;
    if (fault !== undefined) this.#nulls++;
    this.rows++;
    return fault;
  }

  pushNull(): void {
    this.#grow();
    this.writeNull(this.rows);
    this.#valid[this.rows] = 0;
    this.#nulls++;
    this.rows++;
  }

  /** Forgets the rows from `rows` on, which an incomplete input left behind. */
  truncate(rows: number): void {
    for (let row = rows; row < this.rows; row++) if (this.#valid[row] === 0) this.#nulls--;
    this.rows = Math.min(this.rows, rows);
  }

  /** The column so far; the builder must not be used afterwards. */
  finish(): Column {
    return this.column(this.#nulls === 0 ? null : this.#valid.subarray(0, this.rows));
  }

  protected abstract write(text: Uint8Array, start: number, end: number, row: number): string | undefined;
  protected abstract writeNull(row: number): void;
  protected abstract reserve(rows: number): void;
  protected abstract column(valid: Uint8Array | null): Column;

  #grow(): void {
    if (this.rows < this.#valid.length) return;
    this.#valid = grown(this.#valid, this.rows * 2);
    this.reserve(this.#valid.length);
  }
}

class FixedBuilder extends ColumnBuilder {
  readonly #kind: 'boolean' | 'integer' | 'date' | 'time';
  readonly #parse: (text: Uint8Array, start: number, end: number) => number;
  readonly #fault: string;
  #values: Uint8Array | Int32Array | Float64Array;

  constructor(
    kind: 'boolean' | 'integer' | 'date' | 'time',
    parse: (text: Uint8Array, start: number, end: number) => number,
    fault: string,
  ) {
    super();
    this.#kind = kind;
    this.#parse = parse;
    this.#fault = fault;
    this.#values = new (kind === 'boolean' ? Uint8Array : kind === 'time' ? Float64Array : Int32Array)(firstCapacity);
  }

  protected write(text: Uint8Array, start: number, end: number, row: number): string | undefined {
    const value = this.#parse(text, start, end);
    this.#values[row] = value;
    return Number.isNaN(value) ? this.#fault : undefined;
  }

  protected writeNull(row: number): void {
    this.#values[row] = 0;
  }

  protected reserve(rows: number): void {
    this.#values = grown(this.#values, rows);
  }

  protected column(valid: Uint8Array | null): Column {
    return { kind: this.#kind, values: this.#values.subarray(0, this.rows), valid };
  }
}

class TextBuilder extends ColumnBuilder {
  #offsets = new Int32Array(firstCapacity + 1);
  #bytes = new Uint8Array(firstCapacity * 16);

  protected write(text: Uint8Array, start: number, end: number, row: number): undefined {
    const at = this.#offsets[row]!;
    const after = at + end - start;
    if (after > this.#bytes.length) this.#bytes = grown(this.#bytes, after * 2);
    if (end - start > 32) this.#bytes.set(text.subarray(start, end), at);
    else for (let i = start, to = at; i < end; i++, to++) this.#bytes[to] = text[i]!;
    this.#offsets[row + 1] = after;
  }

  protected writeNull(row: number): void {
    this.#offsets[row + 1] = this.#offsets[row]!;
  }

  protected reserve(rows: number): void {
    this.#offsets = grown(this.#offsets, rows + 1);
  }

  protected column(valid: Uint8Array | null): TextColumn {
    const offsets = this.#offsets.subarray(0, this.rows + 1);
    return { kind: 'text', offsets, bytes: this.#bytes.subarray(0, offsets[this.rows]), valid };
  }
}

class DecimalBuilder extends ColumnBuilder {
  readonly #type: { readonly precision: number; readonly scale: number };
  #words = new Uint32Array(firstCapacity * 4);

  constructor(type: { readonly precision: number; readonly scale: number }) {
    super();
    this.#type = type;
  }

  protected write(text: Uint8Array, start: number, end: number, row: number): string | undefined {
    const { fit } = parseDecimal(text, start, end, this.#words, row, this.#type);
    if (fit === 'none') return 'is not a number';
    return fit === 'wide' ? `does not fit numeric(${this.#type.precision},${this.#type.scale})` : undefined;
  }

  protected writeNull(row: number): void {
    this.#words.fill(0, row * 4, row * 4 + 4);
  }

  protected reserve(rows: number): void {
    this.#words = grown(this.#words, rows * 4);
  }

  protected column(valid: Uint8Array | null): Column {
    return { kind: 'decimal', ...this.#type, words: this.#words.subarray(0, this.rows * 4), valid };
  }
}

class NumericBuilder extends ColumnBuilder {
  readonly #exact = new TextBuilder();
  #words = new Uint32Array(firstCapacity * 4);
  #fits = new Uint8Array(firstCapacity);

  protected write(text: Uint8Array, start: number, end: number, row: number): string | undefined {
    const parsed = parseDecimal(text, start, end, this.#words, row, numericStorage);
    this.#fits[row] = parsed.fit === 'exact' ? 1 : 0;
    if (parsed.fit !== 'exact') this.#words.fill(0, row * 4, row * 4 + 4);
    if (parsed.fit === 'none' || isPlainNumeric(parsed)) this.#exact.pushNull();
    else this.#exact.push(text, start, end);
    return parsed.fit === 'none' ? 'is not a number' : undefined;
  }

  protected writeNull(row: number): void {
    this.#fits[row] = 0;
    this.#words.fill(0, row * 4, row * 4 + 4);
    this.#exact.pushNull();
  }

  protected reserve(rows: number): void {
    this.#words = grown(this.#words, rows * 4);
    this.#fits = grown(this.#fits, rows);
  }

  override truncate(rows: number): void {
    super.truncate(rows);
    this.#exact.truncate(rows);
  }

  protected column(): Column {
    const words = this.#words.subarray(0, this.rows * 4);
    const decimal = { kind: 'decimal', ...numericStorage, words, valid: this.#fits.subarray(0, this.rows) } as const;
    return { kind: 'numeric', decimal, exact: this.#exact.finish() as TextColumn };
  }
}

/** A builder for a column of that type, whose values are read in that way from the source's text. */
export function columnBuilder(type: ColumnType, reading: Reading = 'value'): ColumnBuilder {
  switch (reading) {
    case 'parsedDate':
      return new FixedBuilder('date', parseDate, 'is not a date');
    case 'dateOf':
      return new FixedBuilder('date', dateOfTimestamp, 'is not a timestamp of the years 1 to 9999');
    case 'timeOf':
      return new FixedBuilder('time', parseTimeOfTimestamp, 'is not a timestamp of the years 1 to 9999');
    case 'value':
      return valueBuilder(type);
  }
}

function valueBuilder(type: ColumnType): ColumnBuilder {
  switch (type.kind) {
    case 'text':
      return new TextBuilder();
    case 'numeric':
      return new NumericBuilder();
    case 'decimal':
      return new DecimalBuilder(type);
    case 'integer':
      return new FixedBuilder('integer', parseInteger, 'is not an integer of 32 bits');
    case 'boolean':
      return new FixedBuilder('boolean', parseBoolean, 'is not a boolean');
    case 'date':
      return new FixedBuilder('date', parseDate, 'is not a date');
    case 'time':
    case 'timestamp':
      throw new RangeError(`${type.kind} columns are read as dateOf or timeOf`);
  }
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
