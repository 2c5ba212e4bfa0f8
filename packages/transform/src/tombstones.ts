import {
  IdSet,
  integer,
  LakeCorrupt,
  sourceTables,
  starTables,
  type Batch,
  type FixedColumn,
  type ObjectStore,
  type RawManifest,
  type RawTable,
} from '@totes/core';
import { rawRows } from './rawRows.ts';
import { deletedOf } from './state.ts';

/**
 * The keys that one version deletes. A deleted row of a state table stays there, because facts go on pointing at it, and
 * so a change of what it joins writes it once more: it has to be deleted again then.
 */
export class Tombstones {
  readonly #keys: ReadonlyMap<string, IdSet>;
  readonly #byTable = new Map<string, IdSet>();

  /** @param keys the state's, of which those of deleted rows are kept up to date */
  constructor(keys: ReadonlyMap<string, IdSet>) {
    this.#keys = keys;
  }

  /** Takes in what a manifest deletes; `onKey` is told each key. Throws LakeCorrupt where something is not a key. */
  async read(store: ObjectStore, manifest: RawManifest, onKey: (source: string, key: number) => void): Promise<void> {
    for (const { name, key } of sourceTables) {
      const table = manifest.tables[name];
      if (table?.deleted === undefined) continue;
      const deleted = await deletedKeys(store, table, key);
      for (const id of deleted) {
        onKey(name, id);
        this.#keys.get(deletedOf(name))?.add(id);
      }
      const star = starTables.find(({ source }) => source === name);
      if (star !== undefined) this.#byTable.set(star.name, deleted);
    }
  }

  /** Notes that rows of a state table arrived: they are not deleted any more. */
  arrive(source: string, ids: IdSet): void {
    for (const id of ids) this.#keys.get(deletedOf(source))!.delete(id);
  }

  /** Deletes again what is deleted of the rows of a dimension, its key being their first column. */
  repeat(dimension: { readonly name: string; readonly source?: string }, rows: Batch): void {
    const gone = this.#keys.get(deletedOf(dimension.source!))!;
    const deleted = this.#byTable.get(dimension.name) ?? new IdSet();
    for (const id of (rows.columns[0] as FixedColumn).values) if (gone.has(id)) deleted.add(id);
    if (deleted.size > 0) this.#byTable.set(dimension.name, deleted);
  }

  /** The keys by warehouse table, each as a batch of its key's column alone. */
  *batches(): Generator<readonly [table: string, keys: Batch]> {
    for (const [table, keys] of this.#byTable) {
      const column = { kind: 'integer', values: Int32Array.from(keys), valid: null } as const;
      yield [table, { rows: keys.size, columns: [column] }];
    }
  }
}

async function deletedKeys(store: ObjectStore, table: RawTable, key: string): Promise<IdSet> {
  const deleted = new IdSet();
  // Tombstones are CSV whatever the format of rows.
  const tombstones: RawTable = { ...table, objects: table.deleted ?? [], format: 'csv' };
  const projection = [{ name: key, type: integer, nullable: false, source: key, reading: 'value' as const }];
  for await (const { object, batch } of rawRows(store, tombstones, projection)) {
    const [fault] = batch.faults;
    if (fault !== undefined) throw new LakeCorrupt(`${store.uri}/${object.key} is to hold keys only: ${fault.reason}`);
    for (const id of (batch.columns[0] as FixedColumn).values) deleted.add(id);
  }
  return deleted;
}
