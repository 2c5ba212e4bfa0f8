import { facts, starTables } from '@totes/core';
import type { SchemaState } from '../catalog.ts';
import { retiredTables } from '../retired.ts';
import { refuseDifferences } from '../schemaDifferences.ts';
import { createMissingSchema, type SchemaPlan } from '../schemaPlan.ts';
import { namesOf } from '../sql/names.ts';
import type { FoundRelation } from '../sql/shape.ts';
import { addColumn, createCurrentView, createRetiredTable, createTable, dropView } from './ddl.ts';
import { redshiftShapes } from './shape.ts';

/**
 * As `planSchema` for PostgreSQL, in the same states of a schema. There is nothing to put off until rows are there: no key
 * is checked, and there are no indexes. Statements that follow one another are one text: most are comments, and each would cost
 * a round trip.
 */
export function planSchema(schema: SchemaState, relations: readonly FoundRelation[]): SchemaPlan {
  refuseDifferences(schema.name, relations, redshiftShapes);
  const find = (name: string): FoundRelation | undefined => relations.find((relation) => relation.name === name);
  const has = (relation: FoundRelation, column: string): boolean =>
    relation.columns.some(({ name }) => name === column);
  const tables = starTables.flatMap((table) => {
    const found = find(table.name);
    if (found === undefined) return [createTable(schema.name, table)];
    return table.columns.filter(({ name }) => !has(found, name)).map((column) => addColumn(schema.name, table, column));
  });
  const retired = retiredTables.filter(({ name }) => find(name) === undefined);
  const views = facts.flatMap((fact) => {
    const columns = [fact.recordKey, ...namesOf(fact)];
    const found = find(fact.currentView);
    if (found !== undefined && columns.every((name) => has(found, name))) return [];
    // Redshift replaces a view by one of the same columns alone.
    const drop = found === undefined ? [] : [dropView(schema.name, fact.currentView)];
    return [...drop, createCurrentView(schema.name, fact, columns)];
  });
  return {
    before: together([
      ...createMissingSchema(schema),
      ...tables,
      ...retired.map((table) => createRetiredTable(schema.name, table)),
    ]),
    after: together(views),
  };
}

const together = (statements: readonly string[]): string[] => (statements.length === 0 ? [] : [statements.join(';\n')]);
