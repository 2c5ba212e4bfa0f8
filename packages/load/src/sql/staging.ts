import { identifier, sqlType, type StarTable } from '@totes/core';

/** Staging tables are temporary, so no two sessions share one; the prefix keeps them apart from a user's own. */
const stagingName = (table: StarTable): string => `staging_${table.name}`;

/** The staging table's name, quoted and qualified. */
export const staging = (table: StarTable): string => `pg_temp.${identifier(stagingName(table))}`;

/** A temporary table with the declared columns, gone when the transaction ends. What may be NULL is the target's to say. */
export function createStaging(table: StarTable): string {
  const columns = table.columns.map(({ name, type }) => `${identifier(name)} ${sqlType(type)}`);
  return `CREATE TEMPORARY TABLE ${identifier(stagingName(table))} (${columns.join(', ')}) ON COMMIT DROP`;
}

/** Takes rows in COPY's text format, columns in declared order. */
export const copyIntoStaging = (table: StarTable): string =>
  `COPY ${staging(table)} (${table.columns.map(({ name }) => identifier(name)).join(', ')})
FROM STDIN WITH (FORMAT text, ENCODING 'UTF8')`;

/** Autovacuum never sees a temporary table, so the planner knows its statistics only from here. */
export const analyzeStaging = (table: StarTable): string => `ANALYZE ${staging(table)}`;

/** A business key that staging holds more than once, if any. */
export const duplicateInStaging = (table: StarTable): string =>
  `SELECT ${identifier(table.key)}::text AS key FROM ${staging(table)}
GROUP BY ${identifier(table.key)} HAVING count(*) > 1 LIMIT 1`;
