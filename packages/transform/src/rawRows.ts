import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createZstdDecompress } from 'node:zlib';
import {
  decode,
  LakeCorrupt,
  messageOf,
  streamVerified,
  type DecodedBatch,
  type ObjectRef,
  type ObjectStore,
  type Projected,
  type RawTable,
} from '@totes/core';

/** Rows of one raw object, as far as they were decoded together. */
export interface RawBatch {
  readonly object: ObjectRef;
  readonly batch: DecodedBatch;
}

/** The rows of a raw table's objects, decoded as the projection asks. Throws LakeCorrupt where they cannot be. */
export async function* rawRows(
  store: ObjectStore,
  table: Pick<RawTable, 'format' | 'objects'> & { readonly columns: readonly { readonly name: string }[] },
  projection: readonly Projected[],
): AsyncGenerator<RawBatch> {
  const raw = { format: table.format, columns: table.columns.map(({ name }) => name) };
  for (const object of table.objects) {
    try {
      for await (const batch of decode(decompressed(store, object), raw, projection)) yield { object, batch };
    } catch (error) {
      if (!isBadBytes(error)) throw error;
      throw new LakeCorrupt(`${store.uri}/${object.key}: ${messageOf(error)}`, { cause: error });
    }
  }
}

async function* decompressed(store: ObjectStore, object: ObjectRef): AsyncGenerator<Uint8Array> {
  const zstd = createZstdDecompress({ chunkSize: 256 * 1024 });
  const copied = pipeline(Readable.from(streamVerified(store, object)), zstd);
  // The same failure reaches the loop below through the stream; here it would only be reported twice.
  copied.catch(() => undefined);
  try {
    // The decompressor may be done before its input has ended, and the input's end is where the checksum is verified.
    for await (const chunk of zstd.iterator({ destroyOnReturn: false })) yield chunk as Uint8Array;
    await copied;
  } finally {
    zstd.destroy();
  }
}

/** Whether the decoder or the decompressor could not make sense of the bytes. */
function isBadBytes(error: unknown): boolean {
  if (error instanceof RangeError) return true;
  return error instanceof Error && 'code' in error && String(error.code).startsWith('ZSTD_');
}
