import { IdSet, type StarTable } from '@totes/core';
import type { Rules } from './check.ts';
import { joinOf, starProjection, stateDimensions, stateProjection } from './projection.ts';
import { referencesOf } from './references.ts';
import type { StateTable } from './stateTable.ts';

/** The rules of a state table: its rows point at rows of the state itself, as it is by now. */
export function stateRules(source: string, tables: ReadonlyMap<string, StateTable>): Rules {
  const projection = stateProjection(source);
  const joins = stateDimensions.filter((dimension) => dimension.source === source).map(joinOf);
  const references = referencesOf(
    projection,
    ({ name }) => joins.find((join) => join?.via === name)?.table,
    (target) => IdSet.of(tables.get(target)!.ids),
  );
  return { table: source, projection, key: { column: 0, name: projection[0]!.source }, references };
}

/** The rules of a warehouse table that comes straight from its source table. `idsOf` gives a dimension's ids. */
export function starRules(table: StarTable & { readonly source: string }, idsOf: (dimension: string) => IdSet): Rules {
  const projection = starProjection(table);
  const references = referencesOf(
    table.columns.map((column, i) => ({ ...projection[i]!, references: column.references })),
    ({ references: target }) => (target === 'dim_date' ? undefined : target),
    idsOf,
  );
  const column = table.columns.findIndex(({ name }) => name === table.key);
  return { table: table.source, projection, key: { column, name: projection[column]!.source }, references };
}
