import { isKey } from '@totes/core';
import { code as currencyOf } from 'currency-codes';

/** What one unit of the base currency costs on a day. */
export interface Rate {
  /** YYYY-MM-DD. */
  readonly day: string;
  /** ISO 4217. */
  readonly currency: string;
  /** Units of the currency for one euro: a positive decimal, as it was published. */
  readonly rate: string;
}

/** The currency that all rates of the ECB are of. */
export const base = 'EUR';

/** Of the currencies for which the ECB has published rates, those that ISO 4217 does not list any more. */
const withdrawn: ReadonlySet<string> = new Set([
  ...['BGN', 'CYP', 'EEK', 'HRK', 'LTL', 'LVL', 'MTL', 'ROL', 'SIT', 'SKK', 'TRL'],
]);

/** Whether ISO 4217 listed a currency once, and does not now: it has no number then. */
export const isWithdrawn = (currency: string): boolean => currencyOf(currency) === undefined && withdrawn.has(currency);

const millisecondsPerDay = 86_400_000;

/**
 * The key of a rate in the warehouse, the same whenever it comes: days from 1970-01-01 to its day, times 1000, plus the
 * number of its currency in ISO 4217. Undefined where ISO lists no such currency, or the day has no such key: those
 * to the year 7849 have one.
 */
export function keyOf({ day, currency }: Pick<Rate, 'day' | 'currency'>): number | undefined {
  const number = currencyOf(currency)?.number;
  if (number === undefined) return undefined;
  const key = (Date.parse(`${day}T00:00:00Z`) / millisecondsPerDay) * 1000 + Number(number);
  return isKey(key) ? key : undefined;
}
