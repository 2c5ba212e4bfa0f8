/**
 * Where the lake's objects live. Two adapters implement it: S3 and a folder. Objects are never overwritten: both
 * writes are atomic and fail or decline when the key is taken. Every method throws LakeUnavailable for a passing
 * fault and LakeRefused where trying again cannot help.
 */
export interface ObjectStore {
  /** Where it is, for messages: `s3://bucket/prefix` or a folder's path. */
  readonly uri: string;

  /** The object's bytes, or undefined where there is no such key. */
  get(key: string): Promise<Uint8Array | undefined>;

  /** The object's bytes as they arrive. Throws LakeCorrupt where there is no such key: only manifests may be absent. */
  stream(key: string): AsyncIterable<Uint8Array>;

  /** Writes a whole object iff the key is free. Resolves to false, with nothing written, where it is taken. */
  putIfAbsent(key: string, body: Uint8Array): Promise<boolean>;

  /**
   * Writes an object of unknown length as its bytes arrive, without holding it in memory. When `body` throws, nothing
   * becomes visible and its error is thrown on. Throws LakeRefused where the key is taken.
   */
  upload(key: string, body: AsyncIterable<Uint8Array>): Promise<void>;

  /** Up to `limit` (at most 1000) keys that start with `prefix` and sort after `after`, in byte order. */
  list(prefix: string, after?: string, limit?: number): Promise<string[]>;
}
