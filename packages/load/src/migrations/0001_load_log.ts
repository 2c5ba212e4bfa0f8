export const sql = `
CREATE TABLE etl.load_log (
  warehouse_schema text NOT NULL,
  lake_id uuid NOT NULL,
  version bigint NOT NULL,
  run_id text NOT NULL,
  source_snapshot text NOT NULL,
  source_read_at timestamptz NOT NULL,
  loaded_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  rows jsonb NOT NULL,
  warnings integer NOT NULL,
  quarantined bigint NOT NULL,
  code_version text NOT NULL,
  PRIMARY KEY (warehouse_schema, lake_id, version)
);
COMMENT ON TABLE etl.load_log IS 'The versions of the lake that a warehouse schema holds: one row each, written in the transaction that loaded it.';
COMMENT ON COLUMN etl.load_log.lake_id IS 'Tells the lake from any other.';
COMMENT ON COLUMN etl.load_log.run_id IS 'The transform run that wrote the version.';
COMMENT ON COLUMN etl.load_log.source_snapshot IS 'pg_current_snapshot() of the look at totesys that the version shows.';
COMMENT ON COLUMN etl.load_log.source_read_at IS 'When that look was taken, by the clock of totesys.';
COMMENT ON COLUMN etl.load_log.rows IS 'Rows inserted or updated, by warehouse table; tables without any are absent.';
COMMENT ON COLUMN etl.load_log.warnings IS 'Fact rows that changed although their last_updated did not.';
COMMENT ON COLUMN etl.load_log.quarantined IS 'Rows set aside in this and all earlier versions of the lake.';
COMMENT ON COLUMN etl.load_log.code_version IS 'The release that loaded it.';`;
