import { cellHash, rowHash, type Cell } from './cell.ts';

/** The rows of one side that stand for a star table, as SQL. */
export interface Rows {
  readonly from: string;
  /** A condition; all rows where it is absent. */
  readonly where?: string;
  /** The business key, whole numbers. */
  readonly key: string;
  readonly cells: readonly Cell[];
  /** Stands for the hash of a row with a NULL where the star allows none: another one on each side, so never equal. */
  readonly impossible: 0 | 1;
  /** When the row was last written by its own account, as text that sorts; where the table keeps that. */
  readonly lastUpdated?: string;
  /** Whether it was written since the look that the warehouse shows. */
  readonly pending?: string;
  /** The key that it joins another table's row by, and whether that row is missing. */
  readonly partner?: { readonly key: string; readonly missing: string };
}

/** A range is the keys that differ in so many low bits: a table has few ranges, and looking into one is cheap. */
export const rangeBits = 14;

const where = (conditions: readonly (string | undefined)[]): string => {
  const given = conditions.filter((condition) => condition !== undefined);
  return given.length === 0 ? '' : ` WHERE ${given.join(' AND ')}`;
};

const hashOf = ({ cells, impossible }: Rows): string => `coalesce(${rowHash(cells)}, ${impossible})`;

/** One row for each range of keys that has any: its number, how many rows, and the sum of their hashes. */
export const rangesQuery = (rows: Rows): string =>
  `SELECT ${rows.key}::bigint >> ${rangeBits} AS range, count(*) AS count, sum(${hashOf(rows)})::text AS sum
FROM ${rows.from}${where([rows.where])} GROUP BY 1`;

/** One row for each key from `first` to `last`, both included. A key may have several rows where nothing forbids it. */
export const keysQuery = (rows: Rows, first: bigint, last: bigint): string =>
  `SELECT ${rows.key}::text AS key, count(*) || ' ' || sum(${hashOf(rows)}) AS hash,
  max(${rows.lastUpdated ?? 'NULL::text'} COLLATE "C") AS "lastUpdated", bool_or(${rows.pending ?? 'false'}) AS pending,
  min(${rows.partner?.key ?? 'NULL::bigint'})::text AS partner, bool_or(${rows.partner?.missing ?? 'false'}) AS "partnerMissing"
FROM ${rows.from}${where([rows.where, `${rows.key} BETWEEN ${first} AND ${last}`])} GROUP BY ${rows.key}`;

/** The hash of each cell of the rows whose keys are in $1. */
export const cellsQuery = (rows: Rows): string =>
  `SELECT ${rows.key}::text AS key, ARRAY[${rows.cells.map((cell) => cellHash(cell)).join(', ')}]::text[] AS cells
FROM ${rows.from}${where([rows.where, `${rows.key} = ANY ($1::bigint[])`])}`;
