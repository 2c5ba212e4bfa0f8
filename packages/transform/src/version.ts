import {
  dateFromDays,
  starTable,
  starTables,
  takeRows,
  type Batch,
  type Fault,
  type FixedColumn,
  type ObjectRef,
  type ObjectStore,
  type RawManifest,
  type StarTable,
  type TextColumn,
} from '@totes/core';
import { PartWriter } from './partWriter.ts';
import { QuarantineWriter } from './quarantine.ts';
import { rawRows, type RawBatch } from './rawRows.ts';
import { calendar } from './star/calendar.ts';
import { currencyNames } from './star/currencyName.ts';
import { IdSet } from './star/idSet.ts';
import { affectedRows, knownIds } from './star/joined.ts';
import { joinOf, starProjection, stateDimensions, stateProjection, stateTables } from './star/projection.ts';
import { brokenReferences, referencesOf, repeatedIds, rowsWithout } from './star/references.ts';
import type { StateTable } from './star/stateTable.ts';
import type { TransformState } from './state.ts';

export interface TransformedVersion {
  readonly tables: Readonly<Record<string, readonly ObjectRef[]>>;
  readonly quarantined: { readonly objects: readonly ObjectRef[]; readonly rows: number };
  readonly state: TransformState;
}

/**
 * Turns one version of the raw log into star rows and the state after it. What it writes depends on the manifest, the
 * raw objects and the state before alone, so doing it again writes the same objects.
 */
export async function transformVersion(
  raw: ObjectStore,
  processed: ObjectStore,
  manifest: RawManifest,
  before: TransformState,
  onProgress: (table: string, rows: number) => void = () => undefined,
): Promise<TransformedVersion> {
  return new VersionTransform(raw, processed, manifest, before, onProgress).run();
}

class VersionTransform {
  readonly #raw: ObjectStore;
  readonly #processed: ObjectStore;
  readonly #manifest: RawManifest;
  readonly #tables: Map<string, StateTable>;
  readonly #before: TransformState;
  readonly #keys: Map<string, IdSet>;
  readonly #quarantine: QuarantineWriter;
  readonly #written = new Map<string, readonly ObjectRef[]>();
  readonly #known = new Map<string, IdSet>();
  readonly #onProgress: (table: string, rows: number) => void;

  constructor(
    raw: ObjectStore,
    processed: ObjectStore,
    manifest: RawManifest,
    before: TransformState,
    onProgress: (table: string, rows: number) => void,
  ) {
    this.#raw = raw;
    this.#processed = processed;
    this.#manifest = manifest;
    this.#before = before;
    this.#tables = new Map(before.tables);
    this.#keys = new Map(Array.from(before.keys, ([name, ids]) => [name, ids.copy()]));
    this.#quarantine = new QuarantineWriter(processed, (table) => this.#folder('quarantine', table));
    this.#onProgress = onProgress;
  }

