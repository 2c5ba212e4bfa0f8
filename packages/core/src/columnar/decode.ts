import type { RawFormat } from '../lake/manifest.ts';
import type { ColumnType } from '../tables/types.ts';
import { columnBuilder, type ColumnBuilder, type Reading } from './builder.ts';
import type { Batch } from './column.ts';
import { csvHeader, csvReader } from './csv.ts';
import { jsonReader } from './jsonLines.ts';
import type { RowReader, RowSink } from './rowReader.ts';

/** A column to make of a raw object: which source column it comes from and how its text is read. */
export interface Projected {
  readonly name: string;
  readonly type: ColumnType;
  readonly nullable: boolean;
  readonly source: string;
  readonly reading: Reading;
}

/** Why a row cannot be used. */
export interface Fault {
  /** Within the batch. */
  readonly row: number;
  readonly reason: string;
}

/** Rows of a raw object, some a thousand at a time. */
export interface DecodedBatch extends Batch {
  /** How many rows of the object came before. */
  readonly firstRow: number;
  /** At most one a row, in the order of rows; such a row's columns are not to be used. */
  readonly faults: readonly Fault[];
  /** A row as it stands in the object, for quarantine. */
  rawRow(row: number): string;
}

/**
 * Bytes decoded at once: enough that the work for each batch is small beside the work for its rows, little enough that
 * a batch and its columns take a few megabytes.
 */
const blockBytes = 1024 * 1024;
const newline = 10;
const quote = 34;

/**
 * Decodes the bytes of a raw object straight into typed arrays, with no JavaScript object for a row. Columns are found
 * by name: in the header of CSV, in `columns` (as the manifest has them) for JSON lines. Throws RangeError where the
 * bytes break the format, a projected column is missing, or the last row is cut short.
 */
export async function* decode(
  chunks: AsyncIterable<Uint8Array>,
  raw: { readonly format: RawFormat; readonly columns: readonly string[] },
  projection: readonly Projected[],
): AsyncGenerator<DecodedBatch> {
  let reader: { rows: RowReader; columns: readonly string[] } | undefined;
  let firstRow = 0;
  let rest: Uint8Array = new Uint8Array();
  for await (let block of blocks(chunks)) {
    if (rest.length > 0) block = Buffer.concat([rest, block]);
    if (reader === undefined) {
      const opened = open(block, raw);
      if (opened === undefined) {
        rest = block;
        continue;
      }
      reader = opened;
      block = block.subarray(opened.start);
    }
    const batch = new BatchSink(projection, reader.columns, firstRow);
    rest = block.subarray(reader.rows(block, batch));
    if (batch.rows === 0) continue;
    firstRow += batch.rows;
    yield batch.finish();
  }
  if (rest.length > 0) throw new RangeError(`the object ends within row ${firstRow + 1}`);
}

async function* blocks(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let waiting: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of chunks) {
    waiting.push(chunk);
    bytes += chunk.length;
    if (bytes < blockBytes) continue;
    yield Buffer.concat(waiting);
    waiting = [];
    bytes = 0;
  }
  if (bytes > 0) yield Buffer.concat(waiting);
}

function open(
  block: Uint8Array,
  { format, columns }: { readonly format: RawFormat; readonly columns: readonly string[] },
): { rows: RowReader; columns: readonly string[]; start: number } | undefined {
  if (format === 'json') return { rows: jsonReader(columns), columns, start: 0 };
  const end = headerEnd(block);
  if (end < 0) return undefined;
  const header = csvHeader(Buffer.from(block.subarray(0, end)).toString('utf8'));
  return { rows: csvReader(header.length), columns: header, start: end + 1 };
}

/** Where CSV's header line ends: a name in quotes may hold a line end. */
function headerEnd(block: Uint8Array): number {
  let quoted = false;
  return block.findIndex((byte) => {
    if (byte === quote) quoted = !quoted;
    return byte === newline && !quoted;
  });
}

interface Target extends Projected {
  readonly builder: ColumnBuilder;
}

class BatchSink implements RowSink {
  rows = 0;
  readonly #targets: readonly Target[];
  /** For each column of the object, what is made of it. */
  readonly #byColumn: readonly (readonly Target[])[];
  readonly #firstRow: number;
  readonly #faults: Fault[] = [];
  readonly #rowStarts: number[] = [];
  #fault: string | undefined;
  #bytes: Uint8Array = new Uint8Array();
  #end = 0;

  constructor(projection: readonly Projected[], columns: readonly string[], firstRow: number) {
    const missing = projection.find(({ source }) => !columns.includes(source));
    if (missing !== undefined) throw new RangeError(`the object has no column ${missing.source}`);
    this.#targets = projection.map((column) => ({ ...column, builder: columnBuilder(column.type, column.reading) }));
    this.#byColumn = columns.map((name) => this.#targets.filter(({ source }) => source === name));
    this.#firstRow = firstRow;
  }

  cell(column: number, bytes: Uint8Array, start: number, end: number): void {
    const targets = this.#byColumn[column]!;
    for (const target of targets) {
      const why = target.builder.push(bytes, start, end);
      if (why !== undefined) {
        const text = JSON.stringify(Buffer.from(bytes.subarray(start, end)).toString('utf8'));
        this.#fault ??= `${target.source} ${text} ${why}`;
      }
    }
  }

  nullCell(column: number): void {
    const targets = this.#byColumn[column]!;
    for (const { builder, source, nullable } of targets) {
      builder.pushNull();
      if (!nullable) this.#fault ??= `${source} is NULL, which the star does not allow there`;
    }
  }

  endRow(bytes: Uint8Array, start: number, end: number): void {
    if (this.#fault !== undefined) {
      this.#faults.push({ row: this.rows, reason: this.#fault });
      this.#fault = undefined;
    }
    this.#bytes = bytes;
    this.#rowStarts.push(start);
    this.#end = end;
    this.rows++;
  }

  abandonRow(): void {
    for (const { builder } of this.#targets) builder.truncate(this.rows);
    this.#fault = undefined;
  }

  finish(): DecodedBatch {
    const [bytes, starts, end] = [this.#bytes, this.#rowStarts, this.#end];
    return {
      rows: this.rows,
      columns: this.#targets.map(({ builder }) => builder.finish()),
      firstRow: this.#firstRow,
      faults: this.#faults,
      rawRow: (row) =>
        Buffer.from(bytes.subarray(starts[row], row + 1 < starts.length ? starts[row + 1]! - 1 : end)).toString('utf8'),
    };
  }
}
