import { WarehouseMismatch } from '@totes/core';
import type { Client } from 'pg';
import { readSchema, relationExists } from './catalog.ts';
import { migrations, type Migration } from './migrations/index.ts';
import { createMissingSchema } from './schemaPlan.ts';
import { createMigrationTable, etl, newestMigrationQuery, recordMigration } from './sql/ledger.ts';
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
  await runMigrations(client, migrations, await prepare(client));
}

/**
 * Runs those of the migrations that come after number `applied`, and records each. Throws as `migrate` does.
 *
 * @param all every migration that this release knows, in order
 */
export async function runMigrations(client: Client, all: readonly Migration[], applied: number): Promise<void> {
  const newest = all.at(-1)!.number;
  if (applied > newest) {
    throw new WarehouseMismatch(
      `schema etl of the warehouse is at migration ${applied}; this release knows them up to ${newest}: upgrade it`,
    );
  }
  for (const { number, name, sql } of all.filter(({ number }) => number > applied)) {
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
