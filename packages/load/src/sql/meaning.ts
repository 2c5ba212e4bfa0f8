import type { StarColumn, StarTable } from '@totes/core';
import type { RetiredTable } from '../retired.ts';

/** What a row of the table is, for the table's comment. */
export function tableMeaning(table: StarTable): string {
  if (table.kind === 'fact') {
    return `One row for each version of a ${table.source} of totesys; ${table.currentView} shows the versions in force.`;
  }
  return table.about ?? `The ${table.source} rows of totesys as they are now.`;
}

/** What a row of the table of retired rows is. */
export const retiredMeaning = ({ of }: RetiredTable): string =>
  of.kind === 'fact'
    ? `The rows of ${of.name} that ${of.currentView} leaves out though no later version of their ${of.key} is in force.`
    : `The rows of ${of.name} that totesys does not have any more; they stay there because facts point at them.`;

/** What the columns of a table of retired rows hold, by name. */
export const retiredColumnMeanings = ({ of, key, reasons }: RetiredTable): Readonly<Record<string, string>> => ({
  [key.name]: `of the row of ${of.name}`,
  reason: reasons.includes('superseded')
    ? 'deleted: totesys does not have the row any more; superseded: the row came in when a later version was known'
    : 'deleted: totesys does not have the row any more',
  version: 'the version of the lake that said so',
  source_read_at: 'when totesys was read for that version, by the clock of totesys',
});

/** Where a column's value comes from, for the column's comment. */
export function columnMeaning(table: StarTable, { from }: StarColumn): string {
  if (from.kind === 'elsewhere') return from.meaning;
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
