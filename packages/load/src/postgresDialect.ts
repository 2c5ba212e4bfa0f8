import { catalog } from './catalog.ts';
import type { Dialect } from './dialect.ts';
import { ledger } from './ledger.ts';
import { loadTable } from './loadTable.ts';
import { applyMigrations, migrate } from './migrate.ts';
import { planSchema } from './schemaPlan.ts';
import { truncateTables } from './sql/fill.ts';
import { reinstateAll } from './sql/retire.ts';
import { lockedTransaction, readTransaction, rolledBackTransaction } from './transaction.ts';

/** PostgreSQL from 13 on. */
export const postgres: Dialect = {
  catalog,
  ledger,
  refuse: () => undefined,
  lockedTransaction,
  readTransaction,
  rolledBackTransaction,
  migrate,
  applyMigrations,
  planSchema,
  loadTable,
  async reinstateAll(client, schema, table) {
    await client.query(reinstateAll(schema, table));
  },
  emptying: truncateTables,
};