  async run(): Promise<TransformedVersion> {
    const changed = new Map<string, IdSet>();
    for (const table of stateTables) changed.set(table, await this.#updateState(table));
    for (const dimension of stateDimensions) {
      await this.#writeAll(dimension.name, affectedRows(dimension, this.#tables, changed));
    }
    const days = new IdSet();
    for (const table of starTables) {
      if (table.source !== undefined && !stateTables.includes(table.source)) await this.#stream(table, days);
    }
    await this.#writeCalendar(days);
    const objects = await this.#quarantine.finish();
    return {
      tables: Object.fromEntries(this.#written),
      quarantined: { objects, rows: this.#quarantine.rows },
      state: { tables: this.#tables, keys: this.#keysAfter() },
    };
  }

  /** Brings a state table up to this version and gives the ids of its changed rows. */
  async #updateState(source: string): Promise<IdSet> {
    const projection = stateProjection(source);
    const joins = stateDimensions.filter((dimension) => dimension.source === source).map(joinOf);
    const references = referencesOf(
      projection,
      ({ name }) => joins.find((join) => join?.via === name)?.table,
      (target) => IdSet.of(this.#tables.get(target)!.ids),
    );
    const key = { column: 0, name: projection[0]!.source };
    const changes: Batch[] = [];
    const changedIds = new IdSet();
    for await (const part of this.#rows(source, projection)) {
      const bad = [...part.batch.faults, ...repeatedIds(part.batch, key, changedIds)];
      // A row whose partner is missing stays in the state, so that the partner's arrival completes it.
      await this.#setAside(source, part, [...bad, ...brokenReferences(part.batch, references)]);
      const kept = without(part.batch, bad);
      changes.push(kept);
    }
    if (changes.length > 0) this.#tables.set(source, this.#tables.get(source)!.upsert(changes));
    return changedIds;
  }

  /** Writes the rows of a table that come straight from its source, those that break a rule left out. */
  async #stream(table: StarTable, days: IdSet): Promise<void> {
    const projection = starProjection(table);
    const references = referencesOf(
      table.columns.map((column, i) => ({ ...projection[i]!, references: column.references })),
      ({ references: target }) => (target === 'dim_date' ? undefined : target),
      (target) => this.#idsOf(target),
    );
    const writer = new PartWriter(this.#processed, table.name, this.#folder('star', table.name));
    const keys = table.kind === 'dimension' ? this.#keys.get(table.name) : undefined;
    const column = table.columns.findIndex(({ name }) => name === table.key);
    const key = { column, name: projection[column]!.source };
    const seen = new IdSet();
    let rows = 0;
    for await (const part of this.#rows(table.source!, projection)) {
      const bad = [
        ...part.batch.faults,
        ...repeatedIds(part.batch, key, seen),
        ...brokenReferences(part.batch, references),
      ];
      await this.#setAside(table.source!, part, bad);
      const good = derived(table, without(part.batch, bad));
      if (keys !== undefined) for (const id of (good.columns[0] as FixedColumn).values) keys.add(id);
      if (table.kind === 'fact') collectDays(table, good, days);
      await writer.write(good);
      rows += good.rows;
      this.#onProgress(table.name, rows);
    }
    this.#record(table.name, await writer.finish());
  }

  async #writeCalendar(days: IdSet): Promise<void> {
    const covered = this.#keys.get('dim_date')!;
    const years = [...IdSet.of(Array.from(days, (day) => dateFromDays(day).year))].filter((year) => !covered.has(year));
    for (const year of years) covered.add(year);
    await this.#writeAll('dim_date', calendar(years));
  }

  async #writeAll(table: string, batch: Batch): Promise<void> {
    const writer = new PartWriter(this.#processed, table, this.#folder('star', table));
    await writer.write(batch);
    this.#record(table, await writer.finish());
  }

  #record(table: string, objects: readonly ObjectRef[]): void {
    if (objects.length > 0) this.#written.set(table, objects);
  }

  /** Sets rows aside, each once and for the first thing that is wrong with it. */
  async #setAside(source: string, { object, batch }: RawBatch, faults: readonly Fault[]): Promise<void> {
    const byRow = new Map(faults.toReversed().map((fault) => [fault.row, fault]));
    await this.#quarantine.write(
      [...byRow.values()]
        .toSorted((a, b) => a.row - b.row)
        .map(({ row, reason }) => ({
          table: source,
          version: this.#manifest.version,
          object: object.key,
          row: batch.firstRow + row + 1,
          reason: `${source}.${reason}`,
          raw: batch.rawRow(row),
        })),
    );
  }

  async *#rows(source: string, projection: Parameters<typeof rawRows>[2]): AsyncGenerator<RawBatch> {
    const table = this.#manifest.tables[source];
    if (table !== undefined) yield* rawRows(this.#raw, table, projection);
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
    const same = [...this.#keys].every(([name, ids]) => this.#before.keys.get(name)?.size === ids.size);
    return same ? this.#before.keys : this.#keys;
  }

  #folder(root: string, table: string): string {
    const day = this.#manifest.committedAt.slice(0, 10).replaceAll('-', '/');
    return `${root}/${table}/${day}/v${this.#manifest.version}`;
  }
}

function without(batch: Batch, faults: readonly Fault[]): Batch {
  const rows = rowsWithout(batch, faults);
  return rows === undefined ? batch : takeRows(batch, rows);
}

/** Fills the columns that are computed from what was read. */
function derived(table: StarTable, batch: Batch): Batch {
  const columns = batch.columns.map((column, i) =>
    table.columns[i]!.from.kind === 'currencyName' ? currencyNames(column as TextColumn, batch.rows) : column,
  );
  return { rows: batch.rows, columns };
}

function collectDays(table: StarTable, batch: Batch, days: IdSet): void {
  table.columns.forEach(({ references }, i) => {
    if (references === 'dim_date') for (const day of (batch.columns[i] as FixedColumn).values) days.add(day);
  });
}
