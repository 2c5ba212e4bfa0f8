import { facts, IdSet, type OpenRow, type QuarantinedRow } from '@totes/core';

/** A row that is still set aside, and its place in the list. */
export interface OpenEntry {
  readonly place: number;
  readonly row: OpenRow;
}

/** Only facts have a history, so only there is a row of interest once a later one of its key is known. */
const keepsHistory = new Set(facts.map(({ source }) => source));

/** A row whose key cannot be read is known by its text. */
const identityOf = ({ key, raw }: QuarantinedRow): number | string => key ?? raw;

/**
 * The rows that are still set aside, as one version changes them: at most one of a key waits. They stand in the order in
 * which they were set aside, thus in the order of their versions.
 */
export class OpenRows {
  readonly #before: readonly OpenRow[];
  readonly #rows: Map<number, OpenRow>;
  /** The places of the rows that wait, by table and by what tells rows apart. */
  readonly #waiting = new Map<string, Map<number | string, number>>();
  #next: number;
  #isChanged = false;

  constructor(before: readonly OpenRow[]) {
    this.#before = before;
    this.#rows = new Map(before.entries());
    this.#next = before.length;
    for (const [place, row] of this.#rows) {
      if (row.status === 'waiting') this.#waitingIn(row.table).set(identityOf(row), place);
    }
  }

  /** Whether a row of a table waits. */
  has(table: string): boolean {
    return (this.#waiting.get(table)?.size ?? 0) > 0;
  }

  /** Whether a row of a key waits. */
  waits(table: string, key: number): boolean {
    return this.#waiting.get(table)?.has(key) ?? false;
  }

  /** The keys of a table's rows that wait, as far as they can be read. */
  waitingKeys(table: string): IdSet {
    const keys = [...(this.#waiting.get(table)?.keys() ?? [])];
    return IdSet.of(keys.filter((key) => typeof key === 'number'));
  }

  /**
   * Notes that a row of a key has arrived, or that the key was deleted: what waited of it is no longer the newest.
   *
   * @param raw gives the text of the row that arrived: where it is that of the row which waited, no history is lacking
   */
  arrive(table: string, key: number | string, raw?: () => string): void {
    const waiting = this.#waiting.get(table);
    const place = waiting?.get(key);
    if (waiting === undefined || place === undefined) return;
    waiting.delete(key);
    const row = this.#rows.get(place)!;
    if (keepsHistory.has(table) && row.raw !== raw?.()) this.#rows.set(place, { ...row, status: 'superseded' });
    else this.#rows.delete(place);
    this.#isChanged = true;
  }

  /** Notes that the whole table was read: a row whose key cannot be read comes again now, or is not there any more. */
  arriveWhole(table: string): void {
    for (const identity of [...(this.#waiting.get(table)?.keys() ?? [])]) {
      if (typeof identity === 'string') this.arrive(table, identity);
    }
  }

  /** Adds a row that was set aside now. `isRepeated`: see OpenRow. */
  add(row: QuarantinedRow, isRepeated: boolean): void {
    const identity = identityOf(row);
    this.arrive(row.table, identity, () => row.raw);
    this.#waitingIn(row.table).set(identity, this.#next);
    this.#rows.set(this.#next++, { ...row, status: 'waiting', ...(isRepeated && { repeated: true }) });
    this.#isChanged = true;
  }

  /** The rows of a table to try again in a version, in order: those of earlier versions. */
  toTry(table: string, status: OpenRow['status'], version: number): OpenEntry[] {
    const entries: OpenEntry[] = [];
    for (const [place, row] of this.#rows) {
      if (row.table !== table || row.status !== status || row.version === version) continue;
      if (status === 'superseded' || row.repeated === undefined) entries.push({ place, row });
    }
    return entries;
  }

  /** Notes what trying a row again has shown: why it cannot be used, or that it holds, which takes it off the list. */
  settle({ place, row }: OpenEntry, reason: string | undefined): void {
    if (reason === row.reason) return;
    if (reason === undefined) {
      this.#rows.delete(place);
      if (row.status === 'waiting') this.#waiting.get(row.table)?.delete(identityOf(row));
    } else {
      this.#rows.set(place, { ...row, reason });
    }
    this.#isChanged = true;
  }

  /** The rows after this version; the list before it where nothing changed. */
  list(): readonly OpenRow[] {
    return this.#isChanged ? [...this.#rows.values()] : this.#before;
  }

  #waitingIn(table: string): Map<number | string, number> {
    const waiting = this.#waiting.get(table) ?? new Map<number | string, number>();
    this.#waiting.set(table, waiting);
    return waiting;
  }
}
