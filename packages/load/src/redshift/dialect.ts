import { identifier } from '@totes/core';
import type { Dialect } from '../dialect.ts';
import { catalog } from './catalog.ts';
import { ledger } from './ledger.ts';
import { loadTable } from './loadTable.ts';
import { applyMigrations, migrate } from './migrate.ts';
import { refuse } from './refuse.ts';
import { planSchema } from './schemaPlan.ts';
import { lockedTransaction, readTransaction, rolledBackTransaction } from './transaction.ts';

/** Amazon Redshift: the differences, and what was tried where, are in docs/redshift.md. */
export const redshift: Dialect = {
  catalog,
  ledger,
  refuse,
  lockedTransaction,
  readTransaction,
  rolledBackTransaction,
  migrate,
  applyMigrations,
  planSchema,
  loadTable,
  async reinstateAll(client, schema, { name }) {
    await client.query(`DELETE FROM ${identifier(schema, name)}`);
  },
  // TRUNCATE would commit after each table, and readers would see some empty and others not.
  emptying: (schema, tables) =>
    ['BEGIN', ...tables.map((table) => `DELETE FROM ${identifier(schema, table)}`), 'COMMIT'].join('; '),
};
