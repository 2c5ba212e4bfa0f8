import {
  copyText,
  readParquet,
  readVerified,
  starTable,
  type ProcessedBucket,
  type ProcessedManifest,
} from '@totes/core';

/** The rows that a version has for each warehouse table, as COPY text, in the order written. */
export async function starRows(processed: ProcessedBucket, manifest: ProcessedManifest): Promise<Map<string, string>> {
  const rows = new Map<string, string>();
  for (const [table, objects] of Object.entries(manifest.tables)) {
    let text = '';
    for (const object of objects) {
      for (const batch of readParquet(await readVerified(processed.store, object), starTable(table).columns)) {
        for (const chunk of copyText(batch)) text += Buffer.from(chunk).toString('utf8');
      }
    }
    rows.set(table, text);
  }
  return rows;
}

/** The rows that a version sets aside, as `table row: reason`. */
export async function quarantinedRows(processed: ProcessedBucket, manifest: ProcessedManifest): Promise<string[]> {
  const lines: string[] = [];
  for (const object of manifest.quarantine.objects) {
    const body = Buffer.from(await readVerified(processed.store, object)).toString('utf8');
    for (const line of body.trimEnd().split('\n')) lines.push(line);
  }
  return lines;
}
