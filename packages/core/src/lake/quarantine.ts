import { LakeCorrupt } from '../errors.ts';
import { readVerified } from './lake.ts';
import type { ObjectRef, ProcessedManifest } from './manifest.ts';
import type { ObjectStore } from './objectStore.ts';

/** A row set aside: what it is, where it came from and why. One JSON line of a quarantine object. */
export interface QuarantinedRow {
  readonly table: string;
  /** Its primary key; null where that itself cannot be read. */
  readonly key: number | null;
  readonly version: number;
  /** The raw object it is in, and its place there, the first row being 1. */
  readonly object: string;
  readonly row: number;
  readonly reason: string;
  /** The row as it stands in the raw object. */
  readonly raw: string;
}

/**
 * A row that is still set aside. `waiting`: the warehouse lacks the row as it is now. `superseded`: a later version of
 * the row is known, or that it was deleted; what the warehouse lacks is this version of its history.
 */
export interface OpenRow extends QuarantinedRow {
  readonly status: 'waiting' | 'superseded';
  /**
   * Its key was there twice in one look at the source, so nobody can tell which of the two counts: while it waits it is
   * not tried again, until a row of that key arrives.
   */
  readonly repeated?: true;
}

/** The name that the rows still set aside have in a processed manifest's state. */
export const openRowsName = 'quarantine';

/** The rows that are still set aside after a version. Throws LakeCorrupt, LakeUnavailable, LakeRefused. */
export async function readOpenRows(store: ObjectStore, manifest: ProcessedManifest | undefined): Promise<OpenRow[]> {
  const ref = manifest?.state[openRowsName];
  return ref === undefined ? [] : readRows<OpenRow>(store, ref);
}

/** The rows of a quarantine object. Throws LakeCorrupt where it is not what its manifest says. */
export async function readRows<Row extends QuarantinedRow>(store: ObjectStore, ref: ObjectRef): Promise<Row[]> {
  const bytes = Buffer.from(await readVerified(store, ref));
  const rows: Row[] = [];
  try {
    // A line at a time: all of them as one text may be longer than a text can be.
    for (let start = 0, end = 0; start < bytes.length; start = end + 1) {
      end = bytes.indexOf('\n', start);
      if (end < 0) end = bytes.length;
      rows.push(JSON.parse(bytes.toString('utf8', start, end)) as Row);
    }
  } catch {
    // The parser's own words may quote a row.
    throw new LakeCorrupt(`${store.uri}/${ref.key}: line ${rows.length + 1} is not JSON`);
  }
  return rows;
}

/** Rows as the bytes of a quarantine object. */
export const quarantineLines = (rows: readonly QuarantinedRow[]): Uint8Array =>
  Buffer.concat(rows.map((row) => Buffer.from(`${JSON.stringify(row)}\n`)));
