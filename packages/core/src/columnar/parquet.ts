import { tableFromIPC, tableToIPC } from 'apache-arrow';
import {
  Compression,
  readParquet as readWasm,
  Table as WasmTable,
  writeParquet as writeWasm,
  WriterPropertiesBuilder,
} from 'parquet-wasm';
import { fromArrow, toArrow } from './arrow.ts';
import type { Batch, Schema } from './column.ts';

/**
 * Rows of one Parquet object. Large enough that column statistics and compression work on long runs, small enough that
 * encoding one holds some tens of megabytes; a first load of a large table becomes many objects that load side by side.
 */
export const rowsPerObject = 250_000;

/** Rows handed on at a time when an object is read: bounds what is decoded at once. */
const rowsPerBatch = 16_384;

/** The batches as one Parquet object, compressed with zstd. The same rows give the same bytes. */
export function writeParquet(batches: readonly Batch[], schema: Schema): Uint8Array {
  const properties = new WriterPropertiesBuilder()
    .setCompression(Compression.ZSTD)
    .setCreatedBy('totesys-warehouse')
    .build();
  const table = WasmTable.fromIPCStream(tableToIPC(toArrow(batches, schema), 'stream'));
  return writeWasm(table, properties);
}

/** The rows of a Parquet object, its columns by name in the schema's order. Throws RangeError for a missing column. */
export function readParquet(bytes: Uint8Array, schema: Schema): Batch[] {
  const table = tableFromIPC(readWasm(bytes, { batchSize: rowsPerBatch }).intoIPCStream());
  return table.batches.map((batch) => fromArrow(batch, schema));
}
