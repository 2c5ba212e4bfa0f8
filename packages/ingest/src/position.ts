import { SourceRefused, type SourcePosition, whereIs, withoutOthers } from '@totes/core';
import pg from 'pg';

/** Where the source stands in the look that is being taken. */
export interface Position {
  readonly source: SourcePosition & { readonly startedAt: string };
  /** When the server last recovered from a crash, by its own clock, ISO 8601 UTC. */
  readonly recoveredAt: string | undefined;
  readonly notices: readonly string[];
}

/** The first release with pg_current_snapshot(). */
const oldestServer = 130_000;

/** ISO 8601 with microseconds, so that two of them compare as text. */
const utc = (time: string): string => `to_char(${time} AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')`;

/**
 * A crash loses what was committed asynchronously, and a copy of a running server's disk starts with recovery from one.
 * Both may use transaction ids again that an earlier look has seen, on the same timeline. Recovery resets the server's
 * statistics, which is the one trace of it that every role may read.
 */
const positionQuery = `
  SELECT pg_current_snapshot()::text AS snapshot,
         ARRAY(SELECT backend_xid::text FROM pg_stat_activity WHERE datid <> d.oid AND backend_xid IS NOT NULL
               UNION ALL SELECT transaction::text FROM pg_prepared_xacts WHERE database <> d.datname) AS elsewhere,
         oid AS "databaseOid", datname AS database,
         ${utc('clock_timestamp()')} AS "readAt",
         ${utc('pg_postmaster_start_time()')} AS "startedAt",
         (SELECT ${utc('stats_reset')} FROM pg_stat_bgwriter) AS "recoveredAt"
  FROM pg_database d WHERE datname = current_database()`;

/** The control file names a new timeline only after its first checkpoint; the name of the WAL file does at once. */
const identityQuery = `
  SELECT system_identifier::text AS "systemIdentifier",
         CASE WHEN pg_is_in_recovery() THEN (SELECT timeline_id FROM pg_control_checkpoint())
              ELSE ('x' || left(pg_walfile_name(pg_current_wal_lsn()), 8))::bit(32)::int END AS timeline
  FROM pg_control_system()`;

/** A server that keeps running is the same one: two looks at it compare, and after a restart all is read again. */
const startQuery = `
  SELECT 'started ' || ${utc('pg_postmaster_start_time()')} AS "systemIdentifier", 0 AS timeline`;

type Identity = Pick<SourcePosition, 'systemIdentifier' | 'timeline'>;
type Look = Omit<Position['source'], keyof Identity | 'schema'> & {
  readonly elsewhere: readonly string[];
  readonly recoveredAt: string | null;
};

/** Throws SourceRefused where the server is older than PostgreSQL 13. */
export function checkServerVersion(where: string, number: number, name: string): void {
  if (number >= oldestServer) return;
  throw new SourceRefused(`source ${where} is PostgreSQL ${name}; PostgreSQL 13 or newer is needed`);
}

/** Throws SourceRefused where the server is too old. */
export async function checkServer(client: pg.Client): Promise<void> {
  const { rows } = await client.query<{ number: number; name: string }>(
    `SELECT current_setting('server_version_num')::int AS number, current_setting('server_version') AS name`,
  );
  checkServerVersion(whereIs(client), rows[0]!.number, rows[0]!.name);
}

/** Reads the position of the current transaction's snapshot; as its first query, it takes the snapshot. */
export async function readPosition(client: pg.Client, schema: string): Promise<Position> {
  const { elsewhere, recoveredAt, ...look } = (await client.query<Look>(positionQuery)).rows[0]!;
  const { identity, notices } = await readIdentity(client);
  const snapshot = withoutOthers(look.snapshot, elsewhere);
  return { source: { ...identity, ...look, snapshot, schema }, recoveredAt: recoveredAt ?? undefined, notices };
}

async function readIdentity(client: pg.Client): Promise<{ identity: Identity; notices: readonly string[] }> {
  await client.query('SAVEPOINT identity');
  const read = await identityOf(client);
  // Within a savepoint the snapshot could not be shared.
  await client.query('RELEASE SAVEPOINT identity');
  return read;
}

async function identityOf(client: pg.Client): Promise<{ identity: Identity; notices: readonly string[] }> {
  try {
    const { rows } = await client.query<Identity>(identityQuery);
    return { identity: rows[0]!, notices: [] };
  } catch (error) {
    if (!(error instanceof pg.DatabaseError)) throw error;
    await client.query('ROLLBACK TO SAVEPOINT identity');
    const { rows } = await client.query<Identity>(startQuery);
    const notice = `source ${whereIs(client)} does not tell its identity (${error.message}): all is read again after each of its restarts`;
    return { identity: rows[0]!, notices: [notice] };
  }
}
