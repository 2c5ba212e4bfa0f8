import { starTables } from '@totes/core';
import type { LoadedVersion } from './loadVersion.ts';

export interface LoadResult {
  /** The version of the lake that the warehouse now holds, 0 for none. */
  readonly version: number;
  /** The versions loaded now. */
  readonly versions: readonly number[];
  /** Rows inserted or updated now, by warehouse table: all of them, in load order. */
  readonly loaded: Readonly<Record<string, number>>;
  /** Rows retired now because the source does not have them any more, by warehouse table; those without any are absent. */
  readonly deleted: Readonly<Record<string, number>>;
  /** Fact rows that changed although their last_updated did not. */
  readonly warnings: number;
  /**
   * Seconds from the look at the source that found rows, by the source's clock, to their commit in the warehouse, by
   * this machine's: the longest of the versions loaded now, by warehouse table; those without rows are absent.
   */
  readonly lag: Readonly<Record<string, number>>;
}

/** A version that was committed, and how long its rows took to get there. */
type CommittedVersion = LoadedVersion & Pick<LoadResult, 'lag'>;

const sum = (numbers: readonly number[]): number => numbers.reduce((total, each) => total + each, 0);

function longest(lags: readonly LoadResult['lag'][]): Record<string, number> {
  const most: Record<string, number> = {};
  for (const lag of lags) {
    for (const [table, seconds] of Object.entries(lag)) most[table] = Math.max(seconds, most[table] ?? 0);
  }
  return most;
}

/** The lag of a version committed at `at`; 0 where the source's clock is ahead of this machine's. */
export function committed(loaded: LoadedVersion, readAt: string, at: Date): CommittedVersion {
  const seconds = Math.max(0, at.getTime() - Date.parse(readAt)) / 1000;
  return { ...loaded, lag: Object.fromEntries(Object.keys(loaded.rows).map((table) => [table, seconds])) };
}

type Totals = Omit<LoadResult, 'lag'>;

function totals(version: number, done: readonly LoadedVersion[]): Totals {
  const total = (of: (each: LoadedVersion) => Readonly<Record<string, number>>): [string, number][] =>
    starTables.map(({ name }) => [name, sum(done.map((each) => of(each)[name] ?? 0))]);
  return {
    version,
    versions: done.map((each) => each.version),
    loaded: Object.fromEntries(total(({ rows }) => rows)),
    deleted: Object.fromEntries(total(({ deleted }) => deleted).filter(([, rows]) => rows > 0)),
    warnings: sum(done.map(({ warnings }) => warnings)),
  };
}

/** The result of loading some versions, after which the warehouse holds `version`. */
export const summary = (version: number, done: readonly CommittedVersion[]): LoadResult => ({
  ...totals(version, done),
  lag: longest(done.map(({ lag }) => lag)),
});

/** The result of loads that followed one another and brought old rows, of which none says how far behind a warehouse is. */
export const inAll = (results: readonly Totals[]): Totals => ({
  ...totals(
    results.at(-1)?.version ?? 0,
    results.map((each) => ({ ...each, rows: each.loaded })),
  ),
  versions: results.flatMap(({ versions }) => versions),
});
