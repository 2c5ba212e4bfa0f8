import { identifier, literal, type ColumnType, type StarColumn } from '@totes/core';
import type { SourceTypes, TableTypes } from '../sourceTypes.ts';
import type { SourcedTable } from '../tables.ts';
import { textOf, valueOf, type Cell, type Encoding } from './cell.ts';
import type { Rows } from './rows.ts';

/** What the rows that totesys says a star table should have depend on. */
export interface Expectation {
  readonly schema: string;
  readonly types: SourceTypes;
  readonly encoding: Encoding;
  /** The name of each currency code that has another name than itself. */
  readonly currencyNames: ReadonlyMap<string, string>;
  /** The condition that a row was written since the look that the warehouse shows, by the SQL of its xmin. */
  readonly writtenSince: (xmin: string) => string;
}

/**
 * The rows that a star table should have, read from totesys: each of its columns as the declaration derives it. A row
 * whose joined row is missing has NULL in the columns of that.
 */
export function expectedRows(table: SourcedTable, expectation: Expectation): Rows {
  const { schema, types, writtenSince } = expectation;
  const own = types.get(table.source)!;
  const common = {
    key: identifier('own', own.key),
    cells: table.columns.map((column) => cellOf(table, column, expectation)),
    impossible: 0,
    ...(table.kind === 'fact' && { lastUpdated: `${identifier('own', 'last_updated')}::text` }),
  } as const;
  const from = `${identifier(schema, table.source)} AS own${namesOf(table, expectation)}`;
  const pending = writtenSince('own.xmin');
  if (table.join === undefined) return { ...common, from, pending };
  const partner = identifier('partner', types.get(table.join.table)!.key);
  const via = identifier('own', table.join.via);
  return {
    ...common,
    from: `${from}\n  LEFT JOIN ${identifier(schema, table.join.table)} AS partner ON ${partner} = ${via}`,
    pending: `(${pending} OR coalesce(${writtenSince('partner.xmin')}, false))`,
    partner: { key: `${via}::bigint`, missing: `${partner} IS NULL` },
  };
}

/** The query for the currency codes that a table has; undefined for a table without any. */
export function currencyCodesQuery(table: SourcedTable, { schema, types }: Pick<Expectation, 'schema' | 'types'>) {
  const column = currencyColumn(table);
  if (column === undefined) return undefined;
  const code = codeOf(column, types.get(table.source)!);
  return `SELECT DISTINCT ${code} COLLATE "C" AS code FROM ${identifier(schema, table.source)} AS own`;
}

const currencyColumn = ({ columns }: SourcedTable): string | undefined => {
  const from = columns.find((column) => column.from.kind === 'currencyName')?.from;
  return from?.kind === 'currencyName' ? from.column : undefined;
};

const codeOf = (column: string, types: TableTypes): string =>
  `${copied(identifier('own', column), types.get(column)!)}::text`;

/** Joins the names of currency codes, where a table needs any. */
function namesOf(table: SourcedTable, { types, encoding, currencyNames }: Expectation): string {
  const column = currencyColumn(table);
  if (column === undefined || currencyNames.size === 0) return '';
  const rows = [...currencyNames].map(([code, name]) => `(${literal(code)}, ${textOf(literal(name), encoding)})`);
  const code = codeOf(column, types.get(table.source)!);
  return `\n  LEFT JOIN (VALUES ${rows.join(', ')}) AS iso (code, name) ON iso.code = ${code} COLLATE "C"`;
}

function cellOf(table: SourcedTable, { name, type, nullable, from }: StarColumn, expectation: Expectation): Cell {
  if (from.kind === 'elsewhere') throw new RangeError(`${table.name}.${name} does not come from totesys`);
  const { types, encoding, currencyNames } = expectation;
  const [alias, source] = from.kind === 'joined' ? ['partner', from.table] : ['own', table.source];
  const sql = identifier(alias, from.column);
  const baseType = types.get(source)!.get(from.column)!;
  if (from.kind === 'currencyName') {
    const code = textOf(copied(sql, baseType), encoding);
    return { name, as: 'text', value: currencyNames.size === 0 ? code : `coalesce(iso.name, ${code})` };
  }
  // Read as text, because a date that is none would end the query.
  const cell = readAs(from.kind === 'parsedDate' ? { kind: 'text' } : type, sql, baseType, encoding);
  return { name, ...cell, ...(nullable && { isNull: `${sql} IS NULL` }) };
}

function readAs(type: ColumnType, sql: string, baseType: string, encoding: Encoding): Pick<Cell, 'value' | 'as'> {
  if (type.kind === 'text') return valueOf(type, copied(sql, baseType), encoding);
  if (type.kind === 'integer' && baseType === 'bigint') {
    return { as: 'integer', value: `CASE WHEN ${sql} BETWEEN -2147483648 AND 2147483647 THEN ${sql}::integer END` };
  }
  return valueOf(type, sql, encoding);
}

/** A value whose cast to text is what COPY writes: the cast alone drops the blanks at the end of character(n). */
const copied = (sql: string, baseType: string): string =>
  baseType === 'character' ? `textin(bpcharout(${sql}))` : sql;
