import type { LoadOptions } from '../options.ts';

export type ReplayOptions = Omit<LoadOptions, 'adopt'> & {
  /**
   * Brings the processed log up to the raw one. Called before each look at where it ends, after what the warehouse holds
   * was seen: so the log has all that the warehouse has.
   */
  readonly catchUp?: () => Promise<unknown>;
  /**
   * Puts the processed log in force. Called when the rebuilt warehouse is in its place but for the commit; where it
   * throws, nothing changes. Readers wait meanwhile, so it may take no more than a request.
   */
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
