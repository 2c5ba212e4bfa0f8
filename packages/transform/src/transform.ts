import {
  LakeMismatch,
  manifestFormat,
  type Compacted,
  type ProcessedBucket,
  type ProcessedManifest,
  type RawBucket,
  type RawManifest,
} from '@totes/core';
import { compact } from './compact/compact.ts';
import { SetAsideRows } from './setAsideRows.ts';
import { readState, writeState, type TransformState } from './state.ts';
import { transformVersion } from './version.ts';

export interface TransformOptions {
  readonly raw: RawBucket;
  readonly processed: ProcessedBucket;
  readonly runId: string;
  readonly codeVersion: string;
  readonly now: () => Date;
  /** Versions from one compaction of the log to the next; 64 where absent. */
  readonly compactAfter?: number;
  readonly onProgress?: (progress: { readonly version: number; readonly table: string; readonly rows: number }) => void;
}

export interface TransformResult {
  /** The head of the processed log afterwards. */
  readonly version: number;
  /** The versions that this call committed. */
  readonly transformed: readonly number[];
  /** Star rows written, by warehouse table. */
  readonly rows: Readonly<Record<string, number>>;
  /** Rows set aside in those versions. */
  readonly quarantined: number;
  /** Rows that the warehouse lacks at the head because they are set aside. */
  readonly waiting: number;
  /** The size of the objects written, as stored. */
  readonly bytes: number;
}

interface Position {
  readonly state: TransformState;
  readonly manifest: ProcessedManifest | undefined;
}

interface Run extends TransformOptions {
  readonly setAside: SetAsideRows;
}

/**
 * Brings the processed log up to the head of the raw log, a version at a time. Safe to call at any time, by any number
 * of callers: a version that another has committed first is not done again. Throws LakeMismatch where the two logs are
 * not of one lake, LakeCorrupt where an object is not what its manifest says.
 */
export async function transform(options: TransformOptions): Promise<TransformResult> {
  const { raw, processed } = options;
  // In this order: another run that commits to both meanwhile must not make the processed log seem the longer one.
  const head = await processed.log.head(0, raw.log.newestSeen);
  const rawHead = await raw.log.head();
  if (head > rawHead) {
    throw new LakeMismatch(
      `${processed.store.uri} is at version ${head} but ${raw.store.uri} only at ${rawHead}: they are not one lake; ` +
        'name the pair that belongs together, or an empty folder for the processed log',
    );
  }
  const run: Run = { ...options, setAside: new SetAsideRows(raw.log) };
  const transformed: number[] = [];
  const rows: Record<string, number> = {};
  let quarantined = 0;
  let bytes = 0;
  let at: Position | undefined;
  let last = head === rawHead && head > 0 ? await processed.log.read(head) : undefined;
  for (let version = head + 1; version <= rawHead; version++) {
    at ??= await position(run, version - 1);
    const before = at.manifest;
    const { next, committed, compactedBytes } = await advance(run, at, await raw.log.read(version));
    at = next;
    last = next.manifest;
    if (!committed) continue;
    bytes += bytesOf(next.manifest, before) + compactedBytes;
    transformed.push(version);
    quarantined += next.manifest.quarantine.rows;
    const { tables, late = {} } = next.manifest;
    for (const [table, objects] of [...Object.entries(tables), ...Object.entries(late)]) {
      rows[table] = objects.reduce((sum, object) => sum + object.rows, rows[table] ?? 0);
    }
  }
  return { version: rawHead, transformed, rows, quarantined, waiting: last?.quarantine.waiting ?? 0, bytes };
}

async function position({ processed }: Run, version: number): Promise<Position> {
  const manifest = version === 0 ? undefined : await processed.log.read(version);
  return { manifest, state: await readState(processed.store, manifest) };
}

async function advance(
  options: Run,
  before: Position,
  raw: RawManifest,
): Promise<{ next: Position & { manifest: ProcessedManifest }; committed: boolean; compactedBytes: number }> {
  const { store, log } = options.processed;
  const { version } = raw;
  if (before.manifest !== undefined && before.manifest.lakeId !== raw.lakeId) {
    throw new LakeMismatch(
      `${store.uri} belongs to lake ${before.manifest.lakeId}, ${options.raw.store.uri} to ${raw.lakeId}: ` +
        'name the pair that belongs together, or an empty folder for the processed log',
    );
  }
  const { setAside } = options;
  const lake = { raw: options.raw.store, setAside, processed: store };
  const result = await transformVersion(lake, raw, before.state, (table, rows) =>
    options.onProgress?.({ version, table, rows }),
  );
  const objects = {
    tables: result.objects.of('tables'),
    ...optional('late', result.objects.of('late')),
    ...optional('deleted', result.objects.of('deleted')),
  };
  const compaction = await compact(options.processed, raw, objects, before.manifest, options.compactAfter);
  const previous = before.manifest && { state: before.state, refs: before.manifest.state };
  const manifest: ProcessedManifest = {
    format: manifestFormat,
    kind: 'processed',
    version,
    lakeId: raw.lakeId,
    runId: options.runId,
    committedAt: options.now().toISOString(),
    codeVersion: options.codeVersion,
    source: raw.source,
    ...objects,
    ...(result.state.rates > 0 && { rates: result.state.rates }),
    ...(compaction && { compacted: compaction.compacted }),
    ...newestCompaction(compaction?.compacted, version, before.manifest),
    state: await writeState(store, version, result.state, previous),
    quarantine: {
      ...result.quarantined,
      total: (before.manifest?.quarantine.total ?? 0) + result.quarantined.rows,
      waiting: result.state.open.filter(({ status }) => status === 'waiting').length,
    },
  };
  const compactedBytes = compaction?.bytes ?? 0;
  if (await log.commit(manifest)) return { next: { manifest, state: result.state }, committed: true, compactedBytes };
  // Another run transformed this version first; the next one builds on what is in force.
  const inForce = await log.read(version);
  return { next: { manifest: inForce, state: await readState(store, inForce) }, committed: false, compactedBytes };
}

/** Where the newest compaction is, as the manifest of a version says it. */
function newestCompaction(
  compacted: Compacted | undefined,
  version: number,
  before: ProcessedManifest | undefined,
): Pick<ProcessedManifest, 'compaction'> {
  if (compacted !== undefined) return { compaction: { version, to: compacted.to } };
  return before?.compaction === undefined ? {} : { compaction: before.compaction };
}

/** The bytes of a version's objects, without those of the state that are still the ones of the version before. */
function bytesOf(manifest: ProcessedManifest, before: ProcessedManifest | undefined): number {
  const { tables, deleted = {}, late = {}, state, quarantine } = manifest;
  const written = Object.entries(state).filter(([name, { key }]) => key !== before?.state[name]?.key);
  const objects = [
    ...[tables, deleted, late].flatMap((kind) => Object.values(kind).flat()),
    ...written.map(([, object]) => object),
    ...quarantine.objects,
  ];
  return objects.reduce((sum, object) => sum + object.bytes, 0);
}

/** A field of a manifest that is absent where it is empty. */
const optional = <Name extends string, Value extends object>(name: Name, value: Value): Partial<Record<Name, Value>> =>
  Object.keys(value).length === 0 ? {} : ({ [name]: value } as Record<Name, Value>);
