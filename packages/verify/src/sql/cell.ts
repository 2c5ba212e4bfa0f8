import type { ColumnType } from '@totes/core';

/** One column of a row, as SQL that gives the same on both sides iff the values are the same. */
export interface Cell {
  /** The warehouse column. */
  readonly name: string;
  /** Of type integer or text, as `as` says. NULL where the value is NULL or one that the star cannot hold. */
  readonly value: string;
  readonly as: 'integer' | 'text';
  /** The condition that the value is NULL, where the star allows that. */
  readonly isNull?: string;
}

/** How a database writes text: as it is where its encoding is UTF-8, else converted on both sides. */
export type Encoding = 'utf8' | 'other';

/** A text as SQL whose bytes are the same whatever the database's encoding. */
export const textOf = (text: string, encoding: Encoding): string =>
  encoding === 'utf8' ? `${text}::text` : `encode(convert_to(${text}::text, 'UTF8'), 'hex')`;

/**
 * A value of a type as an integer or text that tells it from any other, with no more work than that takes. Hashes of
 * PostgreSQL's own for dates and times fold their 64 bits to 32, and those for numeric pass over sign and scale.
 */
export function valueOf(type: ColumnType, sql: string, encoding: Encoding): Pick<Cell, 'value' | 'as'> {
  switch (type.kind) {
    case 'integer':
      return { as: 'integer', value: `${sql}::integer` };
    case 'boolean':
      return { as: 'integer', value: `${sql}::boolean::integer` };
    case 'text':
      return { as: 'text', value: textOf(sql, encoding) };
    case 'date':
      return { as: 'text', value: `encode(date_send(${sql}::date), 'hex')` };
    case 'time':
      return { as: 'text', value: `encode(time_send(${sql}::time), 'hex')` };
    case 'numeric':
      return { as: 'text', value: `${sql}::numeric::text` };
    case 'decimal':
      // numeric(10,2) writes 5 as 5.00, and means the same.
      return { as: 'text', value: `trim_scale(${sql}::numeric)::text` };
    case 'timestamp':
      throw new RangeError('the star has no timestamp columns: they are compared as date and time');
  }
}

/** A hash of 64 bits of one cell. NULL where the cell's value is NULL though the star allows none. */
export function cellHash({ value, as, isNull }: Cell, seed = '0'): string {
  if (isNull === undefined) return hash(as, value, seed);
  const some = `CASE WHEN ${isNull} THEN ${as === 'integer' ? '0' : `''`} ELSE ${value} END`;
  return hash('integer', `(${isNull})::integer`, hash(as, some, seed));
}

/**
 * A hash of 64 bits of a row: each cell's with that of the cells before it as its seed, which takes in all of its 64
 * bits. NULL where a cell's is.
 */
export const rowHash = (cells: readonly Cell[]): string => cells.reduce((seed, cell) => cellHash(cell, seed), '0');

/** Collations, nondeterministic ones too, must not decide what is the same. */
const hash = (as: Cell['as'], value: string, seed: string): string =>
  as === 'integer' ? `hashint4extended(${value}, ${seed})` : `hashtextextended((${value}) COLLATE "C", ${seed})`;
