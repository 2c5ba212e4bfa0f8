import type { StarColumn, StarTable } from '@totes/core';

/** What a row of the table is, for the table's comment. */
export function tableMeaning(table: StarTable): string {
  if (table.kind === 'fact') {
    return `One row for each version of a ${table.source} of totesys; ${table.currentView} shows the versions in force.`;
  }
  return table.source === undefined
    ? 'The calendar: every day of each year in which a fact has a date.'
    : `The ${table.source} rows of totesys as they are now.`;
}

/** Where a column's value comes from, for the column's comment. */
export function columnMeaning(table: StarTable, { from }: StarColumn): string {
  if (from.kind === 'calendar') return from.meaning;
  const column = (name: string): string => `${table.source ?? table.name}.${name}`;
  switch (from.kind) {
    case 'column':
      return column(from.column);
    case 'joined':
      return `${from.table}.${from.column} of the row that ${column(from.via)} points at`;
    case 'dateOf':
      return `the date of ${column(from.column)}`;
    case 'timeOf':
      return `the time of day of ${column(from.column)}`;
    case 'parsedDate':
      return `${column(from.column)}, which is text there`;
    case 'currencyName':
      return `the ISO 4217 name of ${column(from.column)}`;
  }
}
