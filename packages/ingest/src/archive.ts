import { createHash } from 'node:crypto';
import { pipeline } from 'node:stream/promises';
import { constants, createZstdCompress } from 'node:zlib';
import type { ObjectRef, ObjectStore } from '@totes/core';
import type { Client } from 'pg';
import { CopyOut } from './copyOut.ts';
import { storeObject } from './storeObject.ts';

/**
 * The fastest level is the best one for rows like those of totesys: a million sales orders, 101 MB of CSV, become 27 MB
 * in 0.5 s; level 3 makes 29 MB of them in 1.2 s. JSON lines behave alike.
 */
const level = 1;

/** Compressed bytes come in blocks as large as those that are read. */
const compressedBlockBytes = 256 * 1024;

/** Rows to bring into the lake. */
export interface Archive {
  /** A COPY … TO STDOUT statement. */
  readonly copy: string;
  /** What stands before the rows; not part of their hash. */
  readonly header: string;
  readonly key: string;
  /** The hash that the rows must not have: that of rows which are in the lake already. */
  readonly known: string | undefined;
  readonly onRows: (rows: number) => void;
}

/** What became of them. */
export interface Archived {
  /** How many were read. */
  readonly rows: number;
  /** Of the rows read, uncompressed, without the header. */
  readonly contentSha256: string;
  /** Absent where there were no rows, or none that is new. */
  readonly object: ObjectRef | undefined;
}

/** Streams rows from the server through zstd into an object of the lake; no more than some blocks are in memory. */
export async function archive(source: Client, store: ObjectStore, wanted: Archive): Promise<Archived> {
  const copy = source.query(new CopyOut(wanted.copy));
  const hash = createHash('sha256');
  let contentSha256 = '';
  let object: Omit<ObjectRef, 'rows'> | undefined;
  await pipeline(
    copy,
    async function* (blocks: AsyncIterable<Buffer>) {
      yield Buffer.from(wanted.header);
      for await (const block of blocks) {
        hash.update(block);
        wanted.onRows(copy.rows);
        yield block;
      }
      contentSha256 = hash.digest('hex');
    },
    createZstdCompress({
      chunkSize: compressedBlockBytes,
      params: { [constants.ZSTD_c_compressionLevel]: level },
    }),
    async (compressed: AsyncIterable<Buffer>) => {
      const isWanted = (): boolean => copy.rows > 0 && contentSha256 !== wanted.known;
      object = await storeObject(store, wanted.key, compressed, isWanted);
    },
  );
  return { rows: copy.rows, contentSha256, object: object && { ...object, rows: copy.rows } };
}
