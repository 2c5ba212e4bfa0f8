/** A table of totesys, the key of one of its rows, and values by column. */
export type TableName = (typeof tableNames)[number];
export type Values = Readonly<Record<string, string | number | boolean | null>>;

/** The eleven tables; what others point at comes first. */
export const tableNames = [
  'address',
  'department',
  'staff',
  'counterparty',
  'currency',
  'design',
  'payment_type',
  'sales_order',
  'purchase_order',
  'transaction',
  'payment',
] as const;

/** Session 0 commits each statement by itself; the others begin a transaction with their first one. */
export type Session = 0 | 1 | 2;

/** What `last_updated` becomes: left alone, a moment that no row had before, one long past, one that others share. */
export type Stamp = 'kept' | 'new' | 'past' | 'tied';

interface Row {
  readonly session: Session;
  readonly table: TableName;
  readonly key: number;
}

/**
 * One thing that happens. A step that cannot be taken where it stands (no such row, no savepoint, a row that another
 * transaction holds) changes nothing, so that every part of a history is a history.
 */
export type Step =
  | (Row & { readonly do: 'insert'; readonly values: Values })
  | (Row & { readonly do: 'update'; readonly values: Values; readonly stamp: Stamp })
  | (Row & { readonly do: 'rekey'; readonly to: number })
  | (Row & { readonly do: 'delete' })
  | (Row & { readonly do: 'lock' })
  | { readonly do: 'reload'; readonly table: TableName; readonly without: number }
  | {
      readonly do: 'savepoint' | 'rollbackTo' | 'release' | 'commit' | 'abort' | 'prepare';
      readonly session: Session;
    }
  | { readonly do: 'commitPrepared' | 'abortPrepared' | 'vacuum' }
  | { readonly do: 'request'; readonly table: TableName; readonly keys: readonly number[] }
  | { readonly do: 'retry' }
  | {
      readonly do: 'ingest';
      readonly format: 'csv' | 'json';
      readonly runs: 1 | 2;
      readonly meanwhile: readonly Step[];
    }
  | { readonly do: 'transform' | 'load'; readonly runs: 1 | 2 };

/** What happens to a shop and its warehouse, from the beginning. */
export interface History {
  /** Whether the shop begins with rows in every table. */
  readonly stocked: boolean;
  readonly steps: readonly Step[];
  /** Whether the transactions that are open at the end commit. */
  readonly endsWith: 'commit' | 'abort';
  /**
   * What is done once more in the end: the raw log transformed anew, the processed log loaded into an empty warehouse, or
   * another lake and warehouse filled from the state that the source is in.
   */
  readonly again: 'nothing' | 'transform' | 'load' | 'all';
}
