import { columnOf, dateFromDays, daysFromDate, starTable, type Batch } from '@totes/core';

const dayNames = ['Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday', 'Sunday'];
const monthNames = [
  ...['January', 'February', 'March', 'April', 'May', 'June'],
  ...['July', 'August', 'September', 'October', 'November', 'December'],
];

/** The rows of dim_date for every day of the given years. Days of the week are ISO 8601's: Monday is 1. */
export function calendar(years: readonly number[]): Batch {
  const days = years.flatMap((year) => {
    const first = daysFromDate(year, 1, 1);
    return Array.from({ length: daysFromDate(year + 1, 1, 1) - first }, (_, i) => first + i);
  });
  const rows = days.map((id) => {
    const date = dateFromDays(id);
    // 1970-01-01 was a Thursday.
    const weekday = ((((id + 3) % 7) + 7) % 7) + 1;
    return {
      date_id: id,
      ...date,
      day_of_week: weekday,
      day_name: dayNames[weekday - 1]!,
      month_name: monthNames[date.month - 1]!,
      quarter: Math.ceil(date.month / 3),
    };
  });
  return {
    rows: rows.length,
    columns: starTable('dim_date').columns.map(({ name, type }) =>
      columnOf(
        type.kind as 'date' | 'integer' | 'text',
        rows.map((row) => row[name as keyof (typeof rows)[number]]),
      ),
    ),
  };
}
