import type { Difference, Kind } from './differences.ts';

export interface SampleRow {
  /** The business key; of dim_date the day as a number, 20240229. */
  readonly key: number;
  readonly kind: Kind;
  /** Whether the source row was written since the look that the warehouse shows: the next run brings it. */
  readonly pending: boolean;
  /** The warehouse columns that differ, where both sides have the row. Never their values, which may be of people. */
  readonly columns: string[];
}

/** What differs of one warehouse table. */
export interface TableResult {
  /** Rows of the source; of dim_date, which has none, its own. */
  readonly rows: number;
  /** Rows that the source alone has. */
  readonly missing: number;
  /** Rows that the warehouse alone has. */
  readonly extra: number;
  /** Rows that both have and that differ, but for stale ones. */
  readonly altered: number;
  /** Rows of a fact that differ, and whose last_updated is earlier in the warehouse. */
  readonly stale: number;
  /** Rows of the source that differ because they are set aside, or a row that they join is. */
  readonly setAside: number;
  /** Rows of the source that were not compared: a row that they join is missing there. */
  readonly unjudged: number;
  /** How many of those that differ were written since the look that the warehouse shows. */
  readonly pending: number;
  /** The first of them by key, at most 20. */
  readonly sample: readonly SampleRow[];
}

/** Rows of a source table that are set aside though the source has them no more. */
export interface Gone {
  readonly rows: number;
  /** The first of their keys, at most 20. */
  readonly keys: readonly number[];
}

/** Differences that another run does not mend by itself: rows that are not set aside, and were not written since. */
export type Settled = Readonly<Record<Exclude<Kind, 'setAside'>, number>>;

export interface VerifyResult {
  /** Whether there is no difference of any kind, and no row is set aside that the source has no more. */
  readonly equal: boolean;
  /** The version of the lake that the warehouse holds, 0 for none. */
  readonly version: number;
  /** Rows of the source that were compared. */
  readonly compared: number;
  /** By warehouse table, in load order. */
  readonly tables: Readonly<Record<string, TableResult>>;
  readonly settled: Settled;
  /** By source table; no table without any. */
  readonly gone: Readonly<Record<string, Gone>>;
  /**
   * The keys to read again, by source table, ascending; no table without any. Those of all rows that differ: one set
   * aside may have been mended unseen, and one written since the load may be in the lake already. And those of all that
   * are gone.
   */
  readonly keys: Readonly<Record<string, number[]>>;
  /** Whether there are more keys to read again than a result holds. */
  readonly truncated: boolean;
  readonly seconds: number;
}

/** Rows that a result names of each table. */
export const sampleSize = 20;

/** Counts the differences of one table, and keeps the first. */
export class Tally {
  readonly #counts = { missing: 0, extra: 0, altered: 0, stale: 0, setAside: 0 };
  readonly #settled = { missing: 0, extra: 0, altered: 0, stale: 0 };
  #pending = 0;
  #unjudged = 0;
  readonly sample: Difference[] = [];

  add(difference: Difference): void {
    const { kind, pending } = difference;
    this.#counts[kind]++;
    if (pending) this.#pending++;
    else if (kind !== 'setAside') this.#settled[kind]++;
    if (this.sample.length < sampleSize) this.sample.push(difference);
  }

  addUnjudged(rows: number): void {
    this.#unjudged += rows;
  }

  get settled(): Settled {
    return this.#settled;
  }

  /** @param columnsOf the columns in which the row of a key differs */
  result(rows: number, columnsOf: (key: number) => readonly string[]): TableResult {
    const sample = this.sample.map(({ key, kind, pending }) => ({ key, kind, pending, columns: [...columnsOf(key)] }));
    return { rows, ...this.#counts, unjudged: this.#unjudged, pending: this.#pending, sample };
  }
}
