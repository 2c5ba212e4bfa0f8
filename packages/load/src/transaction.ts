import { inTransaction } from '@totes/core';
import type { Client } from 'pg';
import { beginReading, beginWriting, lock } from './sql/transaction.ts';

/** Runs `work` in a transaction that holds the lock of that name; commits when it returns, rolls back when it throws. */
export const lockedTransaction = <T>(client: Client, name: string, work: () => Promise<T>): Promise<T> =>
  inTransaction(client, beginWriting, async () => {
    await client.query(lock, [name]);
    return work();
  });

/** Runs `work` in a transaction; commits when it returns, rolls back when it throws. */
export const writeTransaction = <T>(client: Client, work: () => Promise<T>): Promise<T> =>
  inTransaction(client, beginWriting, work);

/** Runs `work`, which only reads, on one snapshot: what others commit meanwhile shows in none of its queries. */
export const readTransaction = <T>(client: Client, work: () => Promise<T>): Promise<T> =>
  inTransaction(client, beginReading, work);

/** Runs `work` in a transaction of which nothing stays. */
export async function rolledBackTransaction(client: Client, work: () => Promise<void>): Promise<void> {
  await client.query(beginWriting);
  try {
    await work();
  } finally {
    await client.query('ROLLBACK').catch(() => undefined);
  }
}
