import { identifier, type StarTable } from '@totes/core';

/** Names as a list for SQL text, each of the relation `alias` where one is given. */
export const list = (names: readonly string[], alias?: string): string =>
  names.map((name) => (alias === undefined ? identifier(name) : `${alias}.${identifier(name)}`)).join(', ');

export const namesOf = (table: StarTable): string[] => table.columns.map(({ name }) => name);
