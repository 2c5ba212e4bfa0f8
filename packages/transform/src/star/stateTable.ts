import { concatBatches, takeRows, type Batch, type FixedColumn, type Schema } from '@totes/core';

/** The current rows of a source table, each id once; its key is the first column. */
export class StateTable {
  readonly batch: Batch;
  readonly #schema: Schema;
  readonly #rowOf: Map<number, number>;

  constructor(batch: Batch, schema: Schema) {
    this.batch = batch;
    this.#schema = schema;
    this.#rowOf = new Map();
    for (const [row, id] of this.ids.entries()) this.#rowOf.set(id, row);
  }

  get ids(): Int32Array {
    return (this.batch.columns[0] as FixedColumn).values as Int32Array;
  }

  /** The row of an id, or -1. */
  rowOf(id: number): number {
    return this.#rowOf.get(id) ?? -1;
  }

  /** The place of a column. Throws RangeError for a column that the state does not keep. */
  columnIndex(name: string): number {
    const index = this.#schema.findIndex((column) => column.name === name);
    if (index < 0) throw new RangeError(`the state keeps no column ${name}`);
    return index;
  }

  /** The table after rows were inserted or replaced by id; of rows with the same id the last one stands. */
  upsert(changes: readonly Batch[]): StateTable {
    const all = concatBatches([this.batch, ...changes], this.#schema);
    const lastRow = new Map<number, number>();
    for (const [row, id] of (all.columns[0] as FixedColumn).values.entries()) lastRow.set(id, row);
    return new StateTable(takeRows(all, Int32Array.from(lastRow.values())), this.#schema);
  }
}
