import type { ProcessedBucket } from '@totes/core';
import type { Client } from 'pg';

export interface LoadOptions {
  /** Connected; used for nothing else meanwhile. */
  readonly warehouse: Client;
  readonly processed: ProcessedBucket;
  /** The schema of the star tables. */
  readonly schema: string;
  /** The release that loads, for the ledger. */
  readonly codeVersion: string;
  /**
   * A warehouse that was filled from another lake, which is lost, goes on from this one: history is kept, and the other
   * lake can no longer be loaded.
   */
  readonly adopt?: true;
  readonly onProgress?: (progress: LoadProgress) => void;
  /** The clock that lag is measured by; that of this machine where it is absent. */
  readonly now?: () => Date;
}

/** Rows sent to the warehouse so far, of one table of one version. */
export interface LoadProgress {
  readonly version: number;
  /** The version that the load works towards. */
  readonly head: number;
  readonly table: string;
  readonly rows: number;
}
