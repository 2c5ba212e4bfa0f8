import type { DecodedBatch, IdSet, ObjectRef, ObjectStore, OpenRow, RawManifest } from '@totes/core';
import { arrivals, type Arrival } from './arrivals.ts';
import type { OpenRows } from './openRows.ts';
import type { QuarantineWriter } from './quarantine.ts';
import { rawRows, type RawBatch } from './rawRows.ts';
import type { SetAsideRows } from './setAsideRows.ts';
import { check, type Problem, type Rules } from './star/check.ts';

/** Rows, and what is wrong with some of them. */
export interface Checked {
  readonly batch: DecodedBatch;
  readonly problems: ReadonlyMap<number, Problem>;
}

/** The rows that one version has to look at, checked; what is wrong with them is on record when they are handed out. */
export class VersionRows {
  readonly #store: ObjectStore;
  readonly #manifest: RawManifest;
  readonly #open: OpenRows;
  readonly #quarantine: QuarantineWriter;
  readonly #setAside: SetAsideRows;

  constructor(
    store: ObjectStore,
    manifest: RawManifest,
    { open, quarantine, setAside }: { open: OpenRows; quarantine: QuarantineWriter; setAside: SetAsideRows },
  ) {
    this.#store = store;
    this.#manifest = manifest;
    this.#open = open;
    this.#quarantine = quarantine;
    this.#setAside = setAside;
  }

  /** Notes that a table is read now, where all of it is. */
  arriveWhole(table: string): void {
    if (this.#manifest.tables[table]?.capture === 'full') this.#open.arriveWhole(table);
  }

  /** The rows that arrive in this version. `seen` takes in their ids. */
  async *arrived(rules: Rules, seen: IdSet): AsyncGenerator<Checked> {
    const table = this.#manifest.tables[rules.table];
    if (table === undefined) return;
    this.arriveWhole(rules.table);
    for await (const part of rawRows(this.#store, table, rules.projection)) {
      const problems = check(part.batch, rules, seen);
      await this.#record(part, rules, problems);
      yield { batch: part.batch, problems };
    }
  }

  /** The rows set aside in earlier versions, tried again. */
  async *again(rules: Rules, status: OpenRow['status'], seen?: IdSet): AsyncGenerator<Checked> {
    const entries = this.#open.toTry(rules.table, status, this.#manifest.version);
    for await (const part of this.#setAside.decode(entries, rules)) {
      const problems = 'batch' in part ? check(part.batch, rules, seen) : undefined;
      for (const [i, entry] of part.entries.entries()) {
        this.#open.settle(entry, 'batch' in part ? problems!.get(i)?.reason : part.reason);
      }
      if ('batch' in part) yield { batch: part.batch, problems: problems! };
    }
  }

  async #record(
    { object, batch }: RawBatch,
    { table, key }: Rules,
    problems: ReadonlyMap<number, Problem>,
  ): Promise<void> {
    if (problems.size === 0 && !this.#open.has(table)) return;
    for (const arrival of arrivals(batch, key, problems, (id) => this.#open.waits(table, id))) {
      await this.record(table, object, arrival);
    }
  }

  /** Puts on record what a row of a raw object changes of those set aside. */
  async record(table: string, { key: object }: ObjectRef, arrival: Arrival): Promise<void> {
    if (arrival.kind === 'arrived') {
      this.#open.arrive(table, arrival.key, () => arrival.raw);
      return;
    }
    const { key, row, reason, raw } = arrival;
    const setAside = { table, key, version: this.#manifest.version, object, row, reason, raw };
    await this.#quarantine.write([setAside]);
    this.#open.add(setAside, arrival.isRepeated);
  }
}
