import { DataType, tableFromIPC, tableToIPC } from 'apache-arrow';
import {
  Compression,
  readParquet as readWasm,
  Table as WasmTable,
  transformParquetStream,
  WriterPropertiesBuilder,
  type RecordBatch,
  type WriterProperties,
} from 'parquet-wasm';
import { arrowFields, fromArrow, toArrow } from './arrow.ts';
import type { Batch, Schema } from './column.ts';

/**
 * Rows of one Parquet object: some 12 MB of a fact. Few enough that a first load of a large table becomes many objects,
 * which are written and loaded side by side, and that one is held in memory with ease; many enough that a reader spends its
 * time on rows and not on requests.
 */
export const rowsPerObject = 500_000;

/**
 * Rows of one row group, which is what is in memory uncompressed while an object is written or read. Readers that work on
 * row groups side by side, DuckDB among them, want some hundred thousand.
 */
const rowsPerGroup = 2 ** 17;

/** Rows handed on at a time when an object is read: bounds what is decoded at once. */
const rowsPerBatch = 16_384;

/** How a Parquet object ends. */
const magic = 'PAR1';

type Batches = Iterable<Batch> | AsyncIterable<Batch>;

/**
 * The batches as one Parquet object, compressed with zstd; no more of them are in memory than a row group has. The same
 * batches give the same bytes. Throws what the batches throw; there has to be one at least, though it be without rows.
 */
export async function writeParquet(batches: Batches, schema: Schema): Promise<Buffer> {
  const source = new RecordBatches(batches, schema);
  const stream = await transformParquetStream(new ReadableStream(source, { highWaterMark: 0 }), properties(schema));
  const written: Uint8Array[] = [];
  for await (const chunk of stream) written.push(chunk as Uint8Array);
  const bytes = Buffer.concat(written);
  source.check();
  // Where the writer fails, its stream ends as if all were well; what it had written so far would pass for an object.
  if (bytes.toString('latin1', bytes.length - magic.length) !== magic)
    throw new Error('parquet-wasm wrote half an object');
  return bytes;
}

/**
 * Texts and dates repeat, so a dictionary of their values is small. Keys, times and amounts hardly do: building one that is
 * given up later, for each row group, takes 0.4 of the time that encoding payments takes, and makes them a quarter larger.
 */
function properties(schema: Schema): WriterProperties {
  const plain = new WriterPropertiesBuilder()
    .setCompression(Compression.ZSTD)
    .setCreatedBy('totesys-warehouse')
    .setMaxRowGroupSize(rowsPerGroup)
    .setDictionaryEnabled(false);
  return arrowFields(schema)
    .filter(({ type }) => DataType.isUtf8(type) || DataType.isDate(type))
    .reduce((builder, { name }) => builder.setColumnDictionaryEnabled(name, true), plain)
    .build();
}

/** Batches in the memory of parquet-wasm, each moved there when it is asked for. */
class RecordBatches implements UnderlyingDefaultSource<RecordBatch> {
  #failure: { readonly error: unknown } | undefined;
  #ended = false;
  readonly #schema: Schema;
  readonly #batches: Iterator<Batch> | AsyncIterator<Batch>;

  constructor(batches: Batches, schema: Schema) {
    this.#schema = schema;
    this.#batches = Symbol.asyncIterator in batches ? batches[Symbol.asyncIterator]() : batches[Symbol.iterator]();
  }

  async pull(controller: ReadableStreamDefaultController<RecordBatch>): Promise<void> {
    try {
      const next = await this.#batches.next();
      if (next.done === true) {
        this.#ended = true;
        controller.close();
      } else this.#move(next.value, controller);
    } catch (error) {
      this.#failure = { error };
      throw error;
    }
  }

  /** Throws what the batches threw, and Error where not all of them were asked for: the writer tells of neither. */
  check(): void {
    if (this.#failure !== undefined) throw this.#failure.error;
    if (!this.#ended) throw new Error('parquet-wasm ended before its rows did');
  }

  async cancel(): Promise<void> {
    await this.#batches.return?.();
  }

  #move(batch: Batch, controller: ReadableStreamDefaultController<RecordBatch>): void {
    const table = WasmTable.fromIPCStream(tableToIPC(toArrow([batch], this.#schema), 'stream'));
    for (const moved of table.recordBatches()) controller.enqueue(moved);
    // The garbage collector does not see what WebAssembly holds.
    table.free();
  }
}

/** The rows of a Parquet object, its columns by name in the schema's order. Throws RangeError for a missing column. */
export function* readParquet(bytes: Uint8Array, schema: Schema): Generator<Batch> {
  for (let offset = 0, read = rowsPerGroup; read === rowsPerGroup; offset += read) {
    const window = readWasm(bytes, { batchSize: rowsPerBatch, offset, limit: rowsPerGroup });
    const table = tableFromIPC(window.intoIPCStream());
    read = table.numRows;
    for (const batch of table.batches) yield fromArrow(batch, schema);
  }
}
