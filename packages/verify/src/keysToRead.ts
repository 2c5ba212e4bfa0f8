import { isKey } from '@totes/core';

/** Half of what one look takes, so that requests of two comparisons are served together. */
const mostKeys = 100_000;

/** The keys to read again, each once, as many as a result holds. */
export class KeysToRead {
  readonly #keys = new Map<string, Set<number>>();
  #size = 0;
  truncated = false;

  /** Adds a key of a source table. One beyond type integer is passed over: the star cannot hold its row. */
  add(table: string, key: number): void {
    if (!isKey(key)) return;
    const keys = this.#keys.get(table) ?? new Set();
    if (keys.has(key)) return;
    if (this.#size >= mostKeys) {
      this.truncated = true;
      return;
    }
    this.#keys.set(table, keys.add(key));
    this.#size++;
  }

  /** By source table, ascending; no table without keys. */
  byTable(): Record<string, number[]> {
    return Object.fromEntries([...this.#keys].map(([table, keys]) => [table, [...keys].sort((a, b) => a - b)]));
  }
}
