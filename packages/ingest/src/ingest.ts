import { CommitConflict, type RawBucket, type RawFormat } from '@totes/core';
import type { Client } from 'pg';
import { inLook, type LookOptions, type OpenLook } from './look.ts';
import { nextManifest, type Look } from './nextManifest.ts';
import type { CaptureModes } from './plan.ts';
import { usualSliceBlocks } from './slices/cut.ts';
import { gather } from './slices/gather.ts';
import type { IngestProgress } from './slices/progress.ts';
import { readSlices, type Readers } from './slices/readSlices.ts';

/** What to read, and how to write it. */
export interface ReadOptions {
  readonly format: RawFormat;
  /** The source's schema, `public` by default. */
  readonly schema?: string;
  /** Tables to capture by last_updated; all others are captured exactly. */
  readonly capture?: CaptureModes;
  /** Tables that are not archived, by default those that tools keep for themselves. */
  readonly ignore?: readonly string[];
  /** Columns that the star needs, as `table.column`, that may be narrower than before or others under the same name. */
  readonly acceptNarrowed?: readonly string[];
  /** The most blocks of a table that are read at a time. */
  readonly sliceBlocks?: number;
}

export interface IngestOptions {
  /** As `connectPostgres` makes it; used for nothing else meanwhile. Needs CONNECT, USAGE and SELECT, no more. */
  readonly source: Client;
  readonly raw: RawBucket;
  readonly options: ReadOptions;
  /** Of this run alone: another run with the same id would find its keys taken. */
  readonly runId: string;
  readonly codeVersion: string;
  readonly now: () => Date;
  /** More connections, to read large tables with. */
  readonly readers?: Readers | undefined;
  /** Called where the log is empty, before the source is read; what it throws ends the run. */
  readonly beforeFirst?: () => Promise<void>;
  readonly onProgress?: (progress: IngestProgress) => void;
}

export interface IngestResult {
  /** The head of the raw log. */
  readonly version: number;
  /** Whether this run made it. */
  readonly committed: boolean;
  /** Rows that the version brings, by source table; 0 where a table had none that is new. */
  readonly read: Readonly<Record<string, number>>;
  /** Keys that were asked for and are not in the source any more, by source table; no table without any. */
  readonly deleted: Readonly<Record<string, number>>;
  /** How many requests to look again this run served. */
  readonly served: number;
  /** Why everything was read again, where it was. */
  readonly fullReadBecause?: string;
  /** What a person should know, such as a table that could not be archived. */
  readonly notices: readonly string[];
  /** Those of the notices that tell which tables and columns came, went or changed since the version before. */
  readonly schemaChanges: readonly string[];
  /** The size of the version's objects as stored; 0 where it made none. */
  readonly bytes: number;
}

/** Of Prisma, which totesys is made with. */
const defaultIgnore = ['_prisma_migrations'];

/** Losing a race more often means that the schedule runs far too many at once. */
const mostLooks = 5;

/**
 * Brings what changed in the source since the head of the raw log into the lake, as its next version; commits nothing
 * where nothing changed. May run any number of times, and twice at once: whoever loses the race for the next version
 * takes a new look, because what is new depends on the version before.
 *
 * @throws SourceUnavailable, SourceRefused, SourceSchemaDrift, ConfigInvalid, CommitConflict, LakeUnavailable,
 *   LakeRefused, LakeCorrupt, ManifestUnsupported; nothing is committed then
 */
export async function ingest(run: IngestOptions): Promise<IngestResult> {
  const result = await ingestUnless(run, () => false);
  return result as IngestResult;
}

/** A look at the source that would have read so much that it read nothing. */
export interface LargeLook {
  /** The head of the raw log. */
  readonly version: number;
  readonly committed: false;
  /** How many there are to read. */
  readonly slices: number;
}

/** As `ingest` does, unless what there is to read is found to be too much: nothing is read then. */
export async function ingestUnless(
  run: IngestOptions,
  isLarge: (look: OpenLook) => boolean,
): Promise<IngestResult | LargeLook> {
  const { raw, runId, codeVersion } = run;
  let head = 0;
  for (let looks = 1; looks <= mostLooks; looks++) {
    head = await raw.log.head(head);
    const previous = head === 0 ? undefined : await raw.log.read(head);
    if (previous === undefined) await run.beforeFirst?.();
    const options = lookOptions(run, looks === 1 ? runId : `${runId}-${looks}`, run.now());
    const { format } = run.options;
    const look = await inLook(options, previous, async (open) => {
      if (isLarge(open)) return open.slices.length;
      return gather(open, format, await readSlices({ ...options, format }, open, run.readers, run.onProgress));
    });
    if (typeof look === 'number') return { version: head, committed: false, slices: look };
    const manifest = nextManifest(previous, look, format, { runId, codeVersion, at: run.now() });
    if (manifest === undefined) return { version: head, committed: false, ...summary(look, head === 0) };
    if (await raw.log.commit(manifest))
      return { version: manifest.version, committed: true, ...summary(look, head === 0) };
  }
  throw new CommitConflict(
    `${raw.store.uri}: other runs committed first ${mostLooks} times, the last of them version ${head + 1}: ` +
      'run again, and see that not so many run at once',
  );
}

/** What a look goes by. */
export function lookOptions(
  { source, raw, options }: Pick<IngestOptions, 'source' | 'raw' | 'options'>,
  folder: string,
  at: Date,
): LookOptions {
  const { schema = 'public', capture = {}, ignore = defaultIgnore, acceptNarrowed = [] } = options;
  const { sliceBlocks = usualSliceBlocks } = options;
  return { source, raw, schema, capture, ignore, acceptNarrowed, folder, at, sliceBlocks };
}

/**
 * What a look brought.
 *
 * @param first whether there was no version before
 */
export function summary(
  { tables, asked, fullReadBecause, notices, schemaChanges }: Look,
  first: boolean,
): Omit<IngestResult, 'version' | 'committed'> {
  const read = Object.fromEntries(
    tables.map(({ plan, rows: { objects } }) => [plan.table.name, objects.reduce((sum, { rows }) => sum + rows, 0)]),
  );
  const deleted = Object.fromEntries(
    tables.flatMap(({ plan, deleted }) => (deleted === undefined ? [] : [[plan.table.name, deleted.rows]])),
  ) as Record<string, number>;
  const objects = tables.flatMap(({ rows, deleted }) => [...rows.objects, ...(deleted ? [deleted] : [])]);
  const bytes = objects.reduce((sum, object) => sum + object.bytes, 0);
  const counts = { read, deleted, served: asked.requests, schemaChanges, bytes };
  const told = [...notices, ...schemaChanges];
  if (fullReadBecause === undefined) return { ...counts, notices: told };
  const again = first ? [] : [`everything was read again: ${fullReadBecause}`];
  return { ...counts, fullReadBecause, notices: [...again, ...told] };
}
