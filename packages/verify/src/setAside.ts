import { isKey, LakeMismatch, readOpenRows, type OpenRow, type ProcessedBucket } from '@totes/core';
import type { Loaded } from './loaded.ts';

/** The rows that are set aside: those that wait in quarantine. */
export class SetAside {
  /** By source table; null stands for the rows whose key cannot be read. */
  readonly #keys = new Map<string, Set<number | null>>();

  constructor(open: readonly OpenRow[]) {
    for (const { table, key, status } of open) {
      if (status !== 'waiting') continue;
      this.#keys.set(table, (this.#keys.get(table) ?? new Set()).add(key));
    }
  }

  /** Whether the row of a key is set aside, or may be: a number that is no key cannot be read, and nobody can tell. */
  has(table: string, key: number): boolean {
    return this.#keys.get(table)?.has(isKey(key) ? key : null) === true;
  }

  /** The keys that can be read of a source table's rows. */
  keysOf(table: string): number[] {
    return [...(this.#keys.get(table) ?? [])].filter((key) => key !== null);
  }
}

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
): Promise<SetAside> {
  if (processed === undefined) return new SetAside([]);
  const head = version > 0 ? version : await processed.log.head();
  const manifest = head > 0 ? await processed.log.read(head) : undefined;
  if (of !== undefined && manifest?.lakeId !== of.lakeId) {
    throw new LakeMismatch(
      `the warehouse was loaded from lake ${of.lakeId}, but ${processed.store.uri} is lake ${manifest?.lakeId ?? '(empty)'}`,
    );
  }
  return new SetAside(await readOpenRows(processed.store, manifest));
}
