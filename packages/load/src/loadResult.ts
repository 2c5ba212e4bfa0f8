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
}

const sum = (numbers: readonly number[]): number => numbers.reduce((total, each) => total + each, 0);

/** The result of loading some versions, after which the warehouse holds `version`. */
export function summary(version: number, done: readonly LoadedVersion[]): LoadResult {
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

/** The result of loads that followed one another. */
export const inAll = (results: readonly LoadResult[]): LoadResult => ({
  ...summary(
    results.at(-1)?.version ?? 0,
    results.map((each) => ({ ...each, rows: each.loaded })),
  ),
  versions: results.flatMap(({ versions }) => versions),
});
