import { starTable, type Batch, type ObjectRef, type ObjectStore, type RawManifest } from '@totes/core';
import { writeParts } from './writeParts.ts';

/** What the rows of an object are: `star` those that come into force, the others as ProcessedManifest has them. */
export type RowKind = 'star' | 'late' | 'deleted';

/** Under `star/`, which is what a load may read; not among the objects of a table that hold its rows. */
const roots: Readonly<Record<RowKind, string>> = { star: 'star', late: 'star/late', deleted: 'star/deleted' };

/** Where the objects of a version go that are of one table, without a slash at the end. */
export function versionFolder({ committedAt, version }: RawManifest, root: string, table: string): string {
  return `${root}/${table}/${committedAt.slice(0, 10).replaceAll('-', '/')}/v${version}`;
}

/** Writes the Parquet objects of one version, and knows them by warehouse table. */
export class VersionObjects {
  readonly #store: ObjectStore;
  readonly #manifest: RawManifest;
  readonly #written: Record<RowKind, Record<string, readonly ObjectRef[]>> = { star: {}, late: {}, deleted: {} };

  constructor(store: ObjectStore, manifest: RawManifest) {
    this.#store = store;
    this.#manifest = manifest;
  }

  /** Writes all rows of a kind that a warehouse table has in this version; of deleted ones the key alone. */
  async write(kind: RowKind, table: string, batches: Iterable<Batch> | AsyncIterable<Batch>): Promise<void> {
    const { columns, key } = starTable(table);
    const schema = kind === 'deleted' ? columns.filter(({ name }) => name === key) : columns;
    const folder = versionFolder(this.#manifest, roots[kind], table);
    const objects = await writeParts(this.#store, schema, folder, batches);
    if (objects.length > 0) this.#written[kind][table] = objects;
  }

  of(kind: RowKind): Readonly<Record<string, readonly ObjectRef[]>> {
    return this.#written[kind];
  }
}
