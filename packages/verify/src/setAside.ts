import { LakeMismatch, readOpenRows, type ProcessedBucket } from '@totes/core';
import type { Loaded } from './loaded.ts';

/** Whether a row of a source table is set aside: it waits in quarantine. */
export type IsSetAside = (table: string, key: number) => boolean;

/** Keys of totesys are of type integer; beyond it they cannot be read, and a row set aside then has none. */
const isReadable = (key: number): boolean => key >= -(2 ** 31) && key < 2 ** 31;

/**
 * Reads which rows were set aside at the version that the warehouse holds.
 *
 * @param processed the lake; undefined where it is not known, and no row is known to be set aside then
 * @throws LakeMismatch where the warehouse was loaded from another lake; LakeUnavailable, LakeRefused, LakeCorrupt,
 *   ManifestUnsupported
 */
export async function readSetAside(
  processed: ProcessedBucket | undefined,
  { version, of }: Pick<Loaded, 'version' | 'of'>,
): Promise<IsSetAside> {
  if (processed === undefined) return () => false;
  const head = version > 0 ? version : await processed.log.head();
  const manifest = head > 0 ? await processed.log.read(head) : undefined;
  if (of !== undefined && manifest?.lakeId !== of.lakeId) {
    throw new LakeMismatch(
      `the warehouse was loaded from lake ${of.lakeId}, but ${processed.store.uri} is lake ${manifest?.lakeId ?? '(empty)'}`,
    );
  }
  const keys = new Map<string, Set<number | null>>();
  for (const { table, key, status } of await readOpenRows(processed.store, manifest)) {
    if (status !== 'waiting') continue;
    const known = keys.get(table) ?? new Set();
    keys.set(table, known.add(key));
  }
  return (table, key) => keys.get(table)?.has(isReadable(key) ? key : null) === true;
}
