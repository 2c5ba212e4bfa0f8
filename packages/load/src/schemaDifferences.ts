import { facts, starTables, WarehouseMismatch } from '@totes/core';
import { retiredTables } from './retired.ts';
import { declaredShape, retiredShape, type ColumnShape, type FoundRelation, type TableShape } from './sql/shape.ts';

/** All tables of the star as PostgreSQL has them. */
const postgresShapes: readonly TableShape[] = [...starTables.map(declaredShape), ...retiredTables.map(retiredShape)];

/**
 * Throws WarehouseMismatch, with every difference, where a relation is there and is not as the star declares it. What
 * can be made is no difference: a missing table or view, or a missing column that may be NULL.
 *
 * @param shapes the tables as this warehouse's engine has them
 */
export function refuseDifferences(
  schema: string,
  relations: readonly FoundRelation[],
  shapes: readonly TableShape[] = postgresShapes,
): void {
  const find = (name: string): FoundRelation | undefined => relations.find((relation) => relation.name === name);
  const differences = [
    ...shapes.flatMap((declared) => differencesOf(declared, find(declared.name))),
    ...facts.flatMap(({ currentView }) =>
      (find(currentView)?.kind ?? 'view') === 'view' ? [] : [`${currentView} is not a view`],
    ),
  ];
  if (differences.length === 0) return;
  throw new WarehouseMismatch(
    `warehouse schema "${schema}" is not as the star is declared: ${differences.join('; ')}. ` +
      'Change it, or load into another schema',
  );
}

function differencesOf(declared: TableShape, found: FoundRelation | undefined): string[] {
  if (found === undefined) return [];
  if (found.kind !== 'table') return [`${declared.name} is not a table`];
  const names = new Set([...declared.columns, ...found.columns].map(({ name }) => name));
  const differences = [...names].flatMap((name) => {
    const [expected, actual] = [declared, found].map((shape) => shape.columns.find((column) => column.name === name));
    const [wanted, is] = [describe(expected), describe(actual)];
    if (wanted === is || (actual === undefined && expected?.nullable === true)) return [];
    return [`${declared.name}.${name}: expected ${wanted}, found ${is}`];
  });
  const [wanted, is] = [declared, found].map(({ primaryKey }) => primaryKey.join(', ') || 'none');
  return wanted === is
    ? differences
    : [...differences, `${declared.name}: expected primary key ${wanted!}, found ${is!}`];
}

/** A column in the words of DDL. */
function describe(column: ColumnShape | undefined): string {
  if (column === undefined) return 'no such column';
  return `${column.type}${column.identity ? ' generated always as identity' : ''}${column.nullable ? '' : ' not null'}`;
}
