import { isNull, type Batch, type Column } from '../src/columnar/column.ts';
import { decimalText, leastNumericFraction } from '../src/columnar/decimal.ts';
import { dateFromDays } from '../src/columnar/temporal.ts';

/** Large enough that a chunk costs little against its bytes, small enough to stay in the processor's cache. */
const chunkBytes = 128 * 1024;

const newline = 10;
const tab = 9;
const backslash = 92;
const zero = 48;

/**
 * The rows of a batch in PostgreSQL's COPY text format, some 128 KiB at a time. NULL is `\N`; backslash, tab, newline
 * and carriage return are escaped, as https://www.postgresql.org/docs/current/sql-copy.html says.
 */
export function* copyText(batch: Batch): Generator<Uint8Array> {
  const out = new TextWriter();
  const cells = batch.columns.map((column) => cellWriter(column, out));
  for (let row = 0; row < batch.rows; row++) {
    for (let i = 0; i < cells.length; i++) {
      if (i > 0) out.byte(tab);
      if (isNull(batch.columns[i]!, row)) out.null();
      else cells[i]!(row);
    }
    out.byte(newline);
    if (out.length >= chunkBytes) yield out.take();
  }
  if (out.length > 0) yield out.take();
}

function cellWriter(column: Column, out: TextWriter): (row: number) => void {
  switch (column.kind) {
    case 'integer':
      return (row) => {
        out.integer(column.values[row]!);
      };
    case 'boolean':
      return (row) => {
        out.byte(column.values[row] === 0 ? 102 : 116);
      };
    case 'date':
      return (row) => {
        out.date(column.values[row]!);
      };
    case 'time':
      return (row) => {
        out.time(column.values[row]!);
      };
    case 'text':
      return (row) => {
        out.text(column.bytes, column.offsets[row]!, column.offsets[row + 1]!);
      };
    case 'decimal':
      return (row) => {
        out.ascii(decimalText(column, row));
      };
    case 'numeric': {
      const { decimal, exact } = column;
      return (row) => {
        if (isNull(exact, row)) out.ascii(decimalText(decimal, row, leastNumericFraction));
        else out.text(exact.bytes, exact.offsets[row]!, exact.offsets[row + 1]!);
      };
    }
  }
}

class TextWriter {
  length = 0;
  /** Room for any cell but text beyond the chunk's end, so that only text has to ask for more. */
  #bytes = new Uint8Array(chunkBytes + 4096);

  take(): Uint8Array {
    const chunk = this.#bytes.subarray(0, this.length);
    this.#bytes = new Uint8Array(chunkBytes + 4096);
    this.length = 0;
    return chunk;
  }

  byte(value: number): void {
    this.#reserve(1);
    this.#bytes[this.length++] = value;
  }

  null(): void {
    this.byte(backslash);
    this.byte(78);
  }

  integer(value: number): void {
    this.#reserve(11);
    let rest = value;
    if (rest < 0) {
      this.#bytes[this.length++] = 45;
      rest = -rest;
    }
    let count = 1;
    for (let limit = 10; rest >= limit; limit *= 10) count++;
    this.#digits(rest, count);
  }

  date(days: number): void {
    this.#reserve(10);
    const { year, month, day } = dateFromDays(days);
    this.#digits(year, 4);
    this.#bytes[this.length++] = 45;
    this.#digits(month, 2);
    this.#bytes[this.length++] = 45;
    this.#digits(day, 2);
  }

  time(micros: number): void {
    this.#reserve(15);
    const seconds = Math.floor(micros / 1_000_000);
    this.#digits(Math.floor(seconds / 3600), 2);
    this.#bytes[this.length++] = 58;
    this.#digits(Math.floor(seconds / 60) % 60, 2);
    this.#bytes[this.length++] = 58;
    this.#digits(seconds % 60, 2);
    const fraction = micros % 1_000_000;
    if (fraction === 0) return;
    this.#bytes[this.length++] = 46;
    this.#digits(fraction, 6);
  }

  ascii(text: string): void {
    this.#reserve(text.length);
    for (let i = 0; i < text.length; i++) this.#bytes[this.length++] = text.charCodeAt(i);
  }

  text(source: Uint8Array, start: number, end: number): void {
    this.#reserve(2 * (end - start));
    for (let i = start; i < end; i++) {
      const byte = source[i]!;
      const escape =
        byte === backslash ? backslash : byte === newline ? 110 : byte === tab ? 116 : byte === 13 ? 114 : 0;
      if (escape !== 0) this.#bytes[this.length++] = backslash;
      this.#bytes[this.length++] = escape === 0 ? byte : escape;
    }
  }

  #digits(value: number, count: number): void {
    let rest = value;
    for (let i = this.length + count - 1; i >= this.length; i--) {
      const quotient = Math.floor(rest / 10);
      this.#bytes[i] = zero + (rest - quotient * 10);
      rest = quotient;
    }
    this.length += count;
  }

  #reserve(count: number): void {
    if (this.length + count <= this.#bytes.length) return;
    const larger = new Uint8Array((this.length + count) * 2);
    larger.set(this.#bytes.subarray(0, this.length));
    this.#bytes = larger;
  }
}
