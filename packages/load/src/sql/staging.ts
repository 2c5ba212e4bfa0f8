import { identifier, sqlType, type StarColumn, type StarTable } from '@totes/core';

/** A temporary table that rows of the lake pass through on their way into a star table. */
export interface Staging {
  /** The star table. */
  readonly table: StarTable;
  /** No two sessions share a temporary table; the prefix keeps them apart from a user's own. */
  readonly name: string;
  readonly columns: readonly StarColumn[];
  /** Whether a key may come more than once, and the column `place` says in which order. */
  readonly isHistory: boolean;
}

/** For the rows of a version. */
export const rowStaging = (table: StarTable): Staging => ({
  table,
  name: `staging_${table.name}`,
  columns: table.columns,
  isHistory: false,
});

/** For the keys of rows that were deleted. */
export const tombstoneStaging = (table: StarTable): Staging => ({
  ...rowStaging(table),
  name: `staging_deleted_${table.name}`,
  columns: table.columns.filter(({ name }) => name === table.key),
});

/** For rows that come in when later versions of them are known. */
export const lateStaging = (table: StarTable): Staging => ({
  ...rowStaging(table),
  name: `staging_late_${table.name}`,
  isHistory: true,
});

/** The staging table's name, quoted and qualified. */
export const staging = ({ name }: Staging): string => `pg_temp.${identifier(name)}`;

/** A temporary table with the declared columns, gone when the transaction ends. What may be NULL is the target's to say. */
export function createStaging({ name, columns, isHistory }: Staging): string {
  const definitions = columns.map((column) => `${identifier(column.name)} ${sqlType(column.type)}`);
  if (isHistory) definitions.push('place bigint GENERATED ALWAYS AS IDENTITY');
  return `CREATE TEMPORARY TABLE ${identifier(name)} (${definitions.join(', ')}) ON COMMIT DROP`;
}

/** Takes rows in COPY's binary format, columns in declared order. */
export const copyIntoStaging = (target: Staging): string => copyInto(staging(target), target.columns);

/** As `copyIntoStaging`, into the star table itself. */
export const copyIntoTable = (schema: string, table: StarTable): string =>
  copyInto(identifier(schema, table.name), table.columns);

const copyInto = (target: string, columns: readonly StarColumn[]): string =>
  `COPY ${target} (${columns.map(({ name }) => identifier(name)).join(', ')})
FROM STDIN WITH (FORMAT binary, ENCODING 'UTF8')`;

/** Autovacuum never sees a temporary table, so the planner knows its statistics only from here. */
export const analyzeStaging = (target: Staging): string => `ANALYZE ${staging(target)}`;
