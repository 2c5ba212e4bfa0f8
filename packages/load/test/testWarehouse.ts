import { identifier, starTables } from '@totes/core';
import type { Client } from 'pg';
import { createDatabase, type TestDatabase } from '../../../scripts/jest/database.ts';
import { load } from '../src/load.ts';
import type { LoadResult } from '../src/loadResult.ts';
import type { LoadOptions } from '../src/options.ts';
import type { ReplayOptions } from '../src/replay/options.ts';
import { replay, type ReplayResult } from '../src/replay/replay.ts';
import type { TestLake } from './testLake.ts';

/** An empty database to load into. */
export class TestWarehouse {
  readonly database: TestDatabase;

  private constructor(database: TestDatabase) {
    this.database = database;
  }

  static async create(): Promise<TestWarehouse> {
    return new TestWarehouse(await createDatabase());
  }

  /** Loads on a connection of its own. */
  async load(lake: TestLake, options: Partial<LoadOptions> = {}): Promise<LoadResult> {
    const warehouse = options.warehouse ?? (await this.database.connect());
    return load({ warehouse, processed: lake.bucket, schema: 'public', codeVersion: '1.2.3', ...options });
  }

  /** Replays on a connection of its own. */
  async replay(lake: TestLake, options: Partial<ReplayOptions> = {}): Promise<ReplayResult> {
    const warehouse = options.warehouse ?? (await this.database.connect());
    return replay({ warehouse, processed: lake.bucket, schema: 'public', codeVersion: '1.2.3', ...options });
  }

  /** What a query gives, each row as text: values joined by `|`, NULL as `∅`. */
  async text(sql: string): Promise<string[]> {
    const rows = await this.database.query<{ line: string }>(
      `SELECT (SELECT string_agg(coalesce(value, '∅'), '|' ORDER BY place)
         FROM json_each_text(row_to_json(q)) WITH ORDINALITY AS cell (name, value, place)) AS line FROM (${sql}) AS q`,
    );
    return rows.map(({ line }) => line);
  }

  /** Every row of every star table of a schema, with the transaction that wrote it where `writers` is set. */
  async contents(schema = 'public', writers = false): Promise<Record<string, string[]>> {
    const contents: Record<string, string[]> = {};
    for (const table of starTables) {
      const order = table.kind === 'fact' ? `${table.key}, ${table.recordKey}` : table.key;
      const sql = `SELECT ${writers ? 'xmin, ' : ''}* FROM ${identifier(schema, table.name)} ORDER BY ${order}`;
      contents[table.name] = await this.text(sql);
    }
    return contents;
  }

  /** The names of all tables outside PostgreSQL's own schemas that hold rows. */
  async filledTables(): Promise<string[]> {
    const tables = await this.database.query<{ schema: string; name: string }>(
      `SELECT schemaname AS schema, tablename AS name FROM pg_tables
       WHERE schemaname NOT IN ('pg_catalog', 'information_schema') ORDER BY 1, 2`,
    );
    const filled: string[] = [];
    for (const { schema, name } of tables) {
      const rows = await this.database.query(`SELECT 1 FROM ${identifier(schema, name)} LIMIT 1`);
      if (rows.length > 0) filled.push(`${schema}.${name}`);
    }
    return filled;
  }

  /** Cuts a connection as a crash or a failover would; resolves when the server has let go of it. */
  async terminate(client: Client): Promise<void> {
    const { processID } = client as Client & { processID: number };
    await this.database.query('SELECT pg_terminate_backend($1)', [processID]);
    while ((await this.database.query('SELECT 1 FROM pg_stat_activity WHERE pid = $1', [processID])).length > 0);
  }

  drop(): Promise<void> {
    return this.database.drop();
  }
}
