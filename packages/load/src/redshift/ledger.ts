import { literal } from '@totes/core';
import { ledgerRow, type Ledger } from '../ledger.ts';

const ofSchema = `FROM "etl"."load_log" WHERE "warehouse_schema" = $1::varchar`;

const lakesQuery = `
  SELECT "lake_id", max("version") AS "newest" ${ofSchema} GROUP BY "lake_id" ORDER BY max("loaded_at") DESC`;

/** `rows` is text: JSON as the load writes it, without blanks. */
const everLoadedQuery = (tables: readonly string[]): string =>
  tables
    .map(
      (table) =>
        `SELECT ${literal(table)}::varchar AS "name", count(*) AS "loads" ${ofSchema} AND strpos("rows", ${literal(`"${table}":`)}) > 0`,
    )
    .join('\nUNION ALL ');

/** The session's time zone is UTC. */
const timeText = (column: string): string => `to_char(${column}, 'YYYY-MM-DD HH24:MI:SS.MS')`;
const iso = (time: string | null): string => (time === null ? '' : `${time.replace(' ', 'T')}Z`);

const findQuery = `
  SELECT ${timeText('"source_read_at"')} AS "read_at", "source_read_at" = $4::timestamptz AS "same_read", "run_id"
  ${ofSchema} AND "lake_id" = $2::varchar AND "version" = $3::bigint`;

const latestReadQuery = `
  SELECT ${timeText('max("source_read_at")')} AS "read_at", max("source_read_at") > $2::timestamptz AS "is_later" ${ofSchema}`;

const lastQuery = `
  SELECT "version", "lake_id", "run_id", ${timeText('"loaded_at"')} AS "loaded", ${timeText('"source_read_at"')} AS "read_at",
    "quarantined"
  ${ofSchema} ORDER BY "loaded_at" DESC LIMIT 1`;

const forgetLoads = `DELETE ${ofSchema}`;

/** After all others of the schema, though the clock was put back, or the transaction began before the last one's end. */
const recordLoad = `
  INSERT INTO "etl"."load_log" ("warehouse_schema", "lake_id", "version", "run_id", "source_snapshot", "source_read_at",
    "rows", "warnings", "quarantined", "code_version", "loaded_at")
  SELECT $1::varchar(65535), $2::varchar(36), $3::bigint, $4::varchar(65535), $5::varchar(65535), $6::timestamptz,
    $7::varchar(65535), $8::integer, $9::bigint, $10::varchar(65535),
    greatest(sysdate::timestamptz, max("loaded_at") + interval '1 microsecond')
  ${ofSchema}`;

/** The ledger in Redshift: the same table. Names of results are of small letters, because Redshift makes them so. */
export const ledger: Ledger = {
  async lakes(client, schema) {
    const { rows } = await client.query<{ lake_id: string; newest: string }>(lakesQuery, [schema]);
    return rows.map(({ lake_id, newest }) => ({ lakeId: lake_id, version: Number(newest) }));
  },
  async everLoaded(client, schema, tables) {
    const { rows } = await client.query<{ name: string; loads: string }>(everLoadedQuery(tables), [schema]);
    const loaded = new Set(rows.filter(({ loads }) => Number(loads) > 0).map(({ name }) => name));
    return tables.filter((table) => loaded.has(table));
  },
  async find(client, schema, { lakeId, version, source }) {
    const { rows } = await client.query<{ read_at: string; same_read: boolean; run_id: string }>(findQuery, [
      ...[schema, lakeId, version, source.readAt],
    ]);
    return rows[0] && { readAt: iso(rows[0].read_at), sameRead: rows[0].same_read, runId: rows[0].run_id };
  },
  async latestRead(client, schema, readAt) {
    const { rows } = await client.query<{ read_at: string | null; is_later: boolean }>(latestReadQuery, [
      schema,
      readAt,
    ]);
    return rows[0] && { readAt: iso(rows[0].read_at), later: rows[0].is_later };
  },
  async last(client, schema) {
    const { rows } = await client.query<Record<string, string>>(lastQuery, [schema]);
    return (
      rows[0] && {
        version: rows[0].version!,
        lakeId: rows[0].lake_id!,
        runId: rows[0].run_id!,
        loadedAt: iso(rows[0].loaded!),
        sourceReadAt: iso(rows[0].read_at!),
        quarantined: rows[0].quarantined!,
      }
    );
  },
  async forget(client, schema) {
    await client.query(forgetLoads, [schema]);
  },
  async record(client, schema, loaded, counts, by) {
    await client.query(recordLoad, ledgerRow(schema, loaded, counts, by));
  },
};
