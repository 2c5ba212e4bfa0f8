import {
  facts,
  IdSet,
  ratesTable,
  starTable,
  type Batch,
  type Fact,
  type FixedColumn,
  type ObjectRef,
  type ObjectStore,
  type OpenRow,
  type RawManifest,
  type StarTable,
} from '@totes/core';
import { FactDays } from './factDays.ts';
import { OpenRows } from './openRows.ts';
import { QuarantineWriter } from './quarantine.ts';
import { newRates } from './rates.ts';
import type { SetAsideRows } from './setAsideRows.ts';
import { slicesOf, type Against, type SliceWork } from './slices/factSlice.ts';
import type { SliceRunner } from './slices/runner.ts';
import { together } from './slices/together.ts';
import { keptRows } from './star/check.ts';
import { derived } from './star/derived.ts';
import { affectedRows, knownIds } from './star/joined.ts';
import { plainDimensions, stateDimensions, stateTables } from './star/projection.ts';
import { starRules } from './star/rules.ts';
import type { StateTable } from './star/stateTable.ts';
import type { TransformState } from './state.ts';
import { updateState } from './stateUpdate.ts';
import { Tombstones } from './tombstones.ts';
import { versionFolder, VersionObjects } from './versionObjects.ts';
import { VersionRows, type Checked } from './versionRows.ts';

/** Where a version's rows come from and go to. */
export interface VersionLake {
  readonly raw: ObjectStore;
  readonly setAside: SetAsideRows;
  readonly processed: ObjectStore;
}

export interface TransformedVersion {
  /** Rows that come into force, late ones and deleted ones; see ProcessedManifest. */
  readonly objects: VersionObjects;
  readonly quarantined: { readonly objects: readonly ObjectRef[]; readonly rows: number };
  readonly state: TransformState;
}

type OnProgress = (table: string, rows: number) => void;

/**
 * Turns one version of the raw log into star rows and the state after it: `dimensions` first, then `facts`, whose slices
 * others may transform. What it writes depends on the manifest, the raw objects and the state before alone, so doing it again,
 * or half of it, writes the same objects.
 */
export class VersionTransform {
  readonly #lake: VersionLake;
  readonly #manifest: RawManifest;
  readonly #before: TransformState;
  readonly #tables: Map<string, StateTable>;
  readonly #keys: ReadonlyMap<string, IdSet>;
  readonly #open: OpenRows;
  readonly #quarantine: QuarantineWriter;
  readonly #rows: VersionRows;
  readonly #objects: VersionObjects;
  readonly #known = new Map<string, IdSet>();
  readonly #tombstones: Tombstones;
  readonly #days = new FactDays();
  readonly #onProgress: OnProgress;

  constructor(lake: VersionLake, manifest: RawManifest, before: TransformState, onProgress: OnProgress) {
    this.#lake = lake;
    this.#manifest = manifest;
    this.#before = before;
    this.#tables = new Map(before.tables);
    this.#keys = new Map(Array.from(before.keys, ([name, ids]) => [name, ids.copy()]));
    this.#tombstones = new Tombstones(this.#keys);
    this.#open = new OpenRows(before.open);
    const folder = (table: string): string => versionFolder(manifest, 'quarantine', table);
    this.#quarantine = new QuarantineWriter(lake.processed, folder);
    const { setAside } = lake;
    this.#rows = new VersionRows(lake.raw, manifest, { open: this.#open, quarantine: this.#quarantine, setAside });
    this.#objects = new VersionObjects(lake.processed, manifest);
    this.#onProgress = onProgress;
  }

