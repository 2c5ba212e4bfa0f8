import type { Client } from 'pg';
import { begin, lock } from './sql/transaction.ts';

/** Runs `work` in a transaction that holds the lock of that name; commits when it returns, rolls back when it throws. */
export async function lockedTransaction<T>(client: Client, name: string, work: () => Promise<T>): Promise<T> {
  await client.query(begin);
  try {
    await client.query(lock, [name]);
    const result = await work();
    await client.query('COMMIT');
    return result;
  } catch (error) {
    // On a connection that was lost the server rolls back by itself, and the first error says more than a second.
    await client.query('ROLLBACK').catch(() => undefined);
    throw error;
  }
}
