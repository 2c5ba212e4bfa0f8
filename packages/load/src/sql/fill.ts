import { identifier, literal } from '@totes/core';

/** The name of each of these tables that has no row. Reads at most one row of each. */
export const emptyTablesQuery = (schema: string, tables: readonly string[]): string =>
  tables
    .map((table) => `SELECT ${literal(table)} AS name WHERE NOT EXISTS (SELECT FROM ${identifier(schema, table)})`)
    .join('\nUNION ALL ');

/** What empties the star tables of a schema: for messages, never run here. */
export const truncateTables = (schema: string, tables: readonly string[]): string =>
  `TRUNCATE ${tables.map((table) => identifier(schema, table)).join(', ')}`;
