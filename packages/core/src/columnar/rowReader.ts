/** Where a reader puts what it finds. A row's cells come in any order; `endRow` closes it. */
export interface RowSink {
  /** A cell's text, unquoted and unescaped, in `bytes` from start to end; the bytes are reused afterwards. */
  cell(column: number, bytes: Uint8Array, start: number, end: number): void;
  nullCell(column: number): void;
  /** The row is whole; its raw text is `bytes` from start to end, without the line's end. */
  endRow(bytes: Uint8Array, start: number, end: number): void;
  /** The row in progress was not whole yet: forget its cells. It comes again, with more bytes after it. */
  abandonRow(): void;
}

/**
 * Reads whole rows from `bytes` into the sink and returns where the first incomplete row starts. Throws RangeError
 * where the bytes break the format.
 */
export type RowReader = (bytes: Uint8Array, sink: RowSink) => number;

/** Room for a cell's text that has to be unescaped first; grows to the longest seen. */
export class Scratch {
  bytes = new Uint8Array(4096);
  reserve(length: number): void {
    if (this.bytes.length < length) this.bytes = new Uint8Array(length * 2);
  }
}
