import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { pipeline } from 'node:stream/promises';
import pg from 'pg';
import { addKeys, createTables, createTotesys, type TableName } from '../../packages/cli/src/sampleData/totesys.ts';

/** In the order of their foreign keys. */
const tables: readonly TableName[] = [
  'currency',
  'department',
  'design',
  'payment_type',
  'address',
  'staff',
  'counterparty',
  'sales_order',
  'purchase_order',
  'transaction',
  'payment',
];

/** When the copy has its keys: while it is filled, as the source has, or afterwards. */
export type Keys = 'kept' | 'made afterwards';

/**
 * Copies the source's tables into an empty database by `psql` alone: `COPY … TO STDOUT` piped into `COPY … FROM STDIN`, one
 * table after the other. No program that goes through a client can be faster with these tables.
 *
 * @param source the URL of a filled totesys
 * @param target the URL of an empty database
 * @returns how many seconds it took
 * @throws Error where psql is not there or fails
 */
export async function copyByPsql(source: string, target: string, keys: Keys): Promise<number> {
  await onDatabase(target, keys === 'kept' ? createTotesys : createTables);
  const started = performance.now();
  for (const table of tables) await copyTable(source, target, table);
  if (keys === 'made afterwards') await onDatabase(target, addKeys);
  return (performance.now() - started) / 1000;
}

async function copyTable(source: string, target: string, table: string): Promise<void> {
  const psql = (url: string, sql: string, stdio: ('ignore' | 'pipe' | 'inherit')[]) =>
    spawn('psql', ['--no-psqlrc', '--quiet', '--command', sql, url], { stdio });
  const out = psql(source, `COPY ${table} TO STDOUT`, ['ignore', 'pipe', 'inherit']);
  const into = psql(target, `COPY ${table} FROM STDIN`, ['pipe', 'ignore', 'inherit']);
  const ended = Promise.all([once(out, 'exit'), once(into, 'exit')]);
  await pipeline(out.stdout!, into.stdin!);
  if ((await ended).some(([code]) => code !== 0)) throw new Error(`psql did not copy ${table}`);
}

async function onDatabase(url: string, work: (client: pg.Client) => Promise<void>): Promise<void> {
  const client = new pg.Client(url);
  await client.connect();
  try {
    await work(client);
  } finally {
    await client.end();
  }
}
