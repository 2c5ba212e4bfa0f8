import { identifier, literal, type RawFormat } from '@totes/core';

/** Rows of a table to read, and how to write them. */
export interface CopySource {
  readonly schema: string;
  readonly table: string;
  readonly columns: readonly string[];
  readonly format: RawFormat;
  /** An SQL condition; all rows where it is absent. */
  readonly where: string | undefined;
}

/**
 * Keeps COPY from quoting or escaping a line of JSON: its CSV format quotes only what holds the quote, the delimiter or
 * a line end, and a string of JSON never holds a raw control character (RFC 8259, section 7).
 */
const asIs = String.raw`(FORMAT csv, QUOTE E'\x01', DELIMITER E'\x02')`;

/** Within a string JSON escapes them; elsewhere, as in a value of type json that was written over lines, they are spaces. */
const lineEnds = String.raw`E'\n\r\t'`;

/** The COPY statement that writes the rows of a table, those of its partitions and inheritance children included. */
export function copyQuery({ schema, table, columns, format, where }: CopySource): string {
  const list = columns.map((name) => identifier(name)).join(', ');
  const rows = `SELECT ${list} FROM ${identifier(schema, table)}${where === undefined ? '' : ` WHERE ${where}`}`;
  if (format === 'csv') return `COPY (${rows}) TO STDOUT (FORMAT csv)`;
  // "t" alone would mean a column of that name, where there is one.
  return `COPY (SELECT translate(row_to_json(t.*)::text, ${lineEnds}, '   ') FROM (${rows}) t) TO STDOUT ${asIs}`;
}

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
