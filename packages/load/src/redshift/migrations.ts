import type { Migration } from '../migrations/index.ts';

const text = 'character varying(65535)';

/** The history of schema etl in Redshift, as `migrations/` has PostgreSQL's: forward only. */
export const migrations: readonly Migration[] = [
  {
    number: 1,
    name: 'load_log',
    // What is jsonb in PostgreSQL is text here: SUPER cannot be searched for a name without unnesting it.
    sql: `CREATE TABLE "etl"."load_log" (
  "warehouse_schema" ${text} NOT NULL,
  "lake_id" character varying(36) NOT NULL,
  "version" bigint NOT NULL,
  "run_id" ${text} NOT NULL,
  "source_snapshot" ${text} NOT NULL,
  "source_read_at" timestamp with time zone NOT NULL,
  "loaded_at" timestamp with time zone NOT NULL,
  "rows" ${text} NOT NULL,
  "warnings" integer NOT NULL,
  "quarantined" bigint NOT NULL,
  "code_version" ${text} NOT NULL,
  PRIMARY KEY ("warehouse_schema", "lake_id", "version")
) DISTSTYLE ALL COMPOUND SORTKEY ("warehouse_schema", "lake_id", "version");
COMMENT ON TABLE "etl"."load_log" IS 'The versions of the lake that a warehouse schema holds: one row each, written in the transaction that loaded it.'`,
  },
];
