import type { Client } from 'pg';

/**
 * Runs `work` in a transaction; commits when it returns, rolls back when it throws.
 *
 * @param begin the statements that begin it: BEGIN, and what holds within it
 */
export async function inTransaction<T>(client: Client, begin: string, work: () => Promise<T>): Promise<T> {
  try {
    await client.query(begin);
    const result = await work();
    await client.query('COMMIT');
    return result;
  } catch (error) {
    // On a connection that was lost the server rolls back by itself, and the first error says more than a second.
    await client.query('ROLLBACK').catch(() => undefined);
    throw error;
  }
}
