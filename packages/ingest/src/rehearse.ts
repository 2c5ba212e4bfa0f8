import { rawBucket, type ObjectStore } from '@totes/core';
import { ingestUnless, type IngestOptions, type IngestResult } from './ingest.ts';

/** What the next run of ingest would find. */
export interface Rehearsal {
  /** Why it would read everything, where it would; nothing was read then. */
  readonly everythingBecause?: string;
  /** What it would bring; absent where nothing was read, because that is everything or has a large table whole. */
  readonly found?: IngestResult;
}

/**
 * Does what `ingest` does and keeps none of it: the lake stays as it is. Changes are read, so that what is told is exact;
 * whole tables that are large are not.
 *
 * @throws as `ingest` does, but CommitConflict
 */
export async function rehearse(run: IngestOptions): Promise<Rehearsal> {
  let everythingBecause: string | undefined;
  const found = await ingestUnless({ ...run, raw: rawBucket(keepingNothing(run.raw.store)) }, (look) => {
    everythingBecause = look.fullReadBecause;
    return everythingBecause !== undefined || look.slices.some(({ blocks }) => blocks !== undefined);
  });
  if (!('slices' in found)) return { found };
  return everythingBecause === undefined ? {} : { everythingBecause };
}

const keepingNothing = (store: ObjectStore): ObjectStore => ({
  uri: store.uri,
  get: (key) => store.get(key),
  stream: (key) => store.stream(key),
  list: (prefix, after, limit) => store.list(prefix, after, limit),
  putIfAbsent: () => Promise.resolve(true),
  async upload(_key, body) {
    const chunks = body[Symbol.asyncIterator]();
    while ((await chunks.next()).done !== true);
  },
});
