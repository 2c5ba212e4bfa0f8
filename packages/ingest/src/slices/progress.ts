import type { Slice } from './cut.ts';

/** Rows read so far of one table. */
export interface IngestProgress {
  readonly table: string;
  readonly rows: number;
  /** Whether this was its last row. */
  readonly done: boolean;
}

/** Adds up what is read of each table by slices that are read at once. */
export class Progress {
  readonly #tell: ((progress: IngestProgress) => void) | undefined;
  readonly #rows = new Map<string, number>();
  readonly #left = new Map<string, number>();

  constructor(slices: readonly Slice[], tell: ((progress: IngestProgress) => void) | undefined) {
    this.#tell = tell;
    for (const { table } of slices) this.#left.set(table, (this.#left.get(table) ?? 0) + 1);
  }

  /** Takes the rows read so far of a slice of a table, each time more. */
  ofSlice(table: string): (rows: number) => void {
    let before = 0;
    return (rows) => {
      this.#rows.set(table, (this.#rows.get(table) ?? 0) + rows - before);
      before = rows;
      this.#say(table, false);
    };
  }

  /** A slice of a table was read to its end. */
  ended(table: string): void {
    const left = this.#left.get(table)! - 1;
    this.#left.set(table, left);
    if (left === 0) this.#say(table, true);
  }

  #say(table: string, done: boolean): void {
    this.#tell?.({ table, rows: this.#rows.get(table) ?? 0, done });
  }
}
