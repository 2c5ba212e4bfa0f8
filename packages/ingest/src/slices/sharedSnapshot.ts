import { identifier, inSnapshot, literal, SnapshotLost, SourceUnavailable, whereIs } from '@totes/core';
import pg from 'pg';

/** https://www.postgresql.org/docs/current/errcodes-appendix.html */
const lockNotAvailable = '55P03';

/** What a server says whose snapshot is gone, or was of another server: which of them depends on its release. */
const notThere = ['22023', '42704', '55000'];

/** A server may be set to end transactions that last. */
const exportQuery = `
  SELECT pg_export_snapshot() AS snapshot, set_config('idle_in_transaction_session_timeout', $1, true),
         (SELECT set_config(name, '0', true) FROM pg_settings WHERE name = 'transaction_timeout')`;

/**
 * Makes the snapshot of the current transaction known to others, for as long as this transaction lasts.
 *
 * @param mostIdle for how long it may ask nothing, as PostgreSQL writes a time; 0 for ever
 */
export async function exportSnapshot(client: pg.Client, mostIdle = '0'): Promise<string> {
  const { rows } = await client.query<{ snapshot: string }>(exportQuery, [mostIdle]);
  return rows[0]!.snapshot;
}

/**
 * Runs `work` in a transaction that reads the snapshot of another one, and as `inSnapshot` does otherwise. The table is
 * locked first: that the snapshot can be taken afterwards shows that who shares it still kept the table as it was. Nothing
 * is waited for, because whoever wants the table to themselves waits for us already.
 *
 * @throws SnapshotLost where the other transaction has ended, SourceUnavailable where somebody waits to change the table
 */
export const inSharedSnapshot = <T>(
  client: pg.Client,
  snapshot: string,
  { schema, table }: { readonly schema: string; readonly table: string },
  work: () => Promise<T>,
): Promise<T> =>
  inSnapshot(client, async () => {
    const where = `source ${whereIs(client)}, table ${table}`;
    const lock = `LOCK TABLE ${identifier(schema, table)} IN ACCESS SHARE MODE NOWAIT`;
    await client.query(lock).catch((error: unknown) => {
      if (!isOneOf(error, [lockNotAvailable])) throw error;
      throw new SourceUnavailable(`${where}: somebody waits to change it while it is read: run again`);
    });
    await client.query(`SET TRANSACTION SNAPSHOT ${literal(snapshot)}`).catch((error: unknown) => {
      if (!isOneOf(error, notThere)) throw error;
      throw new SnapshotLost(`${where}: the snapshot that its slices share is gone: all has to be looked at again`);
    });
    return work();
  });

const isOneOf = (error: unknown, codes: readonly string[]): boolean =>
  error instanceof pg.DatabaseError && codes.includes(error.code ?? '');
