import { createHash } from 'node:crypto';
import { LakeCorrupt } from '../errors.ts';
import { Log } from './log.ts';
import type { ObjectRef, ProcessedManifest, RawManifest } from './manifest.ts';
import type { ObjectStore } from './objectStore.ts';
import { sha256 } from './sha256.ts';

/** One bucket of the lake: its objects and the log that says which of them count. */
export interface Bucket<M extends RawManifest | ProcessedManifest> {
  readonly store: ObjectStore;
  readonly log: Log<M>;
}

export type RawBucket = Bucket<RawManifest>;
export type ProcessedBucket = Bucket<ProcessedManifest>;

export const rawBucket = (store: ObjectStore): RawBucket => ({ store, log: new Log<RawManifest>(store, 'raw') });

export const processedBucket = (store: ObjectStore): ProcessedBucket => ({
  store,
  log: new Log<ProcessedManifest>(store, 'processed'),
});

/** Reads a whole object and checks it against its manifest. Throws LakeCorrupt where they differ. */
export async function readVerified(store: ObjectStore, ref: ObjectRef): Promise<Uint8Array> {
  const bytes = await store.get(ref.key);
  if (bytes === undefined) throw new LakeCorrupt(`${store.uri}/${ref.key} is missing, though a manifest names it`);
  verify(store, ref, bytes.length, sha256(bytes));
  return bytes;
}

/**
 * Streams an object and checks it against its manifest as the last byte passes. Throws LakeCorrupt then, so nothing
 * derived from the bytes may take effect before the stream has ended.
 */
export async function* streamVerified(store: ObjectStore, ref: ObjectRef): AsyncGenerator<Uint8Array> {
  const hash = createHash('sha256');
  let length = 0;
  for await (const chunk of store.stream(ref.key)) {
    hash.update(chunk);
    length += chunk.length;
    yield chunk;
  }
  verify(store, ref, length, hash.digest('hex'));
}

function verify(store: ObjectStore, ref: ObjectRef, bytes: number, digest: string): void {
  if (bytes === ref.bytes && digest === ref.sha256) return;
  throw new LakeCorrupt(
    `${store.uri}/${ref.key} has ${bytes} bytes and sha256 ${digest}; its manifest says ${ref.bytes} bytes and ${ref.sha256}: ` +
      'restore the object from its bucket version or a copy',
  );
}

/**
 * Writes an object whose name carries its content, so that two writers of the same key write the same bytes and an
 * object in force can never be replaced by another.
 */
export async function writeContent(
  store: ObjectStore,
  object: { readonly folder: string; readonly name: string; readonly extension: string; readonly rows: number },
  body: Uint8Array,
): Promise<ObjectRef> {
  const digest = sha256(body);
  const key = `${object.folder}/${object.name}-${digest.slice(0, 12)}.${object.extension}`;
  await store.putIfAbsent(key, body);
  return { key, rows: object.rows, bytes: body.length, sha256: digest };
}
