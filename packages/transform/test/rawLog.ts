import { zstdCompressSync } from 'node:zlib';
import {
  fiveDigits,
  manifestFormat,
  rawBucket,
  sha256,
  sourceTable,
  type ObjectRef,
  type ObjectStore,
  type RawBucket,
  type RawFormat,
  type RawTable,
  type SeenColumn,
} from '@totes/core';

/** The rows of a table as they left PostgreSQL: CSV with a header, or JSON lines; several where it is cut into slices. */
export type RawTexts = Readonly<Record<string, string | readonly string[]>>;

export interface RawOptions {
  readonly lakeId?: string;
  readonly format?: RawFormat;
  readonly capture?: 'full' | 'delta';
  /** Tombstones: CSV of the key's column. */
  readonly deleted?: RawTexts;
  readonly retry?: boolean;
  /** Tables that were read whole and have no row. */
  readonly emptied?: readonly string[];
}

/** Commits a version of the raw log with the given rows, as ingest would. */
export async function commitRaw(
  store: ObjectStore,
  tables: RawTexts,
  { lakeId = 'lake', format = 'csv', capture = 'delta', deleted = {}, retry = false, emptied = [] }: RawOptions = {},
): Promise<RawBucket> {
  const raw = rawBucket(store);
  const version = (await raw.log.head()) + 1;
  const write = async (table: string, name: string, text: string): Promise<ObjectRef> => {
    const body = zstdCompressSync(Buffer.from(text));
    const key = `raw/${table}/2024/01/02/run-${version}/${name}.zst`;
    await store.putIfAbsent(key, body);
    const rows = text.trimEnd().split('\n').length - 1;
    return { key, rows, bytes: body.length, sha256: sha256(body) };
  };
  const written: Record<string, RawTable> = {};
  for (const table of new Set([...Object.keys(tables), ...Object.keys(deleted), ...emptied])) {
    const tombstones: ObjectRef[] = [];
    for (const text of [deleted[table] ?? []].flat()) tombstones.push(await write(table, 'deleted-00000.csv', text));
    const texts = [tables[table] ?? []].flat();
    const parts: ObjectRef[] = [];
    for (const text of texts) parts.push(await write(table, `part-${fiveDigits(parts.length)}.${format}`, text));
    written[table] = {
      relations: [1],
      columns: columnsOf(table, texts[0] ?? ''),
      objects: parts,
      capture: emptied.includes(table) ? 'full' : capture,
      format,
      ...(tombstones.length > 0 && { deleted: tombstones }),
    };
  }
  const committed = await raw.log.commit({
    format: manifestFormat,
    kind: 'raw',
    version,
    lakeId,
    runId: `run-${version}`,
    committedAt: '2024-01-02T03:04:05.000Z',
    codeVersion: 'test',
    source: {
      systemIdentifier: '1',
      timeline: 1,
      databaseOid: 1,
      database: 'totesys',
      schema: 'public',
      snapshot: '1:1:',
      readAt: '2024-01-02T03:04:05.000Z',
    },
    tables: written,
    ...(retry && { retry: true }),
  });
  if (!committed) throw new Error(`version ${version} is taken`);
  return raw;
}

const columnsOf = (table: string, text: string): SeenColumn[] =>
  (/^[a-z]/.test(text) ? text.split('\n')[0]!.split(',') : Object.keys(sourceTable(table).columns)).map((name, i) => ({
    name,
    type: 'text',
    nullable: true,
    number: i + 1,
  }));
