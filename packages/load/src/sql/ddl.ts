import { identifier, literal, sqlType, type Fact, type StarColumn, type StarTable } from '@totes/core';
import { retiredTable, type RetiredTable } from '../retired.ts';
import { columnMeaning, retiredColumnMeanings, retiredMeaning, tableMeaning } from './meaning.ts';
import { declaredShape, retiredShape, type ColumnShape, type TableShape } from './shape.ts';

export const createSchema = (schema: string): string => `CREATE SCHEMA ${identifier(schema)}`;

/** The table with comments, with its primary key unless that is to follow, without foreign keys: see `addForeignKey`. */
export function createTable(schema: string, table: StarTable, hasKey = true): string {
  const shape = declaredShape(table);
  return [
    tableStatement(schema, shape, ...(hasKey ? [primaryKey(shape)] : [])),
    `COMMENT ON TABLE ${identifier(schema, table.name)} IS ${literal(tableMeaning(table))}`,
    ...table.columns.map((column) => commentOnColumn(schema, table, column)),
  ].join(';\n');
}

/** The table of retired rows, with comments. Without foreign keys: the star tables stay free to be emptied by TRUNCATE. */
export function createRetiredTable(schema: string, table: RetiredTable): string {
  const target = identifier(schema, table.name);
  const reasons = table.reasons.map((reason) => literal(reason)).join(', ');
  return [
    tableStatement(schema, retiredShape(table), primaryKey(retiredShape(table)), `CHECK (reason IN (${reasons}))`),
    `COMMENT ON TABLE ${target} IS ${literal(retiredMeaning(table))}`,
    ...Object.entries(retiredColumnMeanings(table)).map(
      ([name, meaning]) => `COMMENT ON COLUMN ${identifier(schema, table.name, name)} IS ${literal(meaning)}`,
    ),
  ].join(';\n');
}

function tableStatement(schema: string, { name, columns }: TableShape, ...constraints: string[]): string {
  const parts = [...columns.map(columnDefinition), ...constraints];
  return `CREATE TABLE ${identifier(schema, name)} (\n  ${parts.join(',\n  ')}\n)`;
}

const primaryKey = (shape: TableShape): string =>
  `PRIMARY KEY (${shape.primaryKey.map((column) => identifier(column)).join()})`;

/** The primary key of a table that was made without it. */
export const addPrimaryKey = (schema: string, shape: TableShape): string =>
  `ALTER TABLE ${identifier(schema, shape.name)} ADD ${primaryKey(shape)}`;

/** Keeps everybody from these tables until the transaction ends; takes them in the order given. */
export const lockTables = (schema: string, tables: readonly string[]): string =>
  `LOCK TABLE ${tables.map((table) => identifier(schema, table)).join(', ')} IN ACCESS EXCLUSIVE MODE`;

/** Adds a column that may be NULL; the rows that are there hold NULL in it. */
export function addColumn(schema: string, table: StarTable, column: StarColumn): string {
  const definition = columnDefinition({ ...column, type: sqlType(column.type), identity: false });
  return `ALTER TABLE ${identifier(schema, table.name)} ADD COLUMN ${definition};\n${commentOnColumn(schema, table, column)}`;
}

/**
 * The foreign key of a column. Apart from the table's creation, so that it can follow the first load: to check a million
 * rows at once takes a twentieth of the time that it takes one by one.
 */
export const addForeignKey = (schema: string, table: string, column: string, target: string): string =>
  `ALTER TABLE ${identifier(schema, table)} ADD FOREIGN KEY (${identifier(column)}) REFERENCES ${identifier(schema, target)}`;

export const dropConstraint = (schema: string, table: string, constraint: string): string =>
  `ALTER TABLE ${identifier(schema, table)} DROP CONSTRAINT ${identifier(constraint)}`;

export const createIndex = (schema: string, table: string, columns: readonly string[]): string =>
  `CREATE INDEX ON ${identifier(schema, table)} (${columns.map((name) => identifier(name)).join(', ')})`;

/**
 * The view of the versions now in force: for each business id the row with the greatest record key, those left out that
 * were superseded when they came in; none where it was deleted. `columns` are those of the table in physical order:
 * PostgreSQL lets a view be replaced only where columns are added at its end.
 */
export function createCurrentView(schema: string, fact: Fact, columns: readonly string[]): string {
  const [table, key, recordKey] = [identifier(schema, fact.name), identifier(fact.key), identifier(fact.recordKey)];
  const view = identifier(schema, fact.currentView);
  const retired = identifier(schema, retiredTable(fact)!.name);
  return `CREATE OR REPLACE VIEW ${view} AS
SELECT ${columns.map((name) => identifier('version', name)).join(', ')}
FROM ${table} AS version
WHERE NOT EXISTS (
  SELECT 1 FROM ${table} AS later
  WHERE later.${key} = version.${key} AND later.${recordKey} > version.${recordKey} AND NOT EXISTS (
    SELECT 1 FROM ${retired} AS late WHERE late.${recordKey} = later.${recordKey} AND late.reason = 'superseded'
  )
) AND NOT EXISTS (SELECT 1 FROM ${retired} AS gone WHERE gone.${recordKey} = version.${recordKey});
COMMENT ON VIEW ${view} IS ${literal(`The rows of ${fact.name} now in force, one for each ${fact.key}.`)}`;
}

const commentOnColumn = (schema: string, table: StarTable, column: StarColumn): string =>
  `COMMENT ON COLUMN ${identifier(schema, table.name, column.name)} IS ${literal(columnMeaning(table, column))}`;

const columnDefinition = ({ name, type, nullable, identity }: ColumnShape): string =>
  `${identifier(name)} ${type}${identity ? ' GENERATED ALWAYS AS IDENTITY' : ''}${nullable ? '' : ' NOT NULL'}`;
