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
import type { SetAsideRows } from './setAsideRows.ts';
import type { SliceWork } from './slices/factSlice.ts';
import type { SliceRunner } from './slices/runner.ts';
import { readState, writeState, type TransformState } from './state.ts';
import { VersionTransform } from './version.ts';

/** What a version of the processed log is made with. */
export interface Advancing {
  readonly raw: RawBucket;
  readonly processed: ProcessedBucket;
  readonly runId: string;
  readonly codeVersion: string;
  readonly now: () => Date;
  readonly compactAfter?: number;
  readonly setAside: SetAsideRows;
  readonly runSlices: SliceRunner;
  /** Whether a version is left to others, once all of it but its facts is done. */
  readonly isLeft: (work: SliceWork) => boolean;
  readonly onProgress: (version: number, table: string, rows: number) => void;
}

/** A version of the processed log, and what the next one has to know of it; version 0 has no manifest. */
export interface Position {
  readonly state: TransformState;
  readonly manifest: ProcessedManifest | undefined;
}

export interface Advanced {
  readonly next: Position & { readonly manifest: ProcessedManifest };
  /** False where another run committed the version first. */
  readonly committed: boolean;
  readonly compactedBytes: number;
}

/**
 * Transforms the raw version after a position and commits it, unless it is left.
 *
 * @throws LakeMismatch, LakeCorrupt, LakeUnavailable, LakeRefused
 */
export async function advance(
  options: Advancing,
  before: Position,
  raw: RawManifest,
): Promise<Advanced | { readonly left: SliceWork }> {
  const { store, log } = options.processed;
  const { version } = raw;
  if (before.manifest !== undefined && before.manifest.lakeId !== raw.lakeId) {
    throw new LakeMismatch(
      `${store.uri} belongs to lake ${before.manifest.lakeId}, ${options.raw.store.uri} to ${raw.lakeId}: ` +
        'name the pair that belongs together, or an empty folder for the processed log',
    );
  }
  const lake = { raw: options.raw.store, setAside: options.setAside, processed: store };
  const transform = new VersionTransform(lake, raw, before.state, (table, rows) => {
    options.onProgress(version, table, rows);
  });
  const work = await transform.dimensions();
  if (options.isLeft(work)) return { left: work };
  const result = await transform.facts(work, options.runSlices);
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

/** A field of a manifest that is absent where it is empty. */
const optional = <Name extends string, Value extends object>(name: Name, value: Value): Partial<Record<Name, Value>> =>
  Object.keys(value).length === 0 ? {} : ({ [name]: value } as Record<Name, Value>);
