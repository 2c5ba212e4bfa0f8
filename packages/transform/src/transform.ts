import { LakeMismatch, type ProcessedBucket, type RawBucket } from '@totes/core';
import { advance, type Advancing, type Position } from './advance.ts';
import { SetAsideRows } from './setAsideRows.ts';
import type { SliceWork } from './slices/factSlice.ts';
import { inTurn, type SliceRunner } from './slices/runner.ts';
import { readState } from './state.ts';
import { added, nothing, totalsOf, type Totals } from './totals.ts';

export interface TransformOptions {
  readonly raw: RawBucket;
  readonly processed: ProcessedBucket;
  readonly runId: string;
  readonly codeVersion: string;
  readonly now: () => Date;
  /** Versions from one compaction of the log to the next; 64 where absent. */
  readonly compactAfter?: number;
  /** Transforms the slices of facts: where absent this thread, one after another. */
  readonly runSlices?: SliceRunner;
  readonly onProgress?: (progress: { readonly version: number; readonly table: string; readonly rows: number }) => void;
}

export interface TransformResult extends Totals {
  /** The head of the processed log afterwards. */
  readonly version: number;
  /** Rows that the warehouse lacks at the head because they are set aside. */
  readonly waiting: number;
}

/** A run that came to a version whose facts it leaves to others. */
export interface LeftWork extends TransformResult {
  /** What is to be done for the version after `version`. */
  readonly left: SliceWork;
}

/**
 * Brings the processed log up to the head of the raw log, a version at a time. Safe to call at any time, by any number
 * of callers: a version that another has committed first is not done again. Throws LakeMismatch where the two logs are
 * not of one lake, LakeCorrupt where an object is not what its manifest says.
 */
export const transform = (options: TransformOptions): Promise<TransformResult> => transformUnless(options, () => false);

/** As `transform`, but stops at a version of whose facts `isLeft` says so, all else of it being done, and nothing committed. */
export async function transformUnless(
  options: TransformOptions,
  isLeft: (work: SliceWork) => boolean,
): Promise<TransformResult | LeftWork> {
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
  const run: Advancing = {
    ...options,
    runSlices: options.runSlices ?? inTurn,
    setAside: new SetAsideRows(raw.log),
    isLeft,
    onProgress: (version, table, rows) => options.onProgress?.({ version, table, rows }),
  };
  let totals = nothing;
  let at: Position | undefined;
  let last = head === rawHead && head > 0 ? await processed.log.read(head) : undefined;
  for (let version = head + 1; version <= rawHead; version++) {
    at ??= await position(run, version - 1);
    last = at.manifest;
    const advanced = await advance(run, at, await raw.log.read(version));
    if ('left' in advanced) return { version: version - 1, ...totals, waiting: waitingIn(last), left: advanced.left };
    at = advanced.next;
    if (advanced.committed) totals = added(totals, totalsOf(advanced.next.manifest, last, advanced.compactedBytes));
    last = advanced.next.manifest;
  }
  return { version: rawHead, ...totals, waiting: waitingIn(last) };
}

async function position({ processed }: Advancing, version: number): Promise<Position> {
  const manifest = version === 0 ? undefined : await processed.log.read(version);
  return { manifest, state: await readState(processed.store, manifest) };
}

const waitingIn = (manifest: Position['manifest']): number => manifest?.quarantine.waiting ?? 0;
