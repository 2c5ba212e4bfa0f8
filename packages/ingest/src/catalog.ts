import { identifier, SourceRefused, SourceSchemaDrift, type SeenColumn, whereIs } from '@totes/core';
import type { Client } from 'pg';

export interface CatalogColumn extends SeenColumn {
  /** The type without its modifiers; that beneath, where it is a domain; `enum` for every enumeration. */
  readonly baseType: string;
  /** The type with its modifiers; that beneath, where it is a domain. */
  readonly storedType: string;
}

/** A table of the source as its catalog shows it. */
export interface CatalogTable {
  readonly name: string;
  /** Its own object id. */
  readonly relation: number;
  /** Object ids of the table and of all its partitions and inheritance children, sorted. */
  readonly relations: readonly number[];
  readonly columns: readonly CatalogColumn[];
  /** Whether this role may select from it. */
  readonly readable: boolean;
  /** Whether a row-level security policy hides rows from this role. */
  readonly hidesRows: boolean;
  /** Whether xmin shows every change: not for rows of foreign tables or other storage, nor for virtual columns. */
  readonly tracksChanges: boolean;
}

const tablesQuery = `
  WITH RECURSIVE tree AS (
    SELECT c.oid AS root, c.oid
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE n.nspname = $1 AND c.relkind IN ('r', 'p') AND NOT c.relispartition AND c.relname <> ALL ($2)
    UNION
    SELECT tree.root, i.inhrelid FROM tree JOIN pg_inherits i ON i.inhparent = tree.oid
  ), tables AS (
    SELECT tree.root, json_agg(c.oid::bigint ORDER BY c.oid) AS relations,
           bool_and(c.relkind = 'p' OR (c.relkind = 'r' AND am.amname = 'heap')) AS stored
    FROM tree JOIN pg_class c ON c.oid = tree.oid LEFT JOIN pg_am am ON am.oid = c.relam
    GROUP BY tree.root
  ), base AS (
    SELECT oid AS type, oid, typname, typtype, typbasetype, typtypmod, NULL::int AS modifier FROM pg_type
    WHERE oid IN (SELECT atttypid FROM pg_attribute JOIN tables ON attrelid = root)
    UNION ALL
    SELECT base.type, t.oid, t.typname, t.typtype, t.typbasetype, t.typtypmod, base.typtypmod FROM base JOIN pg_type t ON t.oid = base.typbasetype
    WHERE base.typtype = 'd'
  ), labels AS (
    SELECT enumtypid AS oid, '(' || string_agg(quote_literal(enumlabel), ',' ORDER BY enumsortorder) || ')' AS labels
    FROM pg_enum GROUP BY enumtypid
  ), columns AS (
    SELECT a.attrelid, bool_or(a.attgenerated = 'v') AS virtual,
           json_agg(json_build_object('name', a.attname, 'type', format_type(a.atttypid, a.atttypmod) || coalesce(labels, ''),
             'nullable', NOT a.attnotnull, 'number', a.attnum,
             'baseType', CASE WHEN typtype = 'e' THEN 'enum' WHEN typname = 'citext' THEN typname ELSE format_type(base.oid, NULL) END,
             'storedType', CASE WHEN typname = 'citext' THEN typname
                                ELSE format_type(base.oid, coalesce(modifier, a.atttypmod)) || coalesce(labels, '') END)
             ORDER BY a.attnum) AS columns
    FROM pg_attribute a JOIN tables ON a.attrelid = root JOIN base ON base.type = a.atttypid AND base.typtype <> 'd'
         LEFT JOIN labels ON labels.oid = base.oid
    WHERE a.attnum > 0 AND NOT a.attisdropped
    GROUP BY a.attrelid
  )
  SELECT c.relname AS name, c.oid AS relation, relations, coalesce(columns, '[]') AS columns,
         coalesce(has_table_privilege(c.oid, 'SELECT'), false) AS readable,
         coalesce(row_security_active(c.oid), false) AS "hidesRows",
         stored AND NOT coalesce(virtual, false) AS "tracksChanges"
  FROM tables JOIN pg_class c ON c.oid = root LEFT JOIN columns ON attrelid = root
  ORDER BY c.relname`;

const schemaQuery = `
  SELECT has_schema_privilege(oid, 'USAGE') AS usable, current_user AS role FROM pg_namespace WHERE nspname = $1`;

const standInsQuery = `
  SELECT c.relname AS name, CASE WHEN relispartition THEN 'a partition of another table'
    WHEN relkind = 'v' THEN 'a view' WHEN relkind = 'm' THEN 'a materialized view' WHEN relkind = 'f' THEN 'a foreign table'
    ELSE 'no table' END AS kind
  FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
  WHERE n.nspname = $1 AND c.relname = ANY ($2) AND (relispartition OR relkind NOT IN ('r', 'p'))`;

/** What stands in a schema under the names of tables that are missing there, by name, as `a view`. */
export async function readStandIns(
  client: Client,
  schema: string,
  missing: readonly string[],
): Promise<ReadonlyMap<string, string>> {
  if (missing.length === 0) return new Map();
  const { rows } = await client.query<{ name: string; kind: string }>(standInsQuery, [schema, missing]);
  return new Map(rows.map(({ name, kind }) => [name, kind]));
}

/**
 * The tables of a schema, partitions as part of their tables, sorted by name.
 *
 * @param ignore names of tables to leave out
 * @throws SourceSchemaDrift where there is no such schema, SourceRefused where this role may not use it
 */
export async function readCatalog(client: Client, schema: string, ignore: readonly string[]): Promise<CatalogTable[]> {
  const found = (await client.query<{ usable: boolean; role: string }>(schemaQuery, [schema])).rows[0];
  if (found === undefined)
    throw new SourceSchemaDrift(`source ${whereIs(client)} has no schema ${JSON.stringify(schema)}`);
  if (!found.usable) {
    throw new SourceRefused(
      `source ${whereIs(client)}: no right to use schema ${JSON.stringify(schema)}: ` +
        `GRANT USAGE ON SCHEMA ${identifier(schema)} TO ${identifier(found.role)}`,
    );
  }
  return (await client.query<CatalogTable>(tablesQuery, [schema, ignore])).rows;
}
