import { IdSet, take, type Batch, type Column, type Dimension, type FixedColumn } from '@totes/core';
import { joinOf } from './projection.ts';
import type { StateTable } from './stateTable.ts';

export type State = ReadonlyMap<string, StateTable>;

/** The rows of a state dimension that have what they need: all, or those whose joined row exists. */
function joinable(dimension: Dimension, state: State): Int32Array {
  const own = state.get(dimension.source!)!;
  const join = joinOf(dimension);
  const rows = Array.from({ length: own.batch.rows }, (_, row) => row);
  if (join === undefined) return Int32Array.from(rows);
  const via = (own.batch.columns[own.columnIndex(join.via)] as FixedColumn).values;
  const other = state.get(join.table)!;
  return Int32Array.from(rows.filter((row) => other.rowOf(via[row]!) >= 0));
}

/** The ids that a state dimension has in the warehouse. */
export function knownIds(dimension: Dimension, state: State): IdSet {
  const { ids } = state.get(dimension.source!)!;
  return IdSet.of(joinable(dimension, state).map((row) => ids[row]!));
}

/**
 * The rows of a state dimension that changes touch: those of its own source table that changed, and those that join a
 * row that changed.
 */
export function affectedRows(dimension: Dimension, state: State, changed: ReadonlyMap<string, IdSet>): Batch {
  const own = state.get(dimension.source!)!;
  const join = joinOf(dimension);
  const ownChanges = changed.get(dimension.source!);
  const otherChanges = join && changed.get(join.table);
  const via = join && (own.batch.columns[own.columnIndex(join.via)] as FixedColumn).values;
  const rows = joinable(dimension, state).filter(
    (row) => ownChanges?.has(own.ids[row]!) === true || (via !== undefined && otherChanges?.has(via[row]!) === true),
  );
  return { rows: rows.length, columns: dimension.columns.map((column) => pick(column.from)) };

  function pick(from: Dimension['columns'][number]['from']): Column {
    switch (from.kind) {
      case 'column':
        return take(own.batch.columns[own.columnIndex(from.column)]!, rows);
      case 'joined': {
        const other = state.get(from.table)!;
        const otherRows = rows.map((row) => other.rowOf(via![row]!));
        return take(other.batch.columns[other.columnIndex(from.column)]!, otherRows);
      }
      default:
        throw new RangeError(`${dimension.name}: a dimension made from state cannot have a ${from.kind} column`);
    }
  }
}
