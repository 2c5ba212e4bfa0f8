/** The schema that holds the pipeline's own tables. */
export const etl = 'etl';

/** The lakes whose versions warehouse schema $1 holds, the one loaded last first, each with its newest version. */
export const loadedLakesQuery = `
  SELECT lake_id::text AS "lakeId", max(version) AS version
  FROM etl.load_log WHERE warehouse_schema = $1
  GROUP BY lake_id ORDER BY max(loaded_at) DESC`;

/**
 * Of version $3 of lake $2 in warehouse schema $1: when the source was read for it, whether that is $4, and the transform
 * run that wrote it.
 */
export const loadedVersionQuery = `
  SELECT source_read_at::text AS "readAt", source_read_at = $4::timestamptz AS "sameRead", run_id AS "runId"
  FROM etl.load_log WHERE warehouse_schema = $1 AND lake_id = $2 AND version = $3`;

/** The latest look at the source that warehouse schema $1 shows, and whether it is later than $2. */
export const latestReadQuery = `
  SELECT max(source_read_at)::text AS "readAt", max(source_read_at) > $2::timestamptz AS later
  FROM etl.load_log WHERE warehouse_schema = $1`;

/** Those of the tables $2 into which a load ever wrote a row of warehouse schema $1. */
export const everLoadedQuery = `
  SELECT name FROM unnest($2::text[]) AS name
  WHERE EXISTS (SELECT FROM etl.load_log WHERE warehouse_schema = $1 AND rows ? name)`;

/** Forgets what warehouse schema $1 held. */
export const forgetLoads = 'DELETE FROM etl.load_log WHERE warehouse_schema = $1';

/** Records a loaded version, after all others of the schema though the clock was put back: the last one is in force. */
export const recordLoad = `
  INSERT INTO etl.load_log (warehouse_schema, lake_id, version, run_id, source_snapshot, source_read_at,
    rows, warnings, quarantined, code_version, loaded_at)
  SELECT $1, $2, $3, $4, $5, $6, $7, $8, $9, $10,
    greatest(clock_timestamp(), max(loaded_at) + interval '1 microsecond')
  FROM etl.load_log WHERE warehouse_schema = $1`;

const isoTime = (column: string): string => `to_char(${column} AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`;

/** The load that warehouse schema $1 saw last. */
export const lastLoadQuery = `
  SELECT version, lake_id::text AS "lakeId", run_id AS "runId", ${isoTime('loaded_at')} AS "loadedAt",
    ${isoTime('source_read_at')} AS "sourceReadAt", quarantined
  FROM etl.load_log WHERE warehouse_schema = $1
  ORDER BY loaded_at DESC LIMIT 1`;

/** Where the migrations that ran are recorded. */
export const createMigrationTable = `
  CREATE TABLE etl.migration (
    number integer PRIMARY KEY,
    name text NOT NULL,
    applied_at timestamptz NOT NULL DEFAULT now()
  );
  COMMENT ON TABLE etl.migration IS 'The changes made to this schema, in order.'`;

export const newestMigrationQuery = 'SELECT coalesce(max("number"), 0) AS "number" FROM "etl"."migration"';

export const recordMigration = 'INSERT INTO "etl"."migration" ("number", "name") VALUES ($1::integer, $2::varchar)';
