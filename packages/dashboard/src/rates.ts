import { identifier, ratesTable, WarehouseMismatch } from '@totes/core';
import type { Client } from 'pg';
import type { Rates } from './data.ts';

const positive = /^(?=.*[1-9])\d+(\.\d+)?$/;

/**
 * The exchange rates that convert the sales; undefined where there is none, or the warehouse is of a release that knew
 * none.
 *
 * @param currencies the currencies of the report
 * @throws WarehouseMismatch where a rate is no positive number
 */
export async function readRates(
  client: Client,
  sql: string,
  schema: string,
  currencies: readonly string[],
): Promise<Rates | undefined> {
  const table = await client.query<{ found: boolean }>('SELECT to_regclass($1) IS NOT NULL AS found', [
    identifier(schema, ratesTable),
  ]);
  if (!table.rows[0]!.found) return undefined;
  const { rows } = await client.query<{ day: number; currency: string; rate: string }>(
    `SELECT day - DATE '1970-01-01' AS day, currency, rate::text FROM (\n${sql}\n) AS answer ORDER BY 1, 2`,
  );
  if (rows.length === 0) return undefined;
  const wrong = rows.find(({ rate }) => !positive.test(rate));
  if (wrong !== undefined) {
    throw new WarehouseMismatch(
      `rate of ${wrong.currency} in ${ratesTable} is ${wrong.rate}, which no load brings: ` +
        'totes replay rebuilds the table from the lake',
    );
  }
  return {
    days: rows.map(({ day }) => day),
    currency: rows.map(({ currency }) => currencies.indexOf(currency)),
    rate: rows.map(({ rate }) => rate),
  };
}
