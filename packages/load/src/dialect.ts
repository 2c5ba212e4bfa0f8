import type { StarTable } from '@totes/core';
import type { Client } from 'pg';
import type { Catalog } from './catalog.ts';
import type { Ledger } from './ledger.ts';
import type { LoadedTable, Version } from './loadTable.ts';
import type { LoadOptions } from './options.ts';
import type { RetiredTable } from './retired.ts';
import type { planSchema } from './schemaPlan.ts';

/**
 * What a load asks of a warehouse's engine, which each does in its own way. What a load decides, and when, is the same for
 * all: `load.ts`, `advance.ts`, `loadVersion.ts`.
 */
export interface Dialect {
  readonly catalog: Catalog;
  readonly ledger: Ledger;

  /** Throws ConfigInvalid where this engine cannot have such a schema, or cannot be loaded from such a lake. */
  readonly refuse: (options: Pick<LoadOptions, 'schema' | 'processed'>) => void;

  /**
   * Runs `work` in a transaction that holds the lock of that name; commits when it returns, rolls back when it throws.
   * `work` may run more than once, the transactions before being undone.
   */
  readonly lockedTransaction: <T>(client: Client, name: string, work: () => Promise<T>) => Promise<T>;
  /** Runs `work`, which only reads, on one snapshot: what others commit meanwhile shows in none of its queries. */
  readonly readTransaction: <T>(client: Client, work: () => Promise<T>) => Promise<T>;
  /** Runs `work` in a transaction of which nothing stays. */
  readonly rolledBackTransaction: (client: Client, work: () => Promise<void>) => Promise<void>;

  /** Brings schema etl to this release's newest migration, in a transaction of its own. */
  readonly migrate: (client: Client) => Promise<void>;
  /** The same in the caller's transaction. */
  readonly applyMigrations: (client: Client) => Promise<void>;
  /** What makes a schema as the star declares it. */
  readonly planSchema: typeof planSchema;

  /** Brings what a version has of a table into the warehouse, in the caller's transaction. */
  readonly loadTable: (options: LoadOptions, version: Version, table: StarTable) => Promise<LoadedTable>;
  /** Ends all retirements of a table. */
  readonly reinstateAll: (client: Client, schema: string, table: RetiredTable) => Promise<void>;

  /** What empties tables: for messages, never run here. */
  readonly emptying: (schema: string, tables: readonly string[]) => string;
}
