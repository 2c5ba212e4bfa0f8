import type { Client } from 'pg';
import { grains, type Cube, type Grain, type Question } from './data.ts';
import { placesOf, wholeOf } from './whole.ts';

/**
 * The most cells of a cube on the page. Three cubes of this size are about 3 MB of the page, and a phone adds them up in
 * a tenth of a second.
 */
export const mostCells = 250_000;

type Row = [number, ...string[]];

/** The answer of a query as the database gave it, before all amounts are known and with them their scale. */
export interface Answer {
  readonly name: string;
  readonly question: Question;
  readonly grain: Grain;
  /** Day, currency, members, counts, amounts; the numbers that count are texts. */
  readonly rows: readonly Row[];
}

/** Asks by day; where that has too many cells, by month, else by year, whatever its size. */
export async function ask(
  client: Client,
  name: string,
  sql: string,
  question: Question,
  most = mostCells,
): Promise<Answer> {
  for (const grain of grains) {
    const limit = grain === 'year' ? '' : `LIMIT ${most + 1}`;
    const text = `${cellsQuery(sql, question, grain)} ${limit}`;
    const { rows } = await client.query<Row>({ text, rowMode: 'array' });
    if (rows.length <= most || grain === 'year') return { name, question, grain, rows };
  }
  throw new Error('unreachable: the last grain has no limit');
}

function cellsQuery(sql: string, { member, counts, amounts }: Question, grain: Grain): string {
  const day = grain === 'day' ? 'day' : `date_trunc('${grain}', day::timestamp)::date`;
  const start = `${day} - DATE '1970-01-01'`;
  const names = ['currency', ...member];
  const measure = (name: string): string => (grain === 'day' ? `${name}::text` : `sum(${name})::text`);
  const columns = [start, ...names.map((name) => `${name}::text`), ...[...counts, ...amounts].map(measure)];
  const places = ['1', ...names.map((_, i) => String(i + 2))].join(', ');
  const grouped = grain === 'day' ? '' : `GROUP BY ${places}`;
  return `SELECT ${columns.join(', ')} FROM (\n${sql}\n) AS answer ${grouped} ORDER BY ${places}`;
}

/** Places after the point that the amounts of an answer need. */
export function scaleOf({ question, rows }: Answer): number {
  const first = 2 + question.member.length + question.counts.length;
  let scale = 0;
  for (const row of rows) {
    for (let i = first; i < row.length; i++) scale = Math.max(scale, placesOf(row[i] as string));
  }
  return scale;
}

/**
 * An answer as columns.
 *
 * @param currencies the currencies known so far; those of the answer are added
 * @throws WarehouseMismatch where an amount is no number, as NaN
 */
export function cubeOf({ name, question, grain, rows }: Answer, scale: number, currencies: string[]): Cube {
  const known = new Map(currencies.map((code, i) => [code, i]));
  const members: string[][] = [];
  const places = new Map<string, number>();
  const counts = 2 + question.member.length;
  const measures = [...question.counts, ...question.amounts];
  const placeOf = (row: readonly unknown[]): number => {
    const member = row.slice(2, counts) as string[];
    const text = JSON.stringify(member);
    let place = places.get(text);
    if (place === undefined) {
      place = members.push(member) - 1;
      places.set(text, place);
    }
    return place;
  };
  const currencyOf = (code: string): number => {
    let place = known.get(code);
    if (place === undefined) {
      place = currencies.push(code) - 1;
      known.set(code, place);
    }
    return place;
  };
  return {
    grain,
    days: rows.map(([day]) => day),
    currency: rows.map((row) => currencyOf(row[1]!)),
    member: question.member.length === 0 ? rows.map(() => 0) : rows.map(placeOf),
    members: question.member.length === 0 ? [[]] : members,
    measures: Object.fromEntries(
      measures.map((measure, i) => {
        const places = i < question.counts.length ? 0 : scale;
        const what = `${measure} of ${name}.sql`;
        return [measure, rows.map((row) => wholeOf(row[counts + i] as string, places, what))];
      }),
    ),
  };
}
