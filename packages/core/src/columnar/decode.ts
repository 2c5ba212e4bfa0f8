import type { RawFormat } from '../lake/manifest.ts';
import type { ColumnType } from '../tables/types.ts';
import { Cells, type RowReader } from './cells.ts';
import type { Batch, Column } from './column.ts';
import { csvHeader, csvReader } from './csv.ts';
import { jsonReader } from './jsonLines.ts';
import { readColumn, type Reading } from './readColumn.ts';

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
  let source: Source | undefined;
  let firstRow = 0;
  let rest: Uint8Array = new Uint8Array();
  for await (let block of blocks(chunks)) {
    if (rest.length > 0) block = Buffer.concat([rest, block]);
    if (source === undefined) {
      const opened = open(block, raw, projection);
      if (opened === undefined) {
        rest = block;
        continue;
      }
      source = opened.source;
      block = block.subarray(opened.start);
    }
    rest = block.subarray(source.cells.read(block, source.reader));
    if (source.cells.rows === 0) continue;
    yield batchOf(source, firstRow);
    firstRow += source.cells.rows;
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

/** What rows are read from, and what is made of them. */
interface Source {
  readonly reader: RowReader;
  readonly cells: Cells;
  readonly projection: readonly Projected[];
  /** For each column of the object, the places in the projection of what is made of it. */
  readonly uses: readonly (readonly number[])[];
}

function open(
  block: Uint8Array,
  { format, columns }: { readonly format: RawFormat; readonly columns: readonly string[] },
  projection: readonly Projected[],
): { source: Source; start: number } | undefined {
  const source = (reader: RowReader, names: readonly string[]): Source => {
    const missing = projection.find((column) => !names.includes(column.source));
    if (missing !== undefined) throw new RangeError(`the object has no column ${missing.source}`);
    const uses = names.map((name) => [...projection.keys()].filter((i) => projection[i]!.source === name));
    return { reader, cells: new Cells(names.length), projection, uses };
  };
  if (format === 'json') return { source: source(jsonReader(columns), columns), start: 0 };
  const end = headerEnd(block);
  if (end < 0) return undefined;
  const header = csvHeader(Buffer.from(block.subarray(0, end)).toString('utf8'));
  return { source: source(csvReader(header.length), header), start: end + 1 };
}

/** Where CSV's header line ends: a name in quotes may hold a line end. */
function headerEnd(block: Uint8Array): number {
  let quoted = false;
  return block.findIndex((byte) => {
    if (byte === quote) quoted = !quoted;
    return byte === newline && !quoted;
  });
}

function batchOf({ cells, projection, uses }: Source, firstRow: number): DecodedBatch {
  const { rows, columns: width, bytes, starts, ends, end } = cells;
  const columns: Column[] = [];
  const reasons = new Map<number, string>();
  const fault = (row: number, reason: string): void => {
    if (!reasons.has(row)) reasons.set(row, reason);
  };
  for (const [index, places] of uses.entries()) {
    for (const place of places) {
      const { type, reading, nullable, source } = projection[place]!;
      const column = readColumn(cells, index, type, reading, (row, why) => {
        const at = row * width + index;
        const text = Buffer.from(bytes.subarray(starts[at], ends[at])).toString('utf8');
        fault(row, `${source} ${JSON.stringify(text)} ${why}`);
      });
      columns[place] = column;
      if (nullable || ('valid' in column && column.valid === null)) continue;
      for (let row = 0, at = index; row < rows; row++, at += width) {
        if (ends[at]! < 0) fault(row, `${source} is NULL, which the star does not allow there`);
      }
    }
  }
  // The cells are used for the next block, before which somebody may not have asked for a row yet.
  const rowStarts = cells.rowStarts.slice(0, rows);
  return {
    rows,
    columns,
    firstRow,
    faults: [...reasons].sort(([a], [b]) => a - b).map(([row, reason]) => ({ row, reason })),
    rawRow: (row) =>
      Buffer.from(bytes.subarray(rowStarts[row], row + 1 < rows ? rowStarts[row + 1]! - 1 : end)).toString('utf8'),
  };
}
