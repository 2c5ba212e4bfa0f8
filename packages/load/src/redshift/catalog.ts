import { identifier, literal } from '@totes/core';
import type { Client } from 'pg';
import type { Catalog } from '../catalog.ts';
import type { ColumnShape, FoundRelation } from '../sql/shape.ts';

/** Placeholders for a list of texts: Redshift has no arrays to pass one in. */
const list = (first: number, count: number): string =>
  Array.from({ length: count }, (_, i) => `$${first + i}::varchar`).join(', ');

const ofSchema = `JOIN pg_catalog.pg_namespace AS "n" ON "n"."oid" = "c"."relnamespace"
  WHERE "n"."nspname" = $1::varchar`;

/** One row: whether schema $1 exists, and whether this user, named, could create it. */
const schemaQuery = `
  SELECT (SELECT count(*) FROM pg_catalog.pg_namespace WHERE "nspname" = $1::varchar) AS "found",
    has_database_privilege(current_database(), 'CREATE') AS "creatable", current_user::varchar AS "login"`;

const relationQuery = `
  SELECT count(*) AS "found" FROM pg_catalog.pg_class AS "c" ${ofSchema} AND "c"."relname" = $2::varchar`;

const relationsQuery = (count: number): string => `
  SELECT "c"."relname"::varchar AS "name", "c"."relkind"::varchar AS "kind" FROM pg_catalog.pg_class AS "c"
  ${ofSchema} AND "c"."relname" IN (${list(2, count)})`;

const columnsQuery = (count: number): string => `
  SELECT "c"."relname"::varchar AS "relation", "a"."attname"::varchar AS "name",
    pg_catalog.format_type("a"."atttypid", "a"."atttypmod") AS "type", "a"."attnotnull" AS "required"
  FROM pg_catalog.pg_attribute AS "a"
  JOIN pg_catalog.pg_class AS "c" ON "c"."oid" = "a"."attrelid"
  ${ofSchema} AND "c"."relname" IN (${list(2, count)}) AND "a"."attnum" > 0 AND NOT "a"."attisdropped"
  ORDER BY "a"."attnum"`;

/** The primary keys that have one column, as all of the star have. */
const primaryKeysQuery = (count: number): string => `
  SELECT "c"."relname"::varchar AS "relation", "a"."attname"::varchar AS "name"
  FROM pg_catalog.pg_constraint AS "k"
  JOIN pg_catalog.pg_class AS "c" ON "c"."oid" = "k"."conrelid"
  JOIN pg_catalog.pg_attribute AS "a" ON "a"."attrelid" = "c"."oid" AND "a"."attnum" = "k"."conkey"[1]
  ${ofSchema} AND "c"."relname" IN (${list(2, count)}) AND "k"."contype" = 'p' AND "k"."conkey"[2] IS NULL`;

const emptyTablesQuery = (schema: string, tables: readonly string[]): string =>
  tables
    .map(
      (table) =>
        `SELECT ${literal(table)}::varchar AS "name", count(*) AS "found" FROM (SELECT 1 AS "one" FROM ${identifier(schema, table)} LIMIT 1) AS "first"`,
    )
    .join('\nUNION ALL ');

interface FoundColumn {
  readonly relation: string;
  readonly name: string;
  readonly type: string;
  readonly required: boolean;
}

async function relations(client: Client, schema: string, names: readonly string[]): Promise<FoundRelation[]> {
  const ask = async <Row extends object>(sql: (count: number) => string): Promise<Row[]> =>
    (await client.query<Row>(sql(names.length), [schema, ...names])).rows;
  const found = await ask<{ name: string; kind: string }>(relationsQuery);
  const columns = await ask<FoundColumn>(columnsQuery);
  const keys = await ask<{ relation: string; name: string }>(primaryKeysQuery);
  return found.map(({ name, kind }) => ({
    name,
    kind: kind === 'r' ? 'table' : kind === 'v' ? 'view' : 'other',
    columns: columns.filter(({ relation }) => relation === name).map(columnShape),
    primaryKey: keys.filter(({ relation }) => relation === name).map((key) => key.name),
    // None of these says anything of Redshift: nobody enforces a key, and a view is made anew as a whole.
    owned: true,
    uses: [],
    references: [],
    indexes: [],
  }));
}

const columnShape = ({ name, type, required }: FoundColumn): ColumnShape => ({
  name,
  type,
  nullable: !required,
  identity: false,
});

/**
 * The catalog of Redshift: that of PostgreSQL 8, which the leader node answers by itself, so no query joins it to a table.
 * https://docs.aws.amazon.com/redshift/latest/dg/c_intro_catalog_views.html
 */
export const catalog: Catalog = {
  async readSchema(client, name) {
    const { rows } = await client.query<{ found: string; creatable: boolean; login: string }>(schemaQuery, [name]);
    const { found, creatable, login } = rows[0]!;
    return { name, exists: Number(found) > 0, creatable, user: login };
  },
  async relationExists(client, schema, name) {
    return Number((await client.query<{ found: string }>(relationQuery, [schema, name])).rows[0]!.found) > 0;
  },
  relations,
  async emptyTables(client, schema, tables) {
    const { rows } = await client.query<{ name: string; found: string }>(emptyTablesQuery(schema, tables));
    return rows.filter(({ found }) => Number(found) === 0).map(({ name }) => name);
  },
};
