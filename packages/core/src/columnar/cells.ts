import { grown } from './grown.ts';

const firstRows = 1024;
const firstBytes = 4096;

/**
 * Where the cells of rows stand in a block of bytes: what a reader of a format finds, and columns are made of. One is used for
 * block after block, so that finding cells allocates nothing.
 */
export class Cells {
  readonly columns: number;
  /** Whole rows. */
  rows = 0;
  /** The block, and behind it, once it was read, the texts that had to be unescaped. */
  bytes: Uint8Array = new Uint8Array();
  /** Of each cell, row after row: its text is `bytes` from its start to its end. An end of -1 is NULL. */
  starts: Int32Array;
  ends: Int32Array;
  /** Where each row starts in the block. */
  rowStarts = new Int32Array(firstRows);
  /** Where the last row ends, without the line's end. */
  end = 0;
  #first = 0;
  #unescaped = new Uint8Array(firstBytes);
  #unescapedBytes = 0;

  constructor(columns: number) {
    this.columns = columns;
    this.starts = new Int32Array(firstRows * columns);
    this.ends = new Int32Array(firstRows * columns);
  }

  /**
   * Finds the cells of a block.
   *
   * @returns where the first row starts that is not whole
   * @throws RangeError where the bytes break the format
   */
  read(block: Uint8Array, reader: RowReader): number {
    this.bytes = block;
    this.rows = this.#first = this.#unescapedBytes = 0;
    const next = reader(block, this);
    if (this.#unescapedBytes > 0) {
      this.bytes = Buffer.concat([block, this.#unescaped.subarray(0, this.#unescapedBytes)]);
    }
    return next;
  }

  /** A cell of the row in progress, which may come in any order. */
  cell(column: number, start: number, end: number): void {
    this.starts[this.#first + column] = start;
    this.ends[this.#first + column] = end;
  }

  nullCell(column: number): void {
    this.ends[this.#first + column] = -1;
  }

  /** A cell whose text `write` makes, of at most so many bytes, in the bytes that it is given; it returns how many. */
  unescapedCell(column: number, mostBytes: number, write: (out: Uint8Array) => number): void {
    const start = this.#unescapedBytes;
    if (start + mostBytes > this.#unescaped.length) {
      this.#unescaped = grown(this.#unescaped, (start + mostBytes) * 2);
    }
    this.#unescapedBytes += write(this.#unescaped.subarray(start));
    this.cell(column, this.bytes.length + start, this.bytes.length + this.#unescapedBytes);
  }

  /** The row in progress is whole; its raw text is the block from start to end, without the line's end. */
  endRow(start: number, end: number): void {
    this.rowStarts[this.rows++] = start;
    this.end = end;
    this.#first += this.columns;
    if (this.rows < this.rowStarts.length) return;
    this.rowStarts = grown(this.rowStarts, this.rows * 2);
    this.starts = grown(this.starts, this.#first * 2);
    this.ends = grown(this.ends, this.#first * 2);
  }
}

/** Reads the whole rows of `bytes` and returns where the first row starts that is not whole. Throws RangeError. */
export type RowReader = (bytes: Uint8Array, cells: Cells) => number;

/** The cells of rows given as texts. */
export function cellsOf(columns: number, rows: readonly (readonly (string | null)[])[]): Cells {
  const cells = new Cells(columns);
  const texts = rows.flat().map((text) => Buffer.from(text ?? ''));
  cells.read(Buffer.concat(texts), (bytes) => {
    let at = 0;
    for (const [row, values] of rows.entries()) {
      for (const [column, value] of values.entries()) {
        const { length } = texts[row * columns + column]!;
        if (value === null) cells.nullCell(column);
        else cells.cell(column, at, at + length);
        at += length;
      }
      cells.endRow(at, at);
    }
    return bytes.length;
  });
  return cells;
}
