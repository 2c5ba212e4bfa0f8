import {
  LakeMismatch,
  manifestFormat,
  type ProcessedBucket,
  type ProcessedManifest,
  type RawBucket,
  type RawManifest,
} from '@totes/core';
import { readState, writeState, type TransformState } from './state.ts';
import { transformVersion } from './version.ts';

export interface TransformOptions {
  readonly raw: RawBucket;
  readonly processed: ProcessedBucket;
  readonly runId: string;
  readonly codeVersion: string;
  readonly now: () => Date;
  readonly onProgress?: (progress: { readonly version: number; readonly table: string; readonly rows: number }) => void;
}

export interface TransformResult {
  /** The head of the processed log afterwards. */
  readonly version: number;
  /** The versions that this call committed. */
  readonly transformed: readonly number[];
  /** Star rows written, by warehouse table. */
  readonly rows: Readonly<Record<string, number>>;
  /** Rows set aside. */
  readonly quarantined: number;
}

interface Position {
  readonly state: TransformState;
  readonly manifest: ProcessedManifest | undefined;
}

/**
 * Brings the processed log up to the head of the raw log, a version at a time. Safe to call at any time, by any number
 * of callers: a version that another has committed first is not done again. Throws LakeMismatch where the two logs are
 * not of one lake, LakeCorrupt where an object is not what its manifest says.
 */
export async function transform(options: TransformOptions): Promise<TransformResult> {
  const { raw, processed } = options;
  // In this order: another run that commits to both meanwhile must not make the processed log seem the longer one.
  const head = await processed.log.head();
  const rawHead = await raw.log.head();
  if (head > rawHead) {
    throw new LakeMismatch(
      `${processed.store.uri} is at version ${head} but ${raw.store.uri} only at ${rawHead}: they are not one lake; ` +
        'name the pair that belongs together, or an empty folder for the processed log',
    );
  }
  const transformed: number[] = [];
  const rows: Record<string, number> = {};
  let quarantined = 0;
  let at: Position | undefined;
  for (let version = head + 1; version <= rawHead; version++) {
    at ??= await position(options, version - 1);
    const { next, committed } = await advance(options, at, await raw.log.read(version));
    at = next;
    if (!committed) continue;
    transformed.push(version);
    quarantined += next.manifest.quarantine.rows;
    for (const [table, objects] of Object.entries(next.manifest.tables)) {
      rows[table] = objects.reduce((sum, object) => sum + object.rows, rows[table] ?? 0);
    }
  }
  return { version: rawHead, transformed, rows, quarantined };
}

async function position({ processed }: TransformOptions, version: number): Promise<Position> {
  const manifest = version === 0 ? undefined : await processed.log.read(version);
  return { manifest, state: await readState(processed.store, manifest?.state ?? {}) };
}

async function advance(
  options: TransformOptions,
  before: Position,
  raw: RawManifest,
): Promise<{ next: Position & { manifest: ProcessedManifest }; committed: boolean }> {
  const { store, log } = options.processed;
  const { version } = raw;
  if (before.manifest !== undefined && before.manifest.lakeId !== raw.lakeId) {
    throw new LakeMismatch(
      `${store.uri} belongs to lake ${before.manifest.lakeId}, ${options.raw.store.uri} to ${raw.lakeId}: ` +
        'name the pair that belongs together, or an empty folder for the processed log',
    );
  }
  const result = await transformVersion(options.raw.store, store, raw, before.state, (table, rows) =>
    options.onProgress?.({ version, table, rows }),
  );
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
    tables: result.tables,
    state: await writeState(store, version, result.state, previous),
    quarantine: {
      ...result.quarantined,
      total: (before.manifest?.quarantine.total ?? 0) + result.quarantined.rows,
    },
  };
  if (await log.commit(manifest)) return { next: { manifest, state: result.state }, committed: true };
  // Another run transformed this version first; the next one builds on what is in force.
  const inForce = await log.read(version);
  return { next: { manifest: inForce, state: await readState(store, inForce.state) }, committed: false };
}
