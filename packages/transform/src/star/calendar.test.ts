import { sourceTables, starTables, type Batch } from '@totes/core';
import { copyText } from '../../../core/test/copyText.ts';
import { calendar } from './calendar.ts';

const rows = (batch: Batch): string[] =>
  Array.from(copyText(batch), (chunk) => Buffer.from(chunk).toString())
    .join('')
    .trimEnd()
    .split('\n');

test('every day of the years, leap days included, with what the platform’s calendar says of it', () => {
  const days = rows(calendar([2023, 2024]));
  expect(days).toHaveLength(365 + 366);
  for (const day of days) {
    const [id, year, month, date, weekday, dayName, monthName, quarter] = day.split('\t');
    const utc = new Date(`${id!}T00:00:00Z`);
    expect([year, month, date].map(Number)).toEqual([utc.getUTCFullYear(), utc.getUTCMonth() + 1, utc.getUTCDate()]);
    expect(Number(weekday)).toBe(utc.getUTCDay() === 0 ? 7 : utc.getUTCDay());
    expect(dayName).toBe(utc.toLocaleDateString('en-GB', { weekday: 'long', timeZone: 'UTC' }));
    expect(monthName).toBe(utc.toLocaleDateString('en-GB', { month: 'long', timeZone: 'UTC' }));
    expect(Number(quarter)).toBe(Math.floor(utc.getUTCMonth() / 3) + 1);
  }
});

test('days before 1970 have their weekday too, and no years have no days', () => {
  expect(rows(calendar([1969]))[0]).toBe('1969-01-01\t1969\t1\t1\t3\tWednesday\tJanuary\t1');
  expect(calendar([]).rows).toBe(0);
});

test('the star takes only columns that the source declares, and takes them in a type that holds them', () => {
  for (const table of starTables) {
    for (const { name, type, nullable, from } of table.columns) {
      if (from.kind === 'elsewhere') continue;
      const source = sourceTables.find((each) => each.name === (from.kind === 'joined' ? from.table : table.source));
      const column = source?.columns[from.column];
      if (column === undefined) throw new Error(`${table.name}.${name} comes from nowhere`);
      const readable: Partial<Record<string, string>> = {
        decimal: 'numeric',
        date: from.kind === 'dateOf' ? 'timestamp' : 'text',
        time: 'timestamp',
      };
      expect(column.type.kind).toBe(readable[type.kind] ?? type.kind);
      expect(nullable || !column.nullable).toBe(true);
    }
  }
});
