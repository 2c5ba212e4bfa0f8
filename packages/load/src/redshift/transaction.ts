import { setTimeout } from 'node:timers/promises';
import { inTransaction, isSerializationConflict } from '@totes/core';
import type { Client } from 'pg';

/** The table in schema etl whose lock serialises the loads of a database. */
export const loadLock = 'load_lock';

/** Transactions that Redshift ends because of others, in a row, before the caller learns of it. */
const mostAttempts = 5;

/** Grows with each attempt: what was in the way, as a nightly job of somebody else's, needs time to end. */
const pauseMillis = 200;

/**
 * The lock is taken before anything is read: Redshift's transactions see the moment of their first query, which must come
 * after the commit of whoever held the lock. It is one for all warehouse schemas of the database, whatever its name.
 * https://docs.aws.amazon.com/redshift/latest/dg/r_LOCK.html
 */
const lock = `LOCK "etl"."${loadLock}"`;

/**
 * Runs `work` in a transaction that holds the lock; commits when it returns, rolls back when it throws. Where Redshift
 * finds that the transaction and another cannot be put in an order, all of it is done again. Throws the conflict itself,
 * which is a passing fault, after five of them.
 */
export async function lockedTransaction<T>(client: Client, _name: string, work: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await inTransaction(client, 'BEGIN READ WRITE', async () => {
        await client.query(lock);
        return work();
      });
    } catch (error) {
      if (!isSerializationConflict(error) || attempt === mostAttempts) throw error;
      await setTimeout(pauseMillis * attempt);
    }
  }
}

/** Runs `work`, which only reads, on one snapshot. */
export const readTransaction = <T>(client: Client, work: () => Promise<T>): Promise<T> =>
  inTransaction(client, 'BEGIN READ ONLY', work);

/** Runs `work` in a transaction of which nothing stays. */
export async function rolledBackTransaction(client: Client, work: () => Promise<void>): Promise<void> {
  await client.query('BEGIN READ WRITE');
  try {
    await work();
  } finally {
    await client.query('ROLLBACK').catch(() => undefined);
  }
}
