import {
  IdSet,
  ratesTable,
  starTable,
  type Batch,
  type FixedColumn,
  type ObjectRef,
  type ObjectStore,
  type RawManifest,
  type StarTable,
  type TextColumn,
} from '@totes/core';
import { FactDays } from './factDays.ts';
import { OpenRows } from './openRows.ts';
import { QuarantineWriter } from './quarantine.ts';
import { newRates } from './rates.ts';
import type { SetAsideRows } from './setAsideRows.ts';
import { keptRows } from './star/check.ts';
import { currencyNames } from './star/currencyName.ts';
import { affectedRows, knownIds } from './star/joined.ts';
import { stateDimensions, stateTables, streamedTables } from './star/projection.ts';
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

/**
 * Turns one version of the raw log into star rows and the state after it. What it writes depends on the manifest, the
 * raw objects and the state before alone, so doing it again writes the same objects.
 */
export async function transformVersion(
  lake: VersionLake,
  manifest: RawManifest,
  before: TransformState,
  onProgress: (table: string, rows: number) => void = () => undefined,
): Promise<TransformedVersion> {
  return new VersionTransform(lake, manifest, before, onProgress).run();
}

class VersionTransform {
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
  readonly #onProgress: (table: string, rows: number) => void;

  constructor(
    lake: VersionLake,
    manifest: RawManifest,
    before: TransformState,
    onProgress: (table: string, rows: number) => void,
  ) {
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

  async run(): Promise<TransformedVersion> {
    // First, because a row that was deleted must not be tried again.
    await this.#tombstones.read(this.#lake.raw, this.#manifest, (source, key) => {
      this.#open.arrive(source, key);
    });
    await this.#updateStates();
    for (const table of streamedTables) {
      await this.#objects.write('tables', table.name, this.#streamed(table));
      if (this.#manifest.retry && table.kind === 'fact') {
        await this.#objects.write('late', table.name, this.#late(table));
      }
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

  /** The rows of a table that come straight from its source: those that arrive, then those that waited and hold now. */
  async *#streamed(table: (typeof streamedTables)[number]): AsyncGenerator<Batch> {
    const rules = starRules(table, (dimension) => this.#idsOf(dimension));
    const keys = this.#keys.get(table.name);
    const seen = new IdSet();
    let rows = 0;
    for (const part of [this.#rows.arrived(rules, seen), this.#rows.again(rules, 'waiting', seen)]) {
      for await (const good of this.#good(table, part)) {
        if (keys !== undefined) for (const id of (good.columns[0] as FixedColumn).values) keys.add(id);
        yield good;
        rows += good.rows;
        this.#onProgress(table.name, rows);
      }
    }
  }

  /** Rows that later ones of their keys have followed, and that hold now. */
  #late(table: (typeof streamedTables)[number]): AsyncGenerator<Batch> {
    const rules = starRules(table, (dimension) => this.#idsOf(dimension));
    return this.#good(table, this.#rows.again(rules, 'superseded'));
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

/** Fills the columns that are computed from what was read. */
function derived(table: StarTable, batch: Batch): Batch {
  const columns = batch.columns.map((column, i) =>
    table.columns[i]!.from.kind === 'currencyName' ? currencyNames(column as TextColumn, batch.rows) : column,
  );
  return { rows: batch.rows, columns };
}
