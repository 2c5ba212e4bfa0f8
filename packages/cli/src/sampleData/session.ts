import { connectPostgres, failure, redactUrl } from '@totes/core';
import type pg from 'pg';

/**
 * Connects to totesys, does the work and disconnects. A transaction that the work leaves open, as it does when it
 * throws, ends with the connection and without effect. Throws typed errors that name the database.
 */
export async function withTotesys<T>(
  url: string,
  applicationName: string,
  work: (client: pg.Client) => Promise<T>,
): Promise<T> {
  const client = await connectPostgres({ url, side: 'source', applicationName });
  try {
    return await work(client);
  } catch (error) {
    throw failure('source', redactUrl(url), error);
  } finally {
    await client.end();
  }
}

/** Does the work as one transaction. Where it throws, the transaction stays open, for the caller to disconnect. */
export async function inTransaction<T>(client: pg.Client, work: () => Promise<T>): Promise<T> {
  await client.query('BEGIN');
  const result = await work();
  await client.query('COMMIT');
  return result;
}
