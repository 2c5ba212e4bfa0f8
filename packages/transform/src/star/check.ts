import { type IdSet, takeRows, type Batch, type DecodedBatch, type Projected } from '@totes/core';
import { brokenReferences, repeatedIds, type Reference } from './references.ts';

/** What the rows of a source table are read as, and what they must keep to. */
export interface Rules {
  readonly table: string;
  readonly projection: readonly Projected[];
  /** The table's key: its place among the projected columns, and its name in the source. */
  readonly key: { readonly column: number; readonly name: string };
  readonly references: readonly Reference[];
}

/** Why a row cannot be used: a value, a key that was there already, or a row that it points at and that is missing. */
export interface Problem {
  readonly kind: 'value' | 'repeated' | 'partner';
  readonly reason: string;
}

/**
 * What is wrong with a batch, by row and in the order of rows: of each row the first thing.
 *
 * @param seen the ids that this version has had so far, which takes in those of the batch; absent where ids may repeat
 */
export function check(batch: DecodedBatch, rules: Rules, seen?: IdSet): Map<number, Problem> {
  const found = [
    ...batch.faults.map((fault) => ({ ...fault, kind: 'value' as const })),
    ...(seen ? repeatedIds(batch, rules.key, seen) : []).map((fault) => ({ ...fault, kind: 'repeated' as const })),
    ...brokenReferences(batch, rules.references).map((fault) => ({ ...fault, kind: 'partner' as const })),
  ];
  // Of two entries of the same row a Map keeps the last, which is the first one here.
  const byRow = new Map(found.toReversed().map(({ row, kind, reason }) => [row, { kind, reason }]));
  return new Map(
    [...byRow]
      .sort(([a], [b]) => a - b)
      .map(([row, { kind, reason }]) => [row, { kind, reason: `${rules.table}.${reason}` }]),
  );
}

/** The rows of a batch that are kept: those without a problem, and those whose problem is of a kind that lets them be. */
export function keptRows(
  batch: Batch,
  problems: ReadonlyMap<number, Problem>,
  isKept: (problem: Problem) => boolean = () => false,
): Batch {
  if (problems.size === 0) return batch;
  const rows = Array.from({ length: batch.rows }, (_, row) => row);
  const kept = rows.filter((row) => {
    const problem = problems.get(row);
    return problem === undefined || isKept(problem);
  });
  return takeRows(batch, Int32Array.from(kept));
}
