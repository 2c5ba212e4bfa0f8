import { identifier, literal } from '@totes/core';

/** What tells schema $1 from others: its comment, and whether anything is in it. No row where it is missing. */
export const schemaMarkQuery = `
  SELECT pg_catalog.obj_description(n.oid, 'pg_namespace') AS "mark", EXISTS (
    SELECT FROM pg_catalog.pg_depend d
    WHERE d.refclassid = 'pg_catalog.pg_namespace'::regclass AND d.refobjid = n.oid
  ) AS "filled"
  FROM pg_catalog.pg_namespace n WHERE n.nspname = $1`;

export const markSchema = (schema: string, mark: string): string =>
  `COMMENT ON SCHEMA ${identifier(schema)} IS ${literal(mark)}`;

/** Drops a schema that is empty. */
export const dropSchema = (schema: string): string => `DROP SCHEMA ${identifier(schema)}`;

/** Drops tables, and the views that show them. */
export const dropTables = (schema: string, tables: readonly string[]): string =>
  `DROP TABLE ${tables.map((table) => identifier(schema, table)).join(', ')} CASCADE`;

/** Reclaims what updates left, and gives the planner its statistics: autovacuum would come after the first queries. */
export const vacuumTables = (schema: string, tables: readonly string[]): string =>
  `VACUUM (ANALYZE) ${tables.map((table) => identifier(schema, table)).join(', ')}`;

/** Takes the session's lock named $1, where nobody has it. */
export const tryLock = `SELECT pg_try_advisory_lock(hashtextextended('totes replay ' || $1::text, 0)) AS "locked"`;
export const unlock = `SELECT pg_advisory_unlock(hashtextextended('totes replay ' || $1::text, 0))`;

/** Gives the ledger's rows of schema $2 to schema $1. */
export const takeOverLoads = 'UPDATE etl.load_log SET warehouse_schema = $1 WHERE warehouse_schema = $2';

/**
 * The transactions of this database, apart from this session's, that may hold a snapshot. Who may not see what others
 * do sees only that they are there.
 */
export const openTransactionsQuery = `
  SELECT a.pid, a.usename::text AS "user", l.virtualtransaction AS "transaction"
  FROM pg_catalog.pg_locks l JOIN pg_catalog.pg_stat_activity a USING (pid)
  WHERE l.locktype = 'virtualxid' AND l.mode = 'ExclusiveLock' AND l.granted
    AND a.datname = pg_catalog.current_database() AND a.pid <> pg_catalog.pg_backend_pid()
    AND (a.backend_xmin IS NOT NULL OR a.state IS NULL OR a.state = 'disabled')`;
