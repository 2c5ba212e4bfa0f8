import type { Client } from 'pg';
import { runMigrations } from '../migrate.ts';
import { createMissingSchema } from '../schemaPlan.ts';
import { etl, newestMigrationQuery } from '../sql/ledger.ts';
import { catalog } from './catalog.ts';
import { migrations } from './migrations.ts';
import { loadLock, lockedTransaction } from './transaction.ts';

/** Nobody reads it. Its lock stands for PostgreSQL's advisory locks, which Redshift has not. */
const createLoadLock = `CREATE TABLE IF NOT EXISTS "etl"."${loadLock}" ("nothing" integer) DISTSTYLE ALL;
COMMENT ON TABLE "etl"."${loadLock}" IS 'Locked by a load while it writes to the warehouse: of two at once one waits.'`;

const createMigrationTable = `CREATE TABLE "etl"."migration" (
  "number" integer NOT NULL,
  "name" character varying(65535) NOT NULL,
  "applied_at" timestamp NOT NULL DEFAULT sysdate,
  PRIMARY KEY ("number")
) DISTSTYLE ALL;
COMMENT ON TABLE "etl"."migration" IS 'The changes made to this schema, in order.'`;

/** Brings schema etl to the newest migration. Throws as PostgreSQL's `migrate` does. */
export async function migrate(client: Client): Promise<void> {
  await makeLock(client);
  await lockedTransaction(client, etl, () => applyMigrations(client));
}

/** Before anybody can take the lock, its table must be there; so of two that make it at once, one may fail. */
async function makeLock(client: Client): Promise<void> {
  const isThere = (): Promise<boolean> => catalog.relationExists(client, etl, loadLock);
  if (await isThere()) return;
  try {
    await prepare(client);
  } catch (error) {
    if (!(await isThere())) throw error;
  }
}

/** Runs the migrations that did not run yet, in the caller's transaction. Throws as `migrate` does. */
export async function applyMigrations(client: Client): Promise<void> {
  if (!(await catalog.relationExists(client, etl, loadLock))) await prepare(client);
  if (!(await catalog.relationExists(client, etl, 'migration'))) await client.query(createMigrationTable);
  const { rows } = await client.query<{ number: number }>(newestMigrationQuery);
  await runMigrations(client, migrations, rows[0]!.number);
}

async function prepare(client: Client): Promise<void> {
  for (const statement of createMissingSchema(await catalog.readSchema(client, etl))) await client.query(statement);
  await client.query(createLoadLock);
}
