import type pg from 'pg';
import { amendOrders, markDuePaid, takeOrders } from './activity.ts';
import { dateText, dayOf, timeOfDay, timestampText, weekday, workdayFrom } from './calendar.ts';
import { checkTables, readCatalogue } from './catalogue.ts';
import { addCounterparty, correctAddress, rename } from './changes.ts';
import { morningJob } from './history.ts';
import type { Catalogue } from './orders.ts';
import { random, type Random } from './random.ts';
import { inTransaction, withTotesys } from './session.ts';
import { tableNames } from './totesys.ts';
import { checkWholeNumber } from './wholeNumber.ts';

/** Forty years; dates then still have four-digit years. */
const mostDays = 10_000;

export interface SimulateOptions {
  /** Of a database with a filled totesys. */
  readonly url: string;
  /** Working days, Monday to Friday. */
  readonly days: number;
  /** Any whole number, 1 by default. The same database, days and seed give the same changes. */
  readonly seed?: number;
  readonly onProgress?: (progress: SimulateProgress) => void;
}

export interface SimulateProgress {
  /** The day that has ended, YYYY-MM-DD. */
  readonly date: string;
  /** Its number, of `days`. */
  readonly day: number;
  readonly days: number;
}

/** What happened, by kind. */
export interface Activity {
  salesOrders: number;
  purchaseOrders: number;
  paymentsPaid: number;
  ordersAmended: number;
  departmentsRenamed: number;
  designsRenamed: number;
  counterpartiesRenamed: number;
  addressesCorrected: number;
  counterpartiesAdded: number;
}

/** The counts by what they count, in words: `payments paid`. */
export const activityCounts = (activity: Activity): Record<string, number> =>
  Object.fromEntries(
    Object.entries<number>({ ...activity }).map(([kind, count]) => [
      kind.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`),
      count,
    ]),
  );

/**
 * Business goes on for some working days after the latest last_updated of totesys. On each day due payments are marked
 * paid at one moment, one small table changes (each weekday has its kind of change), about 20 sales and 8 purchases
 * come in, and a few sales are amended: a transaction for each of these. Resolves to what happened.
 *
 * Throws ConfigInvalid for a bad URL or number, SourceSchemaDrift where a table is missing, SourceRefused where totesys
 * is empty or the right to write is missing, SourceUnavailable where it cannot be reached; earlier days then stay done.
 */
export async function simulate({ url, days, seed = 1, onProgress }: SimulateOptions): Promise<Activity> {
  checkWholeNumber('days', days, 1, mostDays);
  checkWholeNumber('seed', seed, Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER);

  const activity: Activity = {
    salesOrders: 0,
    purchaseOrders: 0,
    paymentsPaid: 0,
    ordersAmended: 0,
    departmentsRenamed: 0,
    designsRenamed: 0,
    counterpartiesRenamed: 0,
    addressesCorrected: 0,
    counterpartiesAdded: 0,
  };
  await withTotesys(url, 'totes simulate', async (client) => {
    await checkTables(client);
    await readCatalogue(client);
    let day = await lastDay(client);
    for (let number = 1; number <= days; number++) {
      day = workdayFrom(day + 1);
      await workOneDay(client, day, random(seed, day), activity);
      onProgress?.({ date: dateText(day), day: number, days });
    }
  });
  return activity;
}

async function lastDay(client: pg.Client): Promise<number> {
  const latest = tableNames.map((name) => `(SELECT max(last_updated) FROM public.${name})`).join(', ');
  const { rows } = await client.query<{ date: string }>(`SELECT to_char(greatest(${latest}), 'YYYY-MM-DD') AS date`);
  return dayOf(rows[0]!.date);
}

async function workOneDay(client: pg.Client, day: number, source: Random, activity: Activity): Promise<void> {
  const catalogue = await readCatalogue(client);
  const within = (hour: number): string => timestampText(day, timeOfDay(hour) + source.below(3_600_000));
  activity.paymentsPaid += await markDuePaid(client, day, morningJob(day, source));

  const change = changes[weekday(day)]!;
  await inTransaction(client, () => change.make(client, catalogue, source, within(8)));
  activity[change.kind]++;

  const [sales, purchases] = [source.between(16, 24), source.between(6, 10)];
  await inTransaction(client, async () => {
    await takeOrders(client, day, source, catalogue, 'SALE', sales);
    await takeOrders(client, day, source, catalogue, 'PURCHASE', purchases);
  });
  activity.salesOrders += sales;
  activity.purchaseOrders += purchases;

  activity.ordersAmended += await amendOrders(client, day, source);
}

interface Change {
  readonly kind: keyof Activity;
  make(client: pg.Client, catalogue: Catalogue, source: Random, at: string): Promise<void>;
}

/** The small tables' changes, from Monday's to Friday's. */
const changes: readonly Change[] = [
  { kind: 'departmentsRenamed', make: (client, _, source, at) => rename(client, 'department', source, at) },
  { kind: 'designsRenamed', make: (client, _, source, at) => rename(client, 'design', source, at) },
  { kind: 'counterpartiesRenamed', make: (client, _, source, at) => rename(client, 'counterparty', source, at) },
  { kind: 'addressesCorrected', make: correctAddress },
  { kind: 'counterpartiesAdded', make: (client, _, source, at) => addCounterparty(client, source, at) },
];
