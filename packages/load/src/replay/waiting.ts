import { setTimeout } from 'node:timers/promises';
import { messageOf, WarehouseUnavailable } from '@totes/core';
import type { Client } from 'pg';
import { openTransactionsQuery } from '../sql/shadow.ts';

/** query_canceled by statement_timeout, lock_not_available, deadlock_detected; dependent_objects_still_exist: new ones */
const passing = ['57014', '55P03', '40P01', '2BP01'];

const pauseMillis = { locks: 500, transactions: 100 };

/**
 * Does again what could not get its locks, until it can or `patience`, in milliseconds, is over. Throws
 * WarehouseUnavailable then.
 */
export async function untilLocked<T>(patience: number, schema: string, attempt: () => Promise<T>): Promise<T> {
  const deadline = performance.now() + patience;
  for (;;) {
    try {
      return await attempt();
    } catch (error) {
      if (!passing.includes(String((error as { code?: string }).code))) throw error;
      if (performance.now() < deadline) {
        await setTimeout(pauseMillis.locks);
        continue;
      }
      throw new WarehouseUnavailable(
        `the tables of warehouse schema "${schema}" were in use for ${patience / 1000} s (${messageOf(error)}), by a query or a ` +
          'transaction that stays open, and nothing was changed: pg_locks shows which; replay when they are free for a moment',
        { cause: error },
      );
    }
  }
}

/**
 * Waits until no transaction is left that began before now: to one that reads all on one snapshot, rows that were
 * written after it do not exist, and a rebuilt table would look empty. Throws WarehouseUnavailable where one stays
 * longer than `patience`, in milliseconds.
 */
export async function outliveOlderTransactions(client: Client, patience: number): Promise<void> {
  const deadline = performance.now() + patience;
  let older = await openTransactions(client);
  while (older.length > 0) {
    if (performance.now() >= deadline) {
      const sessions = older.map(({ pid, user }) => `${pid} of ${user}`).join(', ');
      throw new WarehouseUnavailable(
        `a transaction that began before the rebuilt tables were full would find them empty, and stays open: session ${sessions}. ` +
          'End it, then replay',
      );
    }
    await setTimeout(pauseMillis.transactions);
    const open = await openTransactions(client);
    older = older.filter(({ transaction }) => open.some((other) => other.transaction === transaction));
  }
}

interface OpenTransaction {
  readonly pid: number;
  readonly user: string;
  readonly transaction: string;
}

const openTransactions = async (client: Client): Promise<OpenTransaction[]> =>
  (await client.query<OpenTransaction>(openTransactionsQuery)).rows;
