import {
  starTable,
  type Batch,
  type ObjectRef,
  type ObjectStore,
  type RawManifest,
  type RowKind,
  type Schema,
} from '@totes/core';
import { writeParts } from './writeParts.ts';

/** Under `star/`, which is what a load may read; not among the objects of a table that hold its rows. */
const roots: Readonly<Record<RowKind, string>> = { tables: 'star', late: 'star/late', deleted: 'star/deleted' };

/** The columns that rows of a kind have: of deleted ones the key alone. */
export function schemaOf(kind: RowKind, table: string): Schema {
  const { columns, key } = starTable(table);
  return kind === 'deleted' ? columns.filter(({ name }) => name === key) : columns;
}

/** Where the objects of a version go that are of one table, without a slash at the end. */
export function versionFolder({ committedAt, version }: RawManifest, root: string, table: string): string {
  return `${root}/${table}/${committedAt.slice(0, 10).replaceAll('-', '/')}/v${version}`;
}

/** Writes the Parquet objects of one version, and knows them by warehouse table. */
export class VersionObjects {
  readonly #store: ObjectStore;
  readonly #manifest: RawManifest;
  readonly #written: Record<RowKind, Record<string, readonly ObjectRef[]>> = { tables: {}, late: {}, deleted: {} };

  constructor(store: ObjectStore, manifest: RawManifest) {
    this.#store = store;
    this.#manifest = manifest;
  }

  /** Writes rows of a kind that a warehouse table has in this version. */
  async write(kind: RowKind, table: string, batches: Iterable<Batch> | AsyncIterable<Batch>): Promise<void> {
    const folder = versionFolder(this.#manifest, roots[kind], table);
    this.add(kind, table, await writeParts(this.#store, schemaOf(kind, table), folder, batches));
  }

  /** Adds objects that were written to those of a warehouse table. */
  add(kind: RowKind, table: string, objects: readonly ObjectRef[]): void {
    if (objects.length > 0) this.#written[kind][table] = [...(this.#written[kind][table] ?? []), ...objects];
  }

  of(kind: RowKind): Readonly<Record<string, readonly ObjectRef[]>> {
    return this.#written[kind];
  }
}
