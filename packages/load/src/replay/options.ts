import type { LoadOptions } from '../options.ts';

export type ReplayOptions = Omit<LoadOptions, 'adopt'> & {
  /** Called when the warehouse is rebuilt and checked, before it takes its place; where it throws, nothing changes. */
  readonly publish?: () => Promise<void>;
  /** Gives up what the warehouse holds and this lake does not: rows of another lake, or of versions that it lost. */
  readonly replaceOtherLake?: true;
  readonly patience?: Partial<Patience>;
};

/** How long to wait for others before giving up, in milliseconds. */
export interface Patience {
  /** For whoever uses the tables that are to be replaced. New readers wait for no more than a second meanwhile. */
  readonly locks: number;
  /** For transactions that began before the rebuilt tables were full. Nobody waits meanwhile. */
  readonly transactions: number;
}

export const usualPatience: Patience = { locks: 60_000, transactions: 600_000 };
