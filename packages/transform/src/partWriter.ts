import {
  rowsPerObject,
  writeContent,
  writeParquet,
  type Batch,
  type ObjectRef,
  type ObjectStore,
  type Schema,
} from '@totes/core';

/** Gathers rows of one schema and writes them as Parquet objects of a bounded size. */
export class PartWriter {
  readonly #store: ObjectStore;
  readonly #schema: Schema;
  readonly #folder: string;
  readonly #objects: ObjectRef[] = [];
  #batches: Batch[] = [];
  #rows = 0;

  /** `folder` is where the objects go, without a slash at the end. */
  constructor(store: ObjectStore, schema: Schema, folder: string) {
    this.#store = store;
    this.#schema = schema;
    this.#folder = folder;
  }

  async write(batch: Batch): Promise<void> {
    if (batch.rows === 0) return;
    this.#batches.push(batch);
    this.#rows += batch.rows;
    if (this.#rows >= rowsPerObject) await this.#flush();
  }

  /** Writes what is left and gives every object written. */
  async finish(): Promise<ObjectRef[]> {
    if (this.#rows > 0) await this.#flush();
    return this.#objects;
  }

  async #flush(): Promise<void> {
    const body = writeParquet(this.#batches, this.#schema);
    const name = `part-${String(this.#objects.length).padStart(5, '0')}`;
    const object = { folder: this.#folder, name, extension: 'parquet', rows: this.#rows };
    this.#objects.push(await writeContent(this.#store, object, body));
    this.#batches = [];
    this.#rows = 0;
  }
}
