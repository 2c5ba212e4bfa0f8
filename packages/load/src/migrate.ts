import { WarehouseMismatch } from '@totes/core';
import type { Client } from 'pg';
import { migrations } from './migrations/index.ts';
import { createMissingSchema } from './schemaPlan.ts';
import { createMigrationTable, etl, newestMigrationQuery, recordMigration } from './sql/ledger.ts';
import { readSchema, relationExists } from './survey.ts';
import { lockedTransaction } from './transaction.ts';

/**
 * Brings the pipeline's own schema, etl, to this release's newest migration. All warehouse schemas of a database share
 * it, so it has a lock and a transaction of its own. Throws WarehouseMismatch where a newer release was here before.
 */
export async function migrate(client: Client): Promise<void> {
  await lockedTransaction(client, etl, () => applyMigrations(client));
}

/** Runs the migrations that did not run yet, in the caller's transaction. Throws as `migrate` does. */
export async function applyMigrations(client: Client): Promise<void> {
  const applied = await prepare(client);
  const newest = migrations.at(-1)!.number;
  if (applied > newest) {
    throw new WarehouseMismatch(
      `schema etl of the warehouse is at migration ${applied}; this release knows them up to ${newest}: upgrade it`,
    );
  }
  for (const { number, name, sql } of migrations.filter(({ number }) => number > applied)) {
    await client.query(sql);
    await client.query(recordMigration, [number, name]);
  }
}

/** Makes what the migrations stand on, where it is missing; gives the number of the newest that ran. */
async function prepare(client: Client): Promise<number> {
  for (const statement of createMissingSchema(await readSchema(client, etl))) await client.query(statement);
  if (!(await relationExists(client, etl, 'migration'))) await client.query(createMigrationTable);
  return (await client.query<{ number: number }>(newestMigrationQuery)).rows[0]!.number;
}
