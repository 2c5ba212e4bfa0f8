import { connectPostgres, processedBucket, rawBucket, type ProcessedBucket, type RawBucket } from '@totes/core';
import type pg from 'pg';
import { createDatabase, type TestDatabase } from '../../../../scripts/jest/database.ts';
import { MemoryStore } from '../../../core/test/memoryStore.ts';
import { createTables } from '../../src/sampleData/totesys.ts';
import { tableNames } from './step.ts';
import { Sessions } from './sessions.ts';

/** A lake in memory. */
export interface MemoryLake {
  readonly raw: RawBucket & { readonly store: MemoryStore };
  readonly processed: ProcessedBucket & { readonly store: MemoryStore };
}

export function emptyLake(): MemoryLake {
  const [raw, processed] = [new MemoryStore(), new MemoryStore()];
  return { raw: { ...rawBucket(raw), store: raw }, processed: { ...processedBucket(processed), store: processed } };
}

/** A database and the connections by which two runs of a stage may use it at once. */
export interface Side {
  readonly database: TestDatabase;
  readonly clients: readonly [pg.Client, pg.Client];
}

/** The databases in which histories happen, one after the other, and the connections to them. */
export interface Shop {
  readonly source: Side;
  readonly sessions: Sessions;
  readonly warehouse: Side;
  /** For what must show the same, loaded in another way. */
  readonly other: Side;
  /** Removes what the catalogs keep of dropped tables: each load makes temporary ones. */
  vacuum(): Promise<void>;
  close(): Promise<void>;
}

/** Makes the databases; the shop has no foreign keys, so that partners may come late, or never. */
export async function openShop(): Promise<Shop> {
  const [source, warehouse, other] = [
    await openSide('source'),
    await openSide('warehouse'),
    await openSide('warehouse'),
  ];
  const writers = [await source.database.connect(), await source.database.connect(), await source.database.connect()];
  await createTables(writers[0]!);
  for (const table of tableNames) await writers[0]!.query(`ALTER TABLE ${table} ADD PRIMARY KEY (${table}_id)`);
  const sides = [source, warehouse, other];
  const sessions = new Sessions(writers);
  return {
    source,
    sessions,
    warehouse,
    other,
    async vacuum() {
      await sessions.end('abort');
      for (const { database } of sides) await database.query('VACUUM');
    },
    async close() {
      await sessions.end('abort');
      for (const { database, clients } of sides) {
        for (const client of clients) await client.end();
        await database.drop();
      }
    },
  };
}

async function openSide(side: 'source' | 'warehouse'): Promise<Side> {
  const database = await createDatabase();
  const connect = (): Promise<pg.Client> =>
    connectPostgres({ url: database.url, side, applicationName: 'totes random histories' });
  return { database, clients: [await connect(), await connect()] };
}

/**
 * Empties a warehouse, whose next load then starts from the first version of its lake. Foreign keys are not checked
 * meanwhile: every day of the calendar would be looked for in every fact.
 */
export async function emptyWarehouse({ clients: [client] }: Side): Promise<void> {
  await client.query(`
    BEGIN;
    SET LOCAL session_replication_role = replica;
    DO $$
    DECLARE filled record;
    BEGIN
      FOR filled IN SELECT oid::regclass AS name FROM pg_class
        WHERE relnamespace IN (to_regnamespace('public'), to_regnamespace('etl')) AND relkind = 'r' AND relname <> 'migration'
      LOOP EXECUTE format('DELETE FROM %s', filled.name); END LOOP;
    END $$;
    COMMIT`);
}
