import {
  fiveDigits,
  rowsPerObject,
  writeContent,
  writeParquet,
  type Batch,
  type ObjectRef,
  type ObjectStore,
  type Schema,
} from '@totes/core';

/**
 * Writes rows of one schema as Parquet objects of a bounded size, each on its way to the store while the next one is made.
 *
 * @param folder where the objects go, without a slash at the end
 * @param prefix what their names begin with
 * @returns every object written, in the order of rows
 */
export async function writeParts(
  store: ObjectStore,
  schema: Schema,
  folder: string,
  batches: Iterable<Batch> | AsyncIterable<Batch>,
  prefix = 'part',
): Promise<ObjectRef[]> {
  const rows = new Parts(batches);
  const objects: ObjectRef[] = [];
  let sending: Promise<ObjectRef> | undefined;
  for (let part = 0; await rows.hasMore(); part++) {
    const body = await writeParquet(rows.part(), schema);
    if (sending !== undefined) objects.push(await sending);
    const name = `${prefix}-${fiveDigits(part)}`;
    sending = writeContent(store, { folder, name, extension: 'parquet', rows: rows.taken }, body);
    // It is waited for above; that it fails while the next object is made must not end the process.
    sending.catch(() => undefined);
  }
  if (sending !== undefined) objects.push(await sending);
  return objects;
}

/** Batches, divided into parts of some rowsPerObject rows. Each part has to be read to its end. */
class Parts {
  /** Rows of the current part so far. */
  taken = 0;
  readonly #batches: AsyncIterator<Batch>;
  #next: Batch | undefined;

  constructor(batches: Iterable<Batch> | AsyncIterable<Batch>) {
    this.#batches = filled(batches);
  }

  async hasMore(): Promise<boolean> {
    this.#next ??= (await this.#batches.next()).value as Batch | undefined;
    return this.#next !== undefined;
  }

  async *part(): AsyncGenerator<Batch> {
    this.taken = 0;
    while (this.taken < rowsPerObject && (await this.hasMore())) {
      const batch = this.#next!;
      this.#next = undefined;
      this.taken += batch.rows;
      yield batch;
    }
  }
}

async function* filled(batches: Iterable<Batch> | AsyncIterable<Batch>): AsyncGenerator<Batch, undefined> {
  for await (const batch of batches) if (batch.rows > 0) yield batch;
  return undefined;
}
