import { SourceSchemaDrift, sourceTables } from '@totes/core';
import type { Side } from './side.ts';

/** The type of each column of one table beneath its modifiers and domains, as PostgreSQL writes it. */
export interface TableTypes {
  /** The primary key column. */
  readonly key: string;
  get(column: string): string | undefined;
}

/** By source table. */
export type SourceTypes = ReadonlyMap<string, TableTypes>;

const typesQuery = `
  WITH RECURSIVE base AS (
    SELECT c.relname, a.attname, a.atttypid AS type
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace JOIN pg_attribute a ON a.attrelid = c.oid
    WHERE n.nspname = $1 AND c.relname = ANY ($2::text[]) AND a.attnum > 0 AND NOT a.attisdropped
    UNION ALL
    SELECT relname, attname, t.typbasetype FROM base JOIN pg_type t ON t.oid = base.type WHERE t.typtype = 'd'
  )
  SELECT relname AS "table", attname AS "column", format_type(type, NULL) AS type
  FROM base JOIN pg_type t ON t.oid = base.type WHERE t.typtype <> 'd'`;

/** Reads the types of the declared tables' columns. Throws SourceSchemaDrift with all that are missing. */
export async function readSourceTypes(source: Side, schema: string): Promise<SourceTypes> {
  const names = sourceTables.map(({ name }) => name);
  const found = await source.query<{ table: string; column: string; type: string }>(typesQuery, [schema, names]);
  const types = new Map(
    sourceTables.map(({ name, key }) => {
      const columns = new Map(found.filter(({ table }) => table === name).map(({ column, type }) => [column, type]));
      return [name, { key, get: (column: string) => columns.get(column) }] as const;
    }),
  );
  const missing = sourceTables.flatMap(({ name, columns }) =>
    Object.keys(columns)
      .filter((column) => types.get(name)!.get(column) === undefined)
      .map((column) => `${name}.${column}`),
  );
  if (missing.length === 0) return types;
  throw new SourceSchemaDrift(
    `source ${source.where}: schema ${JSON.stringify(schema)} lacks columns that the warehouse is compared by: ${missing.join(', ')}`,
  );
}
