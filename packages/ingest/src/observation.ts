import { count, rowsByTable, withRows, type Observation } from '@totes/core/lambda';
import type { IngestResult } from './ingest.ts';

/** What the log and the metrics tell of a run of ingest: each notice is a warning. */
export function observe(result: IngestResult): Observation {
  const { version, committed, read, deleted, served, fullReadBecause, notices, schemaChanges, bytes } = result;
  const messageOf = (notice: string): string =>
    schemaChanges.includes(notice) ? 'the schema of the source changed' : 'ingest has a notice';
  return {
    version,
    fields: { committed, rows: withRows(read), deleted, served, bytes, full_read_because: fullReadBecause },
    warnings: notices.map((notice) => ({ message: messageOf(notice), fields: { notice } })),
    metrics: [
      { name: 'BytesWritten', unit: 'Bytes', value: bytes },
      count('SchemaChanges', schemaChanges.length),
      ...rowsByTable('RowsRead', read),
    ],
  };
}
