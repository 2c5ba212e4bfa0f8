import { identifier, literal, starTable, type Fact, type StarColumn, type StarTable } from '@totes/core';
import { retiredTable, type RetiredTable } from '../retired.ts';
import { columnMeaning, retiredColumnMeanings, retiredMeaning, tableMeaning } from '../sql/meaning.ts';
import type { ColumnShape, TableShape } from '../sql/shape.ts';
import { retiredStarShape, starShape } from './shape.ts';
import { redshiftType } from './types.ts';

/**
 * How the rows of a star table lie on the nodes of a cluster. A fact's versions lie together by business id, in order: a
 * load compares each row with the versions of its id, and the current views rank them, so both work node by node, and on
 * the few blocks that hold the ids of a delta. A small dimension is whole on every node, so that no join moves rows; a
 * large one is spread by its key. Times of writing would sort a fact as well, but loads never ask by them.
 */
export function distribution(table: StarTable): string {
  if (table.kind === 'fact') return spread([table.key, table.recordKey]);
  return table.isLarge === true ? spread([table.key]) : whole([table.key]);
}

const spread = (sortedBy: readonly [string, ...string[]]): string =>
  `DISTSTYLE KEY DISTKEY (${identifier(sortedBy[0])}) ${sortKey(sortedBy)}`;
const whole = (sortedBy: readonly string[]): string => `DISTSTYLE ALL ${sortKey(sortedBy)}`;
const sortKey = (columns: readonly string[]): string =>
  `COMPOUND SORTKEY (${columns.map((name) => identifier(name)).join(', ')})`;

/** The table with its keys and comments. The keys are promises to the planner, which the load keeps: nothing enforces them. */
export function createTable(schema: string, table: StarTable): string {
  return [
    tableStatement(schema, starShape(table), distribution(table)),
    commentOnTable(schema, table.name, tableMeaning(table)),
    ...table.columns.map((column) => commentOnColumn(schema, table.name, column.name, columnMeaning(table, column))),
  ].join(';\n');
}

/** The table of retired rows, which are few, with comments. */
export function createRetiredTable(schema: string, table: RetiredTable): string {
  return [
    tableStatement(schema, retiredStarShape(table), whole([table.key.name])),
    commentOnTable(schema, table.name, retiredMeaning(table)),
    ...Object.entries(retiredColumnMeanings(table)).map(([column, meaning]) =>
      commentOnColumn(schema, table.name, column, meaning),
    ),
  ].join(';\n');
}

function tableStatement(schema: string, { name, columns, primaryKey, references }: TableShape, lies: string): string {
  const parts = [
    ...columns.map(columnDefinition),
    `PRIMARY KEY (${primaryKey.map((column) => identifier(column)).join(', ')})`,
    ...references.map(
      ({ column, table }) =>
        `FOREIGN KEY (${identifier(column)}) REFERENCES ${identifier(schema, table)} (${identifier(starTable(table).key)})`,
    ),
  ];
  return `CREATE TABLE ${identifier(schema, name)} (\n  ${parts.join(',\n  ')}\n) ${lies}`;
}

const columnDefinition = ({ name, type, nullable }: Pick<ColumnShape, 'name' | 'type' | 'nullable'>): string =>
  `${identifier(name)} ${type}${nullable ? '' : ' NOT NULL'}`;

/** Adds a column that may be NULL; the rows that are there hold NULL in it. */
export const addColumn = (schema: string, table: StarTable, column: StarColumn): string =>
  `ALTER TABLE ${identifier(schema, table.name)} ADD COLUMN ${columnDefinition({ ...column, type: redshiftType(column.type) })};\n` +
  commentOnColumn(schema, table.name, column.name, columnMeaning(table, column));

export const dropView = (schema: string, name: string): string => `DROP VIEW ${identifier(schema, name)}`;

/**
 * The view of the versions now in force: for each business id the row with the greatest record key, those left out that
 * were superseded when they came in; none where it was deleted. A window function, because Redshift takes correlated
 * subqueries in a few forms alone.
 */
export function createCurrentView(schema: string, fact: Fact, columns: readonly string[]): string {
  const view = identifier(schema, fact.currentView);
  const [key, recordKey] = [identifier(fact.key), identifier(fact.recordKey)];
  return `CREATE VIEW ${view} AS
SELECT ${columns.map((name) => identifier('ranked', name)).join(', ')}
FROM (
  SELECT "version".*, "late"."reason" AS "reason",
    row_number() OVER (PARTITION BY "version".${key} ORDER BY "version".${recordKey} DESC) AS "place"
  FROM ${identifier(schema, fact.name)} AS "version"
  LEFT JOIN ${identifier(schema, retiredTable(fact)!.name)} AS "late" ON "late".${recordKey} = "version".${recordKey}
  WHERE "late"."reason" IS NULL OR "late"."reason" = 'deleted'
) AS "ranked"
WHERE "ranked"."place" = 1 AND "ranked"."reason" IS NULL;
COMMENT ON VIEW ${view} IS ${literal(`The rows of ${fact.name} now in force, one for each ${fact.key}.`)}`;
}

const commentOnTable = (schema: string, table: string, meaning: string): string =>
  `COMMENT ON TABLE ${identifier(schema, table)} IS ${literal(meaning)}`;
const commentOnColumn = (schema: string, table: string, column: string, meaning: string): string =>
  `COMMENT ON COLUMN ${identifier(schema, table, column)} IS ${literal(meaning)}`;
