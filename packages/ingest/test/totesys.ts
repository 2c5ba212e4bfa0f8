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
  type ObjectStore,
  type RawBucket,
} from '@totes/core';
import type pg from 'pg';
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
  const readText = async (version: number, table: string): Promise<string> => {
    const { tables } = await raw.log.read(version);
    const texts = tables[table]!.objects.map((object) =>
      text(Readable.from(streamVerified(store, object)).pipe(createZstdDecompress())),
    );
    return (await Promise.all(texts)).join('');
  };
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
    rows: async (version, table) => (await readText(version, table)).split('\n').filter(Boolean).map(parseRow),
    text: readText,
    async drop() {
      await Promise.all(clients.map((client) => client.end()));
      await database.drop();
      await rm(folder, { recursive: true });
    },
  };
}

const parseRow = (line: string): Row => JSON.parse(line) as Row;
