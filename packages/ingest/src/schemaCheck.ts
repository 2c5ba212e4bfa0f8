import {
  identifier,
  SourceRefused,
  SourceSchemaDrift,
  sourceTables,
  sqlType,
  type ColumnType,
  type Kind,
  type SourceTable,
} from '@totes/core';
import type { CatalogTable } from './catalog.ts';

const integers = ['smallint', 'integer', 'bigint'];

/** Types whose text reads exactly as the declared kind, the same in CSV and in JSON. */
const readableAs: Readonly<Partial<Record<Kind, readonly string[]>>> = {
  text: ['text', 'character varying', 'character', 'citext', 'enum', 'uuid', 'date', 'numeric', ...integers],
  integer: integers,
  numeric: ['numeric', ...integers],
  boolean: ['boolean'],
  timestamp: ['timestamp without time zone'],
};

/** The tables to read, and what to tell about the others. */
export interface CheckedTables {
  readonly tables: readonly CatalogTable[];
  readonly notices: readonly string[];
}

/**
 * Holds the source's catalog against what the star needs. A table that no star uses and that cannot be read is left
 * out with a notice.
 *
 * @param where the database, for messages
 * @param standIns what else there is under the name of a table, as `readStandIns` tells
 * @throws SourceSchemaDrift where a table or column is missing or has a type that cannot be read exactly;
 *   SourceRefused where only rights are missing. The message lists every problem.
 */
export function checkSchema(
  found: readonly CatalogTable[],
  schema: string,
  where: string,
  standIns: ReadonlyMap<string, string>,
): CheckedTables {
  const byName = new Map(found.map((table) => [table.name, table]));
  const drift = sourceTables.some(({ name }) => byName.has(name) || standIns.has(name))
    ? sourceTables.flatMap((table) => driftOf(table, byName.get(table.name), standIns.get(table.name)))
    : [`it has none of its tables (${sourceTables.map(({ name }) => name).join(', ')}); is this totesys?`];
  const refused = found.flatMap((table) => {
    const why = whyUnreadable(table, schema);
    return why === undefined ? [] : [{ table, why }];
  });
  const isNeeded = ({ name }: CatalogTable): boolean => sourceTables.some((table) => table.name === name);
  const problems = [...drift, ...refused.filter(({ table }) => isNeeded(table)).map(({ why }) => why)];
  if (problems.length > 0) {
    const message = `source ${where}: schema ${JSON.stringify(schema)} is not what the star needs: ${problems.join('; ')}`;
    throw drift.length > 0 ? new SourceSchemaDrift(message) : new SourceRefused(message);
  }
  return {
    tables: found.filter((table) => !refused.some((each) => each.table === table)),
    notices: refused.map(({ why }) => `not archived: ${why}`),
  };
}

/** The names of the tables that the star needs and that are not there. */
export const missingTables = (found: readonly CatalogTable[]): string[] =>
  sourceTables.map(({ name }) => name).filter((name) => !found.some((table) => table.name === name));

function driftOf(needed: SourceTable, found: CatalogTable | undefined, standIn: string | undefined): string[] {
  if (standIn !== undefined) {
    return [`${needed.name} is ${standIn}, expected a table: only a table's own rows tell which of them changed`];
  }
  if (found === undefined) return [`table ${needed.name} is missing`];
  const others = found.columns.map(({ name }) => name).filter((name) => !Object.hasOwn(needed.columns, name));
  const instead = others.length === 0 ? 'no other column' : `in its place ${others.join(', ')}`;
  return Object.entries(needed.columns).flatMap(([name, { type }]) => {
    const column = found.columns.find((each) => each.name === name);
    if (column === undefined) {
      return [`column ${needed.name}.${name} is missing, expected ${expected(type)}, found ${instead}`];
    }
    if (readableAs[type.kind]?.includes(column.baseType) ?? true) return [];
    return [`column ${needed.name}.${name} is ${column.type}, expected ${expected(type)}`];
  });
}

const expected = (type: ColumnType): string =>
  type.kind === 'text' ? 'text' : (readableAs[type.kind]?.join(' or ') ?? sqlType(type));

function whyUnreadable({ name, readable, hidesRows }: CatalogTable, schema: string): string | undefined {
  if (!readable) return `no right to read table ${name}: GRANT SELECT ON ${identifier(schema, name)} to this role`;
  if (hidesRows) return `row-level security hides rows of table ${name}: give this role BYPASSRLS, or disable it there`;
  return undefined;
}
