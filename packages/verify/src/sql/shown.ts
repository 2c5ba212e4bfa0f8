import { identifier, type StarColumn } from '@totes/core';
import { retiredTable, type SourcedTable } from '../tables.ts';
import { valueOf, type Cell, type Encoding } from './cell.ts';
import type { Rows } from './rows.ts';

/**
 * The rows that the warehouse shows as current of a star table: those of a fact's view, and of a dimension those that
 * are not retired.
 *
 * @param hasRetired whether the schema has the table of the retired rows; an older release made none
 */
export function shownRows(
  table: SourcedTable,
  { schema, encoding, hasRetired }: { schema: string; encoding: Encoding; hasRetired: boolean },
): Rows {
  const cellOf = ({ name, type, nullable, from }: StarColumn): Cell => {
    const sql = identifier('shown', name);
    const isNull = nullable ? { isNull: `${sql} IS NULL` } : {};
    // In totesys it is text, which need not be a date.
    return { name, ...valueOf(from.kind === 'parsedDate' ? { kind: 'text' } : type, sql, encoding), ...isNull };
  };
  const key = identifier('shown', table.key);
  const common = { key, cells: table.columns.map(cellOf), impossible: 1 } as const;
  if (table.kind === 'fact') {
    const [date, time] = [identifier('shown', 'last_updated_date'), identifier('shown', 'last_updated_time')];
    return {
      ...common,
      from: `${identifier(schema, table.currentView)} AS shown`,
      lastUpdated: `(${date}::text || ' ' || ${time}::text)`,
    };
  }
  const retired = `NOT EXISTS (SELECT FROM ${identifier(schema, retiredTable(table))} AS retired WHERE ${identifier('retired', table.key)} = ${key})`;
  return { ...common, from: `${identifier(schema, table.name)} AS shown`, ...(hasRetired && { where: retired }) };
}
