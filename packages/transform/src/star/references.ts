import type { IdSet, DecodedBatch, Fault, FixedColumn, Projected } from '@totes/core';

/** A column whose value must be a known id. */
export interface Reference {
  /** Its place among the projected columns. */
  readonly column: number;
  readonly name: string;
  /** The table that must have the id, for messages. */
  readonly target: string;
  readonly known: IdSet;
}

/** The references of a projection: `targetOf` says which table a column points at, `known` which ids that has. */
export function referencesOf<T extends Projected>(
  projection: readonly T[],
  targetOf: (column: T) => string | undefined,
  known: (target: string) => IdSet,
): Reference[] {
  return projection.flatMap((projected, column) => {
    const target = targetOf(projected);
    return target === undefined ? [] : [{ column, name: projected.source, target, known: known(target) }];
  });
}

/** The rows of a batch that point at an id nobody has, faulty rows left out, in the order of rows. */
export function brokenReferences(batch: DecodedBatch, references: readonly Reference[]): Fault[] {
  const faulty = new Set(batch.faults.map(({ row }) => row));
  const broken = new Map<number, string>();
  for (const { column, name, target, known } of references) {
    const { values } = batch.columns[column] as FixedColumn;
    for (let row = 0; row < batch.rows; row++) {
      if (known.has(values[row]!) || faulty.has(row) || broken.has(row)) continue;
      broken.set(row, `${name} ${values[row]!} is not in ${target}`);
    }
  }
  return [...broken].sort(([a], [b]) => a - b).map(([row, reason]) => ({ row, reason }));
}

/**
 * The rows of a batch whose id is in `seen`, which takes in the others, faulty rows left out: one look at the source has
 * each id once, unless the source does not enforce its key.
 */
export function repeatedIds(
  batch: DecodedBatch,
  key: { readonly column: number; readonly name: string },
  seen: IdSet,
): Fault[] {
  const faulty = new Set(batch.faults.map(({ row }) => row));
  const { values } = batch.columns[key.column] as FixedColumn;
  const repeated: Fault[] = [];
  for (let row = 0; row < batch.rows; row++) {
    if (faulty.has(row)) continue;
    const id = values[row]!;
    if (seen.has(id)) repeated.push({ row, reason: `${key.name} ${id} is there twice in one look at the source` });
    else seen.add(id);
  }
  return repeated;
}
