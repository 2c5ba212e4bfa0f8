import {
  readParquet,
  readRows,
  readVerified,
  starTable,
  type ObjectRef,
  type ProcessedBucket,
  type ProcessedManifest,
  type QuarantinedRow,
  type Schema,
} from '@totes/core';
import { copyText } from '../../core/test/copyText.ts';

/** The rows that a version has for each warehouse table, as COPY text, in the order written. */
export const starRows = (processed: ProcessedBucket, manifest: ProcessedManifest): Promise<Map<string, string>> =>
  rowsOf(processed, manifest.tables, (table) => starTable(table).columns);

/** The late rows of a version. */
export const lateRows = (processed: ProcessedBucket, manifest: ProcessedManifest): Promise<Map<string, string>> =>
  rowsOf(processed, manifest.late ?? {}, (table) => starTable(table).columns);

/** The keys that a version deletes. */
export const deletedRows = (processed: ProcessedBucket, manifest: ProcessedManifest): Promise<Map<string, string>> =>
  rowsOf(processed, manifest.deleted ?? {}, (table) => {
    const { columns, key } = starTable(table);
    return columns.filter(({ name }) => name === key);
  });

async function rowsOf(
  processed: ProcessedBucket,
  tables: Readonly<Record<string, readonly ObjectRef[]>>,
  schemaOf: (table: string) => Schema,
): Promise<Map<string, string>> {
  const rows = new Map<string, string>();
  for (const [table, objects] of Object.entries(tables)) {
    let text = '';
    for (const object of objects) {
      for (const batch of readParquet(await readVerified(processed.store, object), schemaOf(table))) {
        for (const chunk of copyText(batch)) text += Buffer.from(chunk).toString('utf8');
      }
    }
    rows.set(table, text);
  }
  return rows;
}

/** The rows that a version sets aside. */
export async function quarantinedRows(
  processed: ProcessedBucket,
  manifest: ProcessedManifest,
): Promise<QuarantinedRow[]> {
  const rows: QuarantinedRow[] = [];
  for (const object of manifest.quarantine.objects) rows.push(...(await readRows(processed.store, object)));
  return rows;
}
