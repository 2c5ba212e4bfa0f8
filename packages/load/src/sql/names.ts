import { identifier, type StarTable } from '@totes/core';

/** Names as a list for SQL text, each of the relation `alias` where one is given. */
export const list = (names: readonly string[], alias?: string): string =>
  names.map((name) => (alias === undefined ? identifier(name) : `${alias}.${identifier(name)}`)).join(', ');

export const namesOf = (table: StarTable): string[] => table.columns.map(({ name }) => name);

/** The values that tell a row of `alias` from another. A numeric is as it is written: 10 and 10.00 are two states of a row. */
export const valuesOf = (table: StarTable, alias: string): string =>
  table.columns
    .map(({ name, type }) => `${alias}.${identifier(name)}${type.kind === 'numeric' ? '::text' : ''}`)
    .join(', ');
