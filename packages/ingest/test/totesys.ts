import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { Readable } from 'node:stream';
import { createZstdDecompress } from 'node:zlib';
import {
  connectPostgres,
  FolderStore,
  identifier,
  rawBucket,
  sourceTables,
  sqlType,
  streamVerified,
  type ObjectRef,
  type ObjectStore,
  type RawBucket,
  type RawManifest,
  type RawTable,
} from '@totes/core';
import type pg from 'pg';
import { MemoryStore } from '../../core/test/memoryStore.ts';
import { createDatabase, type TestDatabase } from '../../../scripts/jest/database.ts';
import { ingest, type IngestOptions, type IngestResult } from '../src/ingest.ts';

export type Row = Readonly<Record<string, unknown>>;

/** A totesys database with empty tables, and a lake in a temporary folder. */
export interface Totesys {
  readonly database: TestDatabase;
  readonly store: ObjectStore;
  readonly raw: RawBucket;
  /** A source connection, as ingest takes it. */
  connect(role?: string): Promise<pg.Client>;
  /** Ingests once, as JSON lines unless the options say otherwise. */
  ingest(options?: Partial<IngestOptions>): Promise<IngestResult>;
  /** The rows that a version brought for a table, in order. */
  rows(version: number, table: string): Promise<Row[]>;
  /** The text of the objects that a version brought for a table. */
  text(version: number, table: string): Promise<string>;
  /** The text of the tombstones that a version brought for a table. */
  deleted(version: number, table: string): Promise<string>;
  drop(): Promise<void>;
}

/** The DDL of the tables that the star needs. */
export const totesysTables = (): string =>
  sourceTables
    .map(({ name, key, columns }) => {
      const list = Object.entries(columns).map(
        ([column, { type, nullable }]) => `${identifier(column)} ${sqlType(type)}${nullable ? '' : ' NOT NULL'}`,
      );
      return `CREATE TABLE ${name} (${[...list, `PRIMARY KEY (${key})`].join(', ')});`;
    })
    .join('\n');

/** Adds a department; the time is that of both its timestamps. */
export const department = (id: number, name: string, time = '2026-01-01 10:00'): string =>
  `INSERT INTO department (department_id, department_name, created_at, last_updated)
   VALUES (${id}, '${name}', '${time}', '${time}')`;

export async function createTotesys(existing?: TestDatabase): Promise<Totesys> {
  const database = existing ?? (await createDatabase());
  await database.query(totesysTables());
  const folder = await mkdtemp(join(tmpdir(), 'totes-ingest-'));
  const store = new FolderStore(folder);
  const raw = rawBucket(store);
  const clients: pg.Client[] = [];
  const connect = async (role?: string): Promise<pg.Client> => {
    const url = new URL(database.url);
    if (role !== undefined) Object.assign(url, { username: role, password: role });
    const client = await connectPostgres({ url: url.href, side: 'source', applicationName: 'test' });
    clients.push(client);
    return client;
  };
  const source = await connect();
  let runs = 0;
  const tableOf = async (version: number, table: string): Promise<RawTable> =>
    (await raw.log.read(version)).tables[table]!;
  return {
    database,
    store,
    raw,
    connect,
    ingest: (options = {}) =>
      ingest({
        source,
        raw,
        options: { format: 'json' },
        runId: `run-${++runs}`,
        codeVersion: 'test',
        now: () => new Date(Date.UTC(2026, 0, 31, 12)),
        ...options,
      }),
    rows: async (version, table) => rowsOf(raw, (await tableOf(version, table)).objects),
    text: async (version, table) => textOf(raw, (await tableOf(version, table)).objects),
    deleted: async (version, table) => textOf(raw, (await tableOf(version, table)).deleted),
    async drop() {
      await Promise.all(clients.map((client) => client.end()));
      await database.drop();
      await rm(folder, { recursive: true });
    },
  };
}

/** A raw bucket as an older release writes it: its manifests lack a field. */
export function olderBucket(field: string, store: ObjectStore = new MemoryStore()): RawBucket {
  const raw = rawBucket(store);
  const commit = raw.log.commit.bind(raw.log);
  const leaveOut = (key: string, value: unknown): unknown => (key === field ? undefined : value);
  raw.log.commit = (manifest) => commit(JSON.parse(JSON.stringify(manifest, leaveOut)) as RawManifest);
  return raw;
}

/** The text of objects of the lake, one after the other. */
export async function textOf({ store }: RawBucket, objects: readonly ObjectRef[] = []): Promise<string> {
  const texts = objects.map((object) =>
    text(Readable.from(streamVerified(store, object)).pipe(createZstdDecompress())),
  );
  return (await Promise.all(texts)).join('');
}

/** The rows of objects of JSON lines, in order. */
export const rowsOf = async (raw: RawBucket, objects: readonly ObjectRef[]): Promise<Row[]> =>
  (await textOf(raw, objects))
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as Row);
