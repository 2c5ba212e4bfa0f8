import { writeContent, type ObjectRef, type ObjectStore } from '@totes/core';

/** A row set aside: what it is, where it came from and why. One JSON line of a quarantine object. */
export interface QuarantinedRow {
  readonly table: string;
  readonly version: number;
  /** The raw object it is in, and its place there, the first row being 1. */
  readonly object: string;
  readonly row: number;
  readonly reason: string;
  /** The row as it stands in the raw object. */
  readonly raw: string;
}

/** Rows of one quarantine object: some megabytes at most, however many rows go wrong. */
const rowsPerObject = 10_000;

/** Writes the rows that a version sets aside. */
export class QuarantineWriter {
  readonly #store: ObjectStore;
  readonly #folder: (table: string) => string;
  readonly #objects: ObjectRef[] = [];
  #waiting: QuarantinedRow[] = [];
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
      if (this.#waiting.length === rowsPerObject || (this.#waiting[0] && this.#waiting[0].table !== row.table)) {
        await this.#flush();
      }
      this.#waiting.push(row);
      this.#rows++;
    }
  }

  async finish(): Promise<ObjectRef[]> {
    await this.#flush();
    return this.#objects;
  }

  async #flush(): Promise<void> {
    const [first] = this.#waiting;
    if (first === undefined) return;
    const body = Buffer.from(this.#waiting.map((row) => `${JSON.stringify(row)}\n`).join(''));
    const name = `part-${String(this.#objects.length).padStart(5, '0')}`;
    const object = { folder: this.#folder(first.table), name, extension: 'jsonl', rows: this.#waiting.length };
    this.#objects.push(await writeContent(this.#store, object, body));
    this.#waiting = [];
  }
}
