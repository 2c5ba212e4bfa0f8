import { zstdCompressSync } from 'node:zlib';
import {
  manifestFormat,
  rawBucket,
  sha256,
  sourceTable,
  type ObjectRef,
  type ObjectStore,
  type RawBucket,
  type RawFormat,
} from '@totes/core';

/** The rows of a table as they left PostgreSQL: CSV with a header, or JSON lines. */
export type RawTexts = Readonly<Record<string, string>>;

/** Commits a version of the raw log with the given rows, as ingest would. */
export async function commitRaw(
  store: ObjectStore,
  tables: RawTexts,
  { lakeId = 'lake', format = 'csv' }: { lakeId?: string; format?: RawFormat } = {},
): Promise<RawBucket> {
  const raw = rawBucket(store);
  const version = (await raw.log.head()) + 1;
  const written: Record<string, ObjectRef[]> = {};
  for (const [table, text] of Object.entries(tables)) {
    const body = zstdCompressSync(Buffer.from(text));
    const key = `raw/${table}/2024/01/02/run-${version}/part-00000.${format}.zst`;
    await store.putIfAbsent(key, body);
    const rows = text.trimEnd().split('\n').length - 1;
    written[table] = [{ key, rows, bytes: body.length, sha256: sha256(body) }];
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
    tables: Object.fromEntries(
      Object.entries(written).map(([name, objects]) => [
        name,
        { relations: [1], columns: columnsOf(name, tables[name]!), objects, capture: 'delta', format },
      ]),
    ),
  });
  if (!committed) throw new Error(`version ${version} is taken`);
  return raw;
}

const columnsOf = (table: string, text: string) =>
  (text.startsWith('{') ? Object.keys(sourceTable(table).columns) : text.split('\n')[0]!.split(',')).map((name, i) => ({
    name,
    type: 'text',
    nullable: true,
    number: i + 1,
  }));
