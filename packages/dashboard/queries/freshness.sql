-- How fresh the warehouse is: the versions of the lake that were loaded into it, the last first. Times are UTC.
SELECT
  version,
  to_char(source_read_at AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS') AS source_read,
  to_char(loaded_at AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS') AS loaded,
  round(extract(epoch FROM loaded_at - source_read_at)::numeric, 1) AS seconds_behind,
  (SELECT coalesce(sum(value::bigint), 0) FROM jsonb_each_text(rows)) AS rows_loaded,
  quarantined AS set_aside,
  warnings
FROM etl.load_log
WHERE warehouse_schema = current_schema()
ORDER BY loaded_at DESC
