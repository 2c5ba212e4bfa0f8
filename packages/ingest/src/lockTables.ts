import { identifier, SourceUnavailable, whereIs } from '@totes/core';
import pg from 'pg';

/** https://www.postgresql.org/docs/current/errcodes-appendix.html */
const undefinedTable = '42P01';

const readableQuery = `
  SELECT c.relname AS name
  FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
  WHERE n.nspname = $1 AND c.relkind IN ('r', 'p') AND NOT c.relispartition AND c.relname <> ALL ($2)
        AND pg_catalog.has_schema_privilege(n.oid, 'USAGE') AND pg_catalog.has_table_privilege(c.oid, 'SELECT')
  ORDER BY c.relname`;

/** The names of the tables of a schema that this role may read, those to leave out excepted; none where it may not use it. */
export async function readableTables(client: pg.Client, schema: string, ignore: readonly string[]): Promise<string[]> {
  const { rows } = await client.query<{ name: string }>(readableQuery, [schema, ignore]);
  return rows.map(({ name }) => name);
}

/**
 * Keeps tables, and their partitions, as they are until the transaction ends, though rows may be written. To be called
 * before the snapshot is taken, which LOCK does not do: TRUNCATE and an ALTER TABLE that rewrites are not
 * transactional to readers, and whoever has an older snapshot than such a commit finds the table empty.
 *
 * @throws SourceUnavailable where one of them is gone by now
 */
export async function lockTables(client: pg.Client, schema: string, names: readonly string[]): Promise<void> {
  if (names.length === 0) return;
  try {
    await client.query(`LOCK TABLE ${names.map((name) => identifier(schema, name)).join(', ')} IN ACCESS SHARE MODE`);
  } catch (error) {
    if (!(error instanceof pg.DatabaseError && error.code === undefinedTable)) throw error;
    throw new SourceUnavailable(
      `source ${whereIs(client)}: ${error.message}, though it was there a moment ago: run again`,
    );
  }
}