  /** Does the dimensions of totesys. Resolves to what is left to do: the slices of the facts. */
  async dimensions(): Promise<SliceWork> {
    // First, because a row that was deleted must not be tried again.
    await this.#tombstones.read(this.#lake.raw, this.#manifest, (source, key) => {
      this.#open.arrive(source, key);
    });
    await this.#updateStates();
    for (const table of plainDimensions) await this.#objects.write('tables', table.name, this.#plain(table));
    for (const { source } of facts) this.#rows.arriveWhole(source);
    return { version: this.#manifest.version, slices: slicesOf(this.#manifest), against: this.#against() };
  }

  /** Does the facts, and all that follows from them. `work` is what `dimensions` gave. */
  async facts(work: SliceWork, runSlices: SliceRunner): Promise<TransformedVersion> {
    const ids = new Map(facts.map(({ name }) => [name, new IdSet()]));
    await this.#slices(work, runSlices, ids);
    for (const fact of facts) {
      await this.#objects.write('tables', fact.name, this.#again(fact, 'waiting', ids.get(fact.name)));
      if (this.#manifest.retry) await this.#objects.write('late', fact.name, this.#again(fact, 'superseded'));
    }
    await this.#objects.write('tables', 'dim_date', [this.#days.calendar(this.#keys.get('dim_date')!)]);
    const rates = Math.max(this.#before.rates, this.#manifest.rates ?? 0);
    await this.#objects.write('tables', ratesTable, await newRates(this.#lake.raw, this.#before.rates, rates));
    for (const [table, keys] of this.#tombstones.batches()) await this.#objects.write('deleted', table, [keys]);
    const objects = await this.#quarantine.finish();
    return {
      objects: this.#objects,
      quarantined: { objects, rows: this.#quarantine.rows },
      state: { tables: this.#tables, keys: this.#keysAfter(), open: this.#open.list(), rates },
    };
  }

  /** Brings the state tables up to this version, and writes the rows of dimensions that this touches. */
  async #updateStates(): Promise<void> {
    const changed = new Map<string, IdSet>();
    for (const source of stateTables) {
      const after = await updateState(source, this.#tables, this.#rows);
      this.#tables.set(source, after.table);
      changed.set(source, after.changed);
      this.#tombstones.arrive(source, after.changed);
    }
    for (const dimension of stateDimensions) {
      const rows = affectedRows(dimension, this.#tables, changed);
      await this.#objects.write('tables', dimension.name, [rows]);
      this.#tombstones.repeat(dimension, rows);
    }
  }

  /** The rows of a dimension that come straight from its source: those that arrive, then those that waited and hold now. */
  async *#plain(table: (typeof plainDimensions)[number]): AsyncGenerator<Batch> {
    const rules = starRules(table, (dimension) => this.#idsOf(dimension));
    const keys = this.#keys.get(table.name)!;
    const seen = new IdSet();
    let rows = 0;
    for (const part of [this.#rows.arrived(rules, seen), this.#rows.again(rules, 'waiting', seen)]) {
      for await (const good of this.#good(table, part)) {
        for (const id of (good.columns[0] as FixedColumn).values) keys.add(id);
        yield good;
        rows += good.rows;
        this.#onProgress(table.name, rows);
      }
    }
  }

  /** What the rows of facts are checked against, the dimensions being done. */
  #against(): Against {
    const targets = facts.flatMap(({ columns }) => columns.flatMap(({ references }) => references ?? []));
    const dimensions = [...new Set(targets)].filter((name) => name !== 'dim_date');
    return {
      ids: new Map(dimensions.map((name) => [name, this.#idsOf(name)])),
      waiting: new Map(facts.map(({ name, source }) => [name, this.#open.waitingKeys(source)])),
    };
  }

  /** Takes in the rows of facts that arrive; `ids` their ids. */
  async #slices(work: SliceWork, runSlices: SliceRunner, ids: ReadonlyMap<string, IdSet>): Promise<void> {
    const rows = new Map<string, number>();
    const sourceOf = (fact: string): string => starTable(fact).source!;
    const waiting = (fact: string): IdSet => this.#open.waitingKeys(sourceOf(fact));
    for await (const { slice, result } of together(this.#lake, work, runSlices, { ids, waiting })) {
      for (const arrival of result.arrivals) await this.#rows.record(sourceOf(slice.table), slice.object, arrival);
      this.#objects.add('tables', slice.table, result.objects);
      this.#days.ids.addAll(result.days);
      rows.set(slice.table, (rows.get(slice.table) ?? 0) + result.rows);
      this.#onProgress(slice.table, rows.get(slice.table)!);
    }
  }

  /** The rows of a fact that were set aside in earlier versions and hold now. `seen` has the ids that arrived in this one. */
  #again(fact: Fact, status: OpenRow['status'], seen?: IdSet): AsyncGenerator<Batch> {
    const rules = starRules(fact, (dimension) => this.#idsOf(dimension));
    return this.#good(fact, this.#rows.again(rules, status, seen));
  }

  async *#good(table: StarTable, parts: AsyncIterable<Checked>): AsyncGenerator<Batch> {
    for await (const { batch, problems } of parts) {
      const good = derived(table, keptRows(batch, problems));
      if (table.kind === 'fact') this.#days.collect(table, good);
      yield good;
    }
  }

  /** The ids that a dimension has in the warehouse once this version is loaded. */
  #idsOf(dimension: string): IdSet {
    const keys = this.#keys.get(dimension);
    if (keys !== undefined) return keys;
    const known = this.#known.get(dimension) ?? knownIds(starTable(dimension) as never, this.#tables);
    this.#known.set(dimension, known);
    return known;
  }

  #keysAfter(): ReadonlyMap<string, IdSet> {
    const isSame = [...this.#keys].every(([name, ids]) => this.#before.keys.get(name)?.equals(ids));
    return isSame ? this.#before.keys : this.#keys;
  }
}
