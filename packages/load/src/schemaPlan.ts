import { facts, identifier, starTables, WarehouseRefused, type Fact, type StarTable } from '@totes/core';
import type { SchemaState } from './catalog.ts';
import { retiredTable, retiredTables } from './retired.ts';
import { refuseDifferences } from './schemaDifferences.ts';
import {
  addColumn,
  addForeignKey,
  addPrimaryKey,
  createCurrentView,
  createIndex,
  createRetiredTable,
  createSchema,
  createTable,
  dropConstraint,
  lockTables,
} from './sql/ddl.ts';
import { declaredShape, type FoundRelation, type Reference, type TableShape } from './sql/shape.ts';

/** Statements that make a schema what the star declares. */
export interface SchemaPlan {
  /** To run before rows are loaded. */
  readonly before: readonly string[];
  /** To run after, in the same transaction. */
  readonly after: readonly string[];
}

interface TablePlan extends SchemaPlan {
  /** Those of the tables there are that `before` takes from everybody else. */
  readonly takes: readonly string[];
  /** What makes the primary key and the indexes of a table that is filled without them. */
  readonly keys: readonly string[];
}

/**
 * Compares a schema with the declared star. What is missing is made; a missing column is added where it may be NULL.
 * Throws WarehouseMismatch, with every difference, where a table is there and is not as declared; WarehouseRefused
 * where the schema is missing and this user may not create it.
 *
 * @param filling the tables without rows that are about to get some: their foreign keys are made afterwards, also where
 *   they are there already, because to check many rows one by one takes most of the load's time; so are the primary key
 *   and the indexes of a table that is made now: sorting all keys once costs a fraction of finding the place of each
 */
export function planSchema(
  schema: SchemaState,
  relations: readonly FoundRelation[],
  filling: readonly string[] = [],
): SchemaPlan {
  refuseDifferences(schema.name, relations);
  const found = new Map(relations.map((relation) => [relation.name, relation]));
  const plans = starTables.map((table) =>
    planTable(schema.name, table, found.get(table.name), filling.includes(table.name)),
  );
  const takes = new Set(plans.flatMap((plan) => plan.takes));
  return {
    before: [
      ...createMissingSchema(schema),
      ...lockInOrder(schema.name, takes),
      ...plans.flatMap(({ before }) => before),
      ...retiredTables.filter(({ name }) => !found.has(name)).map((table) => createRetiredTable(schema.name, table)),
    ],
    after: [
      // All of them before any foreign key: it needs the key that it points at.
      ...plans.flatMap(({ keys }) => keys),
      ...plans.flatMap(({ after }) => after),
      ...facts.flatMap((fact) => planView(schema.name, fact, found.get(fact.name), found.get(fact.currentView))),
    ],
  };
}

/** Creates a schema that is missing. Throws WarehouseRefused where this user may not. */
export function createMissingSchema(schema: SchemaState): string[] {
  if (schema.exists) return [];
  const create = createSchema(schema.name);
  if (schema.creatable) return [create];
  throw new WarehouseRefused(
    `the warehouse has no schema "${schema.name}" and user "${schema.user}" may not create it: ` +
      `let an owner of the database run ${create} AUTHORIZATION ${identifier(schema.user)}`,
  );
}

/**
 * A foreign key takes the table that it points at after its own. Whoever surveys the warehouse meanwhile goes through all
 * of them in their order: each would hold what the other waits for.
 */
function lockInOrder(schema: string, tables: ReadonlySet<string>): string[] {
  const inOrder = starTables.map(({ name }) => name).filter((name) => tables.has(name));
  return inOrder.length === 0 ? [] : [lockTables(schema, inOrder)];
}

function planTable(schema: string, table: StarTable, found: FoundRelation | undefined, filling: boolean): TablePlan {
  const declared = declaredShape(table);
  const missingColumns = table.columns.filter(({ name }) => !found?.columns.some((column) => column.name === name));
  const missingIndexes = declared.indexes.filter(
    (columns) => !found?.indexes.some((index) => columns.every((name, place) => index[place] === name)),
  );
  const [present, missing] = foreignKeys(declared, found);
  const postponed = filling && found?.owned === true ? present : [];
  const indexes = missingIndexes.map((columns) => createIndex(schema, table.name, columns));
  const isUnindexed = filling && found === undefined;
  const isTaken = found !== undefined && missingColumns.length + postponed.length > 0;
  return {
    takes: isTaken ? [table.name, ...postponed.map((key) => key.table)] : [],
    before: [
      ...(found === undefined
        ? [createTable(schema, table, !filling)]
        : missingColumns.map((column) => addColumn(schema, table, column))),
      ...(isUnindexed ? [] : indexes),
      ...postponed.map(({ constraint }) => dropConstraint(schema, table.name, constraint)),
    ],
    keys: isUnindexed ? [addPrimaryKey(schema, declared), ...indexes] : [],
    after: [...missing, ...postponed].map((key) => addForeignKey(schema, table.name, key.column, key.table)),
  };
}

/** The declared foreign keys: those that are there, by their constraints, and those that are missing. */
function foreignKeys(
  declared: TableShape,
  found: FoundRelation | undefined,
): [FoundRelation['references'], Reference[]] {
  const same = (a: Reference, b: Reference): boolean => a.column === b.column && a.table === b.table;
  const present = found?.references.filter((key) => declared.references.some((wanted) => same(wanted, key))) ?? [];
  return [present, declared.references.filter((wanted) => !present.some((key) => same(wanted, key)))];
}

/** The view, where it is missing, lacks a column, or shows deleted rows as those of earlier releases did. */
function planView(
  schema: string,
  fact: Fact,
  table: FoundRelation | undefined,
  view: FoundRelation | undefined,
): string[] {
  const declared = declaredShape(fact).columns.map(({ name }) => name);
  const present = table?.columns.map(({ name }) => name) ?? [];
  const columns = [...present, ...declared.filter((name) => !present.includes(name))];
  const shown = new Set(view?.columns.map(({ name }) => name));
  const isWhole = columns.every((name) => shown.has(name)) && view?.uses.includes(retiredTable(fact)!.name);
  return isWhole === true ? [] : [createCurrentView(schema, fact, columns)];
}
