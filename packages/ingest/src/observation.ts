import { count, rowsByTable, withRows, type Observation } from '@totes/core/lambda';
import type { IngestAnswer } from './answer.ts';
import type { IngestResult } from './ingest.ts';

/** What the log and the metrics tell of a call of ingest. */
export function observe(answer: IngestAnswer): Observation {
  if ('read' in answer) return observeVersion(answer);
  const { version, ...fields } = answer;
  return { version, fields, warnings: [], metrics: [] };
}

/** Of a look that was taken: each notice is a warning. */
function observeVersion(result: IngestResult): Observation {
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
