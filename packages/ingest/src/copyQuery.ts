import { identifier, literal, type RawFormat } from '@totes/core';

/** Rows of a table to read, and how to write them. */
export interface CopySource {
  readonly schema: string;
  readonly table: string;
  readonly columns: readonly string[];
  readonly format: RawFormat;
  /** An SQL condition; all rows where it is absent. */
  readonly where: string | undefined;
  /** Rows to read though the condition does not hold for them. */
  readonly asked: AskedKeys | undefined;
  /** Where in the table the rows stand, where it is read slice by slice; there is no condition then. */
  readonly blocks?: BlockRange | undefined;
}

/** Blocks of a table, `to` excluded; to its end, wherever that is by then, where `to` is absent. */
export interface BlockRange {
  readonly from: number;
  readonly to?: number;
}

/** Keys that somebody asked for. */
export interface AskedKeys {
  /** The primary key's column, of an integer type. */
  readonly column: string;
  readonly keys: readonly number[];
}

/**
 * Keeps COPY from quoting or escaping a line of JSON: its CSV format quotes only what holds the quote, the delimiter or
 * a line end, and a string of JSON never holds a raw control character (RFC 8259, section 7).
 */
const asIs = String.raw`(FORMAT csv, QUOTE E'\x01', DELIMITER E'\x02')`;

/** Within a string JSON escapes them; elsewhere, as in a value of type json that was written over lines, they are spaces. */
const lineEnds = String.raw`E'\n\r\t'`;

/** The COPY statement that writes the rows of a table, those of its partitions and inheritance children included. */
export function copyQuery({ schema, table, columns, format, where, asked, blocks }: CopySource): string {
  const from = `SELECT ${columns.map((name) => identifier(name)).join(', ')} FROM ${identifier(schema, table)}`;
  const all = blocks === undefined ? from : `${from} WHERE ${inBlocks(blocks)}`;
  const rows =
    where === undefined ? all : `${all} WHERE ${where}${asked === undefined ? '' : orAsked(all, where, asked)}`;
  if (format === 'csv') return `COPY (${rows}) TO STDOUT (FORMAT csv)`;
  // "t" alone would mean a column of that name, where there is one.
  return `COPY (SELECT translate(row_to_json(t.*)::text, ${lineEnds}, '   ') FROM (${rows}) t) TO STDOUT ${asIs}`;
}

/** From PostgreSQL 14 on the server reads no other blocks for it. */
const inBlocks = ({ from, to }: BlockRange): string =>
  `ctid >= '(${from},0)'::tid${to === undefined ? '' : ` AND ctid < '(${to},0)'::tid`}`;

/**
 * The rows that were asked for and that the condition leaves out, so that none comes twice. One condition with OR would
 * compare every row of the table with every key on PostgreSQL 13; the primary key's index finds these.
 */
const orAsked = (all: string, where: string, { column, keys }: AskedKeys): string =>
  ` UNION ALL ${all} WHERE ${identifier(column)} = ANY (${keyArray(keys)}) AND (${where}) IS NOT TRUE`;

/** The COPY statement that writes those of the keys, ascending, that a table does not have. */
export const absentQuery = (schema: string, table: string, { column, keys }: AskedKeys): string =>
  `COPY (SELECT asked.key FROM unnest(${keyArray(keys)}) AS asked (key)
         WHERE NOT EXISTS (SELECT FROM ${identifier(schema, table)} AS present WHERE present.${identifier(column)} = asked.key)
         ORDER BY asked.key) TO STDOUT (FORMAT csv)`;

/** COPY takes no parameters. */
const keyArray = (keys: readonly number[]): string => `'{${keys.join(',')}}'::integer[]`;

/** What stands before the rows: CSV's line of column names, nothing for JSON lines. */
export const header = (format: RawFormat, columns: readonly string[]): string =>
  format === 'csv' ? `${columns.map((name) => identifier(name)).join(',')}\n` : '';

/** The column that the mode of that name goes by. */
export const lastUpdated = 'last_updated';

/**
 * The condition that last_updated is not older than a watermark less a lookback, or is not known.
 *
 * @param watermark as PostgreSQL writes a timestamp
 */
export function updatedSince(watermark: string, lookbackSeconds: number): string {
  const column = identifier(lastUpdated);
  const from = `${literal(watermark)}::timestamp - interval '${lookbackSeconds} seconds'`;
  return `(${column} >= ${from} OR ${column} IS NULL)`;
}

/**
 * The query for a table's next watermark: its greatest last_updated up to a time, the source's own clock. One that is
 * ahead of the clock would hide rows that are yet to be written.
 */
export const watermarkQuery = (schema: string, table: string): string =>
  `SELECT max(${identifier(lastUpdated)})::text AS watermark FROM ${identifier(schema, table)}
   WHERE ${identifier(lastUpdated)} <= $1::timestamptz AT TIME ZONE 'UTC'`;
