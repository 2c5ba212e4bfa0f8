import { randomUUID } from 'node:crypto';
import {
  decode,
  manifestFormat,
  processedBucket,
  starTable,
  writeContent,
  writeParquet,
  type Batch,
  type DecodedBatch,
  type ObjectRef,
  type ProcessedBucket,
  type Projected,
  type ProcessedManifest,
  type StarTable,
} from '@totes/core';
import { MemoryStore } from '../../core/test/memoryStore.ts';

/** A row as text, by column; null is NULL. */
export type Row = Readonly<Record<string, string | null>>;

/** A processed log in memory, filled by tests. */
export class TestLake {
  readonly store: MemoryStore;
  readonly bucket: ProcessedBucket;
  readonly lakeId: string;

  constructor(lakeId: string = randomUUID(), store = new MemoryStore()) {
    this.lakeId = lakeId;
    this.store = store;
    this.bucket = processedBucket(store);
  }

  /** Writes rows as an object of a version; nothing names it yet. */
  async write(name: string, version: number, rows: readonly Row[]): Promise<ObjectRef> {
    const table = lax(starTable(name));
    const where = { folder: `star/${name}/v${version}`, name: 'part-00000', extension: 'parquet', rows: rows.length };
    return writeContent(this.store, where, await writeParquet(await batches(table, rows), table.columns));
  }

  /** Writes the keys of deleted rows as an object of a version; nothing names it yet. */
  async writeKeys(name: string, version: number, keys: readonly string[]): Promise<ObjectRef> {
    const table = starTable(name);
    const columns = table.columns.filter((column) => column.name === table.key);
    const rows = keys.map((key) => ({ [table.key]: key }));
    const where = {
      folder: `star/${name}/v${version}`,
      name: 'deleted-00000',
      extension: 'parquet',
      rows: keys.length,
    };
    return writeContent(this.store, where, await writeParquet(await batches({ ...table, columns }, rows), columns));
  }

  /** Commits the next version with tombstones, given as keys, and late rows beside its rows; gives its number. */
  async commitMore(more: {
    readonly tables?: Readonly<Record<string, readonly Row[]>>;
    readonly deleted?: Readonly<Record<string, readonly string[]>>;
    readonly late?: Readonly<Record<string, readonly Row[]>>;
  }): Promise<number> {
    const version = (await this.bucket.log.head()) + 1;
    const refs = async <T>(
      of: Readonly<Record<string, readonly T[]>> = {},
      write: (name: string, items: readonly T[]) => Promise<ObjectRef>,
    ): Promise<Record<string, readonly ObjectRef[]>> =>
      Object.fromEntries(
        await Promise.all(filled(of).map(async ([name, items]) => [name, [await write(name, items)]] as const)),
      );
    return this.commit(more.tables ?? {}, {
      deleted: await refs(more.deleted, (name, keys) => this.writeKeys(name, version, keys)),
      late: await refs(more.late, (name, rows) => this.write(name, version, rows)),
    });
  }

  /** The processed log written anew by another run, with the same rows, beside the one in force until it is published. */
  async rebuild(runId: string): Promise<{ bucket: ProcessedBucket; publish: () => Promise<boolean> }> {
    const next = await this.bucket.log.nextGeneration(runId);
    const head = await this.bucket.log.head();
    for (let version = 1; version <= head; version++) {
      await next.log.commit({ ...(await this.bucket.log.read(version)), runId });
    }
    return { bucket: { store: this.store, log: next.log }, publish: () => next.publish() };
  }

  /** Commits the next version; gives its number. */
  async commit(
    tables: Readonly<Record<string, readonly Row[]>>,
    more: Partial<ProcessedManifest> = {},
  ): Promise<number> {
    const version = (await this.bucket.log.head()) + 1;
    const objects = filled(tables).map(
      async ([name, rows]) => [name, [await this.write(name, version, rows)]] as const,
    );
    const manifest: ProcessedManifest = {
      format: manifestFormat,
      kind: 'processed',
      version,
      lakeId: this.lakeId,
      runId: `run-${version}`,
      committedAt: '2024-03-01T09:00:00.000Z',
      codeVersion: 'test',
      source: {
        systemIdentifier: '7',
        timeline: 1,
        databaseOid: 5,
        database: 'totesys',
        schema: 'public',
        snapshot: `${100 + version}:${100 + version}:`,
        readAt: '2024-03-01T08:59:59.123Z',
      },
      tables: Object.fromEntries(await Promise.all(objects)),
      state: {},
      quarantine: { objects: [], rows: 0, total: 0 },
      ...more,
    };
    if (!(await this.bucket.log.commit(manifest))) throw new Error(`version ${version} is taken`);
    return version;
  }
}

/** Those that have any: no object is without rows. */
const filled = <T>(of: Readonly<Record<string, readonly T[]>>): [string, readonly T[]][] =>
  Object.entries(of).filter(([, items]) => items.length > 0);

/** The table with NULL allowed everywhere, so that tests can write what a transform would set aside. */
const lax = (table: StarTable): StarTable => ({
  ...table,
  columns: table.columns.map((column) => ({ ...column, nullable: true })),
});

/** Rows given as text, as batches of the table's columns. */
export async function batches(table: StarTable, rows: readonly Row[]): Promise<Batch[]> {
  const names = table.columns.map(({ name }) => name);
  const line = (row: Row): string => table.columns.map((column) => cell(column, row[column.name]!)).join(',');
  const csv = [names.join(','), ...rows.map(line)].map((each) => `${each}\n`);
  const decoded: DecodedBatch[] = [];
  const raw = { format: 'csv', columns: names } as const;
  for await (const batch of decode(bytesOf(csv.join('')), raw, table.columns.map(projected))) decoded.push(batch);
  const fault = decoded.flatMap(({ faults }) => faults)[0];
  if (fault !== undefined) throw new Error(`row ${fault.row} of ${table.name}: ${fault.reason}`);
  return decoded;
}

const projected = ({ name, type, nullable }: StarTable['columns'][number]): Projected => ({
  name,
  type,
  nullable,
  source: name,
  // A time of day is read from a timestamp: `cell` makes one of it.
  reading: type.kind === 'time' ? 'timeOf' : 'value',
});

function cell({ type }: StarTable['columns'][number], value: string | null): string {
  if (value === null) return '';
  return `"${type.kind === 'time' ? '2000-01-01 ' : ''}${value.replaceAll('"', '""')}"`;
}

// eslint-disable-next-line @typescript-eslint/require-await -- an AsyncIterable is what decode takes
async function* bytesOf(text: string): AsyncGenerator<Uint8Array> {
  yield Buffer.from(text);
}
