import { connectPostgres, facts, identifier, starTables } from '@totes/core';
import { createDatabase, type TestDatabase } from '../../../../scripts/jest/database.ts';
import { MemoryStore } from '../../../core/test/memoryStore.ts';
import { load } from '../../src/load.ts';
import type { LoadResult } from '../../src/loadResult.ts';
import type { LoadOptions } from '../../src/options.ts';
import { retiredTables } from '../../src/retired.ts';
import { TestLake } from '../testLake.ts';
import { TestWarehouse } from '../testWarehouse.ts';
import { RedshiftStandIn } from './standIn.ts';

/** The releases of PostgreSQL that have MERGE. */
const leastRelease = 150_000;

/** Whether the server of the tests can stand behind the stand-in. */
export async function hasMerge(): Promise<boolean> {
  const database = await createDatabase();
  const [row] = await database.query<{ release: string }>("SELECT current_setting('server_version_num') AS release");
  await database.drop();
  return Number(row!.release) >= leastRelease;
}

/** A lake in a bucket, a Redshift that reads it, and a PostgreSQL to compare with. */
export class RedshiftBench {
  readonly lake: TestLake;
  readonly standIn: RedshiftStandIn;
  /** The PostgreSQL behind the stand-in. */
  readonly behind: TestDatabase;
  readonly postgres: TestWarehouse;
  readonly url: string;
  /** What the bucket holds that Redshift reads. */
  #inBucket: ReadonlyMap<string, Uint8Array>;

  private constructor(
    lake: TestLake,
    standIn: RedshiftStandIn,
    behind: TestDatabase,
    postgres: TestWarehouse,
    url: string,
  ) {
    this.lake = lake;
    this.standIn = standIn;
    this.behind = behind;
    this.postgres = postgres;
    this.url = url;
    this.#inBucket = lake.store.objects;
  }

  static async create(): Promise<RedshiftBench> {
    const lake = new TestLake(undefined, new MemoryStore('s3://lake'));
    const behind = await createDatabase();
    const bucket = { bucket: 'lake', read: (key: string) => bench.#inBucket.get(key) };
    const standIn = new RedshiftStandIn(behind.url, bucket);
    const bench: RedshiftBench = new RedshiftBench(
      ...([lake, standIn, behind, await TestWarehouse.create(), await standIn.start()] as const),
    );
    return bench;
  }

  /** Loads into Redshift, on a connection of its own. */
  async load(options: Partial<LoadOptions> = {}): Promise<LoadResult> {
    const warehouse = await connectPostgres({ url: this.url, side: 'warehouse', applicationName: 'test' });
    try {
      return await load({ warehouse, processed: this.lake.bucket, schema: 'star', codeVersion: '1.2.3', ...options });
    } finally {
      await warehouse.end();
    }
  }

  /** Loads into PostgreSQL. */
  loadPostgres(): Promise<LoadResult> {
    return this.postgres.load(this.lake, { schema: 'star' });
  }

  /** A lake that goes on from this one by itself. */
  fork(): TestLake {
    const next = new TestLake(this.lake.lakeId, new MemoryStore('s3://lake'));
    for (const [key, body] of this.lake.store.objects) next.store.objects.set(key, body);
    this.#inBucket = next.store.objects;
    return next;
  }

  /** All that a warehouse holds, by relation, with times and numerics written alike. */
  async contents(of: 'redshift' | 'postgres'): Promise<Record<string, string[]>> {
    const database = of === 'redshift' ? this.behind : this.postgres.database;
    const relations = [
      ...starTables.map((table) => ({
        name: table.name,
        columns: [...(table.kind === 'fact' ? [table.recordKey] : []), ...table.columns.map(column)],
      })),
      ...facts.map((fact) => ({ name: fact.currentView, columns: [fact.recordKey, ...fact.columns.map(column)] })),
      ...retiredTables.map(({ name, key }) => ({ name, columns: [key.name, 'reason', 'version', 'source_read_at'] })),
    ];
    const contents: Record<string, string[]> = {};
    for (const { name, columns } of relations) {
      const sql = `SELECT concat_ws('|', ${columns.map((each) => `coalesce((${each})::text, '∅')`).join()}) AS line
        FROM ${identifier('star', name)} ORDER BY 1`;
      contents[name] = (await database.query<{ line: string }>(sql)).map(({ line }) => line);
    }
    contents.load_log = (
      await database.query<{ line: string }>(
        `SELECT concat_ws('|', version, run_id, source_snapshot, source_read_at, rows::jsonb, warnings, quarantined, code_version) AS line
         FROM etl.load_log ORDER BY version`,
      )
    ).map(({ line }) => line);
    return contents;
  }

  async drop(): Promise<void> {
    await this.standIn.stop();
    await this.behind.drop();
    await this.postgres.drop();
  }
}

/** A numeric without its scale, which Redshift does not keep. */
const column = ({ name, type }: (typeof starTables)[number]['columns'][number]): string =>
  type.kind === 'numeric' ? `trim_scale(${identifier(name)})` : identifier(name);
