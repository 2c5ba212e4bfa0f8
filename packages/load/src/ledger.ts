import type { ProcessedManifest } from '@totes/core';
import type { Client } from 'pg';
import {
  everLoadedQuery,
  forgetLoads,
  lastLoadQuery,
  latestReadQuery,
  loadedLakesQuery,
  loadedVersionQuery,
  recordLoad,
} from './sql/ledger.ts';

/** A lake of which the warehouse holds versions, up to this one. */
export interface LoadedLake {
  readonly lakeId: string;
  readonly version: number;
}

/** What the ledger says of a version that was loaded. */
export interface RecordedLoad {
  readonly readAt: string;
  /** Whether that is the look at the source that was asked about. */
  readonly sameRead: boolean;
  readonly runId: string;
}

/** The load that a warehouse schema saw last, as its row in the ledger: the driver gives a bigint as text. */
export interface LastLoad {
  readonly version: string;
  readonly lakeId: string;
  readonly runId: string;
  /** ISO 8601 UTC, as the next. */
  readonly loadedAt: string;
  readonly sourceReadAt: string;
  readonly quarantined: string;
}

/** What a load did, beside its manifest. */
export interface LoadCounts {
  /** Rows inserted or updated, by warehouse table; tables without any are absent. */
  readonly rows: Readonly<Record<string, number>>;
  readonly warnings: number;
}

/** The table etl.load_log: what the warehouse schemas of a database hold. All but `record` and `forget` only read. */
export interface Ledger {
  /** The lakes whose versions a schema holds, the one loaded last first. */
  readonly lakes: (client: Client, schema: string) => Promise<LoadedLake[]>;
  /** Those of these tables into which a load ever wrote a row. */
  readonly everLoaded: (client: Client, schema: string, tables: readonly string[]) => Promise<string[]>;
  /** What it says of a version; undefined where the schema does not hold it. */
  readonly find: (client: Client, schema: string, manifest: ProcessedManifest) => Promise<RecordedLoad | undefined>;
  /** The latest look at the source that a schema shows, and whether it is later than `readAt`. */
  latestRead(
    client: Client,
    schema: string,
    readAt: string,
  ): Promise<{ readonly readAt: string; readonly later: boolean } | undefined>;
  /** The load that a schema saw last. */
  readonly last: (client: Client, schema: string) => Promise<LastLoad | undefined>;
  readonly forget: (client: Client, schema: string) => Promise<void>;
  readonly record: (
    client: Client,
    schema: string,
    loaded: ProcessedManifest,
    counts: LoadCounts,
    by: string,
  ) => Promise<void>;
}

/** The values of a version's row in the order of the columns, but for the time. */
export const ledgerRow = (
  schema: string,
  { lakeId, version, runId, source, quarantine }: ProcessedManifest,
  { rows, warnings }: LoadCounts,
  codeVersion: string,
): unknown[] => [
  ...[schema, lakeId, version, runId, source.snapshot, source.readAt],
  ...[JSON.stringify(rows), warnings, quarantine.total, codeVersion],
];

/** The ledger in PostgreSQL. */
export const ledger: Ledger = {
  async lakes(client, schema) {
    const { rows } = await client.query<{ lakeId: string; version: string }>(loadedLakesQuery, [schema]);
    return rows.map(({ lakeId, version }) => ({ lakeId, version: Number(version) }));
  },
  everLoaded: async (client, schema, tables) =>
    (await client.query<{ name: string }>(everLoadedQuery, [schema, tables])).rows.map(({ name }) => name),
  find: async (client, schema, { lakeId, version, source }) =>
    (await client.query<RecordedLoad>(loadedVersionQuery, [schema, lakeId, version, source.readAt])).rows[0],
  latestRead: async (client, schema, readAt) =>
    (await client.query<{ readAt: string; later: boolean }>(latestReadQuery, [schema, readAt])).rows[0],
  last: async (client, schema) => (await client.query<LastLoad>(lastLoadQuery, [schema])).rows[0],
  async forget(client, schema) {
    await client.query(forgetLoads, [schema]);
  },
  async record(client, schema, loaded, counts, by) {
    await client.query(recordLoad, ledgerRow(schema, loaded, counts, by));
  },
};
