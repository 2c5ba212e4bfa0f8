import { isNull, type Batch, type Column, type DecimalColumn, type FixedColumn, type TextColumn } from './column.ts';
import { leastNumericFraction } from './decimal.ts';
import { numericBytes, writeNumeric, writeNumericText } from './pgNumeric.ts';

/** Large enough that a chunk costs little against its bytes, small enough to stay in the processor's cache. */
const chunkBytes = 128 * 1024;

/** What any cell but text takes at most, its length included. */
const cellBytes = 4 + numericBytes;

/** PostgreSQL counts days from 2000-01-01. */
const daysTo2000 = 10_957;

const word = 2 ** 32;

/** What stands before the rows: the signature, no flags, no extension. */
export const copyBinaryHeader = Uint8Array.from([
  ...Buffer.from('PGCOPY\n\xff\r\n\0', 'latin1'),
  0,
  0,
  0,
  0,
  0,
  0,
  0,
  0,
]);

/** What stands after them. */
export const copyBinaryTrailer = Uint8Array.of(0xff, 0xff);

/**
 * The rows of a batch in PostgreSQL's binary COPY format, some 128 KiB at a time. The server takes in such rows in half the
 * time that it needs for text, because it parses nothing
 * (https://www.postgresql.org/docs/current/sql-copy.html, "Binary Format"; for the types their `…recv` functions).
 */
export function* copyBinary(batch: Batch): Generator<Uint8Array> {
  const out = new BinaryWriter(batch.columns.length);
  const cells = batch.columns.map((column) => cellWriter(column, out));
  for (let row = 0; row < batch.rows; row++) {
    out.beginRow();
    for (let i = 0; i < cells.length; i++) {
      if (isNull(batch.columns[i]!, row)) out.null();
      else cells[i]!(row);
    }
    if (out.length >= chunkBytes) yield out.take();
  }
  if (out.length > 0) yield out.take();
}

function cellWriter(column: Column, out: BinaryWriter): (row: number) => void {
  switch (column.kind) {
    case 'integer':
      return int32Cell(column, out, 0);
    case 'date':
      return int32Cell(column, out, daysTo2000);
    case 'boolean':
      return (row) => {
        out.boolean(column.values[row]!);
      };
    case 'time':
      return (row) => {
        out.int64(column.values[row]!);
      };
    case 'text':
      return textCell(column, out);
    case 'decimal':
      return decimalCell(column, out, column.scale);
    case 'numeric': {
      const plain = decimalCell(column.decimal, out, leastNumericFraction);
      const { exact } = column;
      return (row) => {
        if (isNull(exact, row)) plain(row);
        else out.numericText(exact.bytes, exact.offsets[row]!, exact.offsets[row + 1]!);
      };
    }
  }
}

const int32Cell =
  ({ values }: FixedColumn, out: BinaryWriter, less: number) =>
  (row: number): void => {
    out.int32(values[row]! - less);
  };

const textCell =
  ({ bytes, offsets }: TextColumn, out: BinaryWriter) =>
  (row: number): void => {
    out.text(bytes, offsets[row]!, offsets[row + 1]!);
  };

const decimalCell =
  ({ words, scale }: DecimalColumn, out: BinaryWriter, leastFraction: number) =>
  (row: number): void => {
    out.numeric(words, row, scale, leastFraction);
  };

class BinaryWriter {
  length = 0;
  readonly #columns: number;
  /** A row without text always fits, so that only text has to ask for more. */
  readonly #room: number;
  #bytes: Uint8Array;

  constructor(columns: number) {
    this.#columns = columns;
    this.#room = chunkBytes + 2 + columns * cellBytes;
    this.#bytes = new Uint8Array(this.#room);
  }

  take(): Uint8Array {
    const chunk = this.#bytes.subarray(0, this.length);
    this.#bytes = new Uint8Array(this.#room);
    this.length = 0;
    return chunk;
  }

  beginRow(): void {
    this.#bytes[this.length++] = this.#columns >> 8;
    this.#bytes[this.length++] = this.#columns;
  }

  null(): void {
    this.#put32(-1);
  }

  boolean(value: number): void {
    this.#put32(1);
    this.#bytes[this.length++] = value;
  }

  int32(value: number): void {
    this.#put32(4);
    this.#put32(value);
  }

  /** @param value whole, not negative and below 2^53 */
  int64(value: number): void {
    const low = value % word;
    this.#put32(8);
    this.#put32((value - low) / word);
    this.#put32(low);
  }

  numeric(words: Uint32Array, row: number, scale: number, leastFraction: number): void {
    const end = writeNumeric(this.#bytes, this.length + 4, words, row, scale, leastFraction);
    this.#put32(end - this.length - 4);
    this.length = end;
  }

  numericText(source: Uint8Array, start: number, end: number): void {
    // Four digits take two bytes, and each part may begin or end within four.
    this.#reserve(cellBytes + end - start);
    const after = writeNumericText(this.#bytes, this.length + 4, source, start, end);
    this.#put32(after - this.length - 4);
    this.length = after;
  }

  text(source: Uint8Array, start: number, end: number): void {
    const count = end - start;
    this.#reserve(4 + count);
    this.#put32(count);
    if (count > 32) this.#bytes.set(source.subarray(start, end), this.length);
    else for (let i = start, to = this.length; i < end; i++, to++) this.#bytes[to] = source[i]!;
    this.length += count;
  }

  #put32(value: number): void {
    const bytes = this.#bytes;
    const at = this.length;
    bytes[at] = value >> 24;
    bytes[at + 1] = value >> 16;
    bytes[at + 2] = value >> 8;
    bytes[at + 3] = value;
    this.length = at + 4;
  }

  /** Makes room for so many bytes beside the cells of a row that are not text. */
  #reserve(count: number): void {
    const needed = this.length + count + this.#columns * cellBytes;
    if (needed <= this.#bytes.length) return;
    const larger = new Uint8Array(needed * 2);
    larger.set(this.#bytes.subarray(0, this.length));
    this.#bytes = larger;
  }
}
