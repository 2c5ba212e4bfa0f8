import type { Call } from './functionProcess.ts';

/** The stages of a first load. */
export const stages = ['ingest', 'transform', 'load'] as const;
export type StageName = (typeof stages)[number];

/** What each stage took in one run. */
export type Run = Readonly<Record<StageName, Omit<Call, 'result'>>>;

/** The runs of one size of source. */
export interface Size {
  readonly orders: number;
  /** Of the source, all tables together. */
  readonly rows: number;
  readonly first: readonly Run[];
  /** Seconds of `psql`, the keys kept and made afterwards; none where it was too long to wait for. */
  readonly limits: readonly { readonly kept: number; readonly afterwards: number }[];
  /** Of the lake's two buckets, and of the warehouse's database with its indexes. */
  readonly bytes: { readonly raw: number; readonly processed: number; readonly warehouse: number };
  /** On a warm pipeline, by what changed. */
  readonly deltas: Readonly<Record<string, readonly Run[]>>;
}

/** The middle one; of an even count the mean of both in the middle. Throws RangeError where there are none. */
export function median(values: readonly number[]): number {
  if (values.length === 0) throw new RangeError('no values have no median');
  const sorted = values.toSorted((a, b) => a - b);
  const half = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[half]! : (sorted[half - 1]! + sorted[half]!) / 2;
}

/** The median over runs of a quantity of one stage. */
export const ofStage = (runs: readonly Run[], stage: StageName, quantity: keyof Run[StageName]): number =>
  median(runs.map((run) => run[stage][quantity]));

/** The median over runs of a quantity of all stages together. */
export const ofRun = (runs: readonly Run[], quantity: 'seconds' | 'cpuSeconds'): number =>
  median(runs.map((run) => stages.reduce((sum, stage) => sum + run[stage][quantity], 0)));

/** The most memory that any stage had in any run, in MB. */
export const peakOf = (runs: readonly Run[]): number =>
  Math.max(...runs.flatMap((run) => stages.map((stage) => run[stage].peakMegabytes)));
