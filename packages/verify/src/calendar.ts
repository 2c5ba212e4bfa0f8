import { identifier, starTable } from '@totes/core';
import { Tally } from './result.ts';
import type { Side } from './side.ts';

const names = (...list: readonly string[]): string => `(ARRAY['${list.join("','")}'])`;
const days = names('Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday', 'Sunday');
const months = names(
  ...['January', 'February', 'March', 'April', 'May', 'June'],
  ...['July', 'August', 'September', 'October', 'November', 'December'],
);

/** What each column of dim_date must be, by PostgreSQL's own calendar. */
const meanings: Readonly<Record<string, string>> = {
  year: 'extract(year FROM date_id)',
  month: 'extract(month FROM date_id)',
  day: 'extract(day FROM date_id)',
  day_of_week: 'extract(isodow FROM date_id)',
  day_name: `${days}[extract(isodow FROM date_id)::integer]`,
  month_name: `${months}[extract(month FROM date_id)::integer]`,
  quarter: 'extract(quarter FROM date_id)',
};

/** Checks that each row of dim_date says what its date is. Nothing in totesys says which dates there must be. */
export async function checkCalendar(warehouse: Side, schema: string) {
  const { name, columns } = starTable('dim_date');
  const checked = columns.filter((column) => column.name in meanings);
  const wrong = checked.map((column) => `${identifier(column.name)} IS DISTINCT FROM ${meanings[column.name]!}`);
  const from = identifier(schema, name);
  const [counted] = await warehouse.query<{ rows: string }>(`SELECT count(*) AS rows FROM ${from}`);
  const found = await warehouse.query<{ date: string; wrong: boolean[] }>(
    `SELECT date_id::text AS date, ARRAY[${wrong.join(', ')}] AS wrong FROM ${from}
     WHERE ${wrong.join(' OR ')} ORDER BY date_id`,
  );
  const tally = new Tally();
  const columnsOf = new Map<number, string[]>();
  for (const { date, wrong } of found) {
    const key = Number(date.replace(/\D/g, ''));
    tally.add({ key, kind: 'altered', pending: false, partner: undefined });
    columnsOf.set(
      key,
      checked.filter((_, i) => wrong[i]).map((column) => column.name),
    );
  }
  const result = tally.result(Number(counted!.rows), (key) => columnsOf.get(key) ?? []);
  return { settled: tally.settled, result };
}
