import {
  fiveDigits,
  quarantineLines,
  writeContent,
  type ObjectRef,
  type ObjectStore,
  type QuarantinedRow,
} from '@totes/core';

/** Rows of one quarantine object: some megabytes at most, however many rows go wrong. */
const rowsPerObject = 10_000;

/** Writes the rows that a version sets aside. */
export class QuarantineWriter {
  readonly #store: ObjectStore;
  readonly #folder: (table: string) => string;
  readonly #objects: ObjectRef[] = [];
  #unwritten: QuarantinedRow[] = [];
  #rows = 0;

  constructor(store: ObjectStore, folder: (table: string) => string) {
    this.#store = store;
    this.#folder = folder;
  }

  get rows(): number {
    return this.#rows;
  }

  async write(rows: readonly QuarantinedRow[]): Promise<void> {
    for (const row of rows) {
      const [first] = this.#unwritten;
      if (this.#unwritten.length === rowsPerObject || (first && first.table !== row.table)) await this.#flush();
      this.#unwritten.push(row);
      this.#rows++;
    }
  }

  async finish(): Promise<ObjectRef[]> {
    await this.#flush();
    return this.#objects;
  }

  async #flush(): Promise<void> {
    const [first] = this.#unwritten;
    if (first === undefined) return;
    const name = `part-${fiveDigits(this.#objects.length)}`;
    const object = { folder: this.#folder(first.table), name, extension: 'jsonl', rows: this.#unwritten.length };
    this.#objects.push(await writeContent(this.#store, object, quarantineLines(this.#unwritten)));
    this.#unwritten = [];
  }
}
