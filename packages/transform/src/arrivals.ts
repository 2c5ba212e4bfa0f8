import { isNull, type DecodedBatch, type FixedColumn } from '@totes/core';
import type { Problem, Rules } from './star/check.ts';

/** What a row that arrives changes of the rows that are set aside: it joins them, or is of a key that waits. */
export type Arrival =
  | {
      readonly kind: 'set aside';
      /** Null where it cannot be read. */
      readonly key: number | null;
      /** Its place in the raw object, the first row being 1. */
      readonly row: number;
      readonly reason: string;
      readonly raw: string;
      /** See OpenRow. */
      readonly isRepeated: boolean;
    }
  | { readonly kind: 'arrived'; readonly key: number; readonly raw: string };

/** The arrivals of a batch, in the order of rows. `waits` is asked of a row once those before it were handed out. */
export function* arrivals(
  batch: DecodedBatch,
  key: Rules['key'],
  problems: ReadonlyMap<number, Problem>,
  waits: (key: number) => boolean,
): Generator<Arrival> {
  const column = batch.columns[key.column] as FixedColumn;
  for (let row = 0; row < batch.rows; row++) {
    const problem = problems.get(row);
    const id = isNull(column, row) ? null : column.values[row]!;
    if (problem !== undefined) {
      const isRepeated = problem.kind === 'repeated';
      const place = batch.firstRow + row + 1;
      yield { kind: 'set aside', key: id, row: place, reason: problem.reason, raw: batch.rawRow(row), isRepeated };
    } else if (waits(id!)) {
      yield { kind: 'arrived', key: id!, raw: batch.rawRow(row) };
    }
  }
}
