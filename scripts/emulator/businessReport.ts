import { readFileSync } from 'node:fs';
import { get } from 'node:https';
import { gunzipSync } from 'node:zlib';
import type { LinkResult } from '../../packages/cli/src/stack/dashboard.ts';
import type { Report } from '../../packages/dashboard/src/index.ts';
import type { Database } from './databases.ts';
import type { Endpoint } from './endpoint.ts';
import { until } from './until.ts';

/**
 * Waits until the page shows the newest version that the warehouse holds, opens it by its link, and compares its figures with
 * the warehouse's. Without its signature the link must open nothing.
 *
 * @param link what `totes dashboard --stack` gives
 * @returns what was seen
 * @throws Error with what is wrong
 */
export async function expectReport(
  endpoint: Endpoint,
  warehouse: Database,
  link: () => Promise<LinkResult>,
): Promise<string> {
  const [newest] = await warehouse.query<{ version: string }>(
    'SELECT version::text FROM etl.load_log ORDER BY loaded_at DESC LIMIT 1',
  );
  const shown = await until(`the page shows version ${newest!.version}`, 60, async () => {
    const found = await link();
    return String(found.version) === newest!.version ? found : undefined;
  });
  const page = await fetched(endpoint, shown.url);
  if (page.status !== 200 || page.type !== 'text/html; charset=utf-8') throw new Error(`${page.status} ${page.type}`);
  const figures = figuresOf(page.body);
  const expected = await figuresBySql(warehouse);
  if (figures !== expected) throw new Error(`the page says ${figures}, the warehouse ${expected}`);

  const unsigned = await fetched(endpoint, shown.url.split('?')[0]!);
  const forged = await fetched(endpoint, shown.url.replace(/(X-Amz-Signature=)[0-9a-f]{8}/, '$100000000'));
  if (unsigned.status !== 403 || forged.status !== 403) {
    throw new Error(`without a signature ${unsigned.status}, with a forged one ${forged.status}`);
  }
  return `version ${shown.version}: ${figures}, as SQL says; without its signature the link is refused`;
}

interface Fetched {
  readonly status: number;
  readonly type: string | undefined;
  readonly body: string;
}

/** Asks as a browser does, with no rights but those of the link. */
const fetched = ({ authority }: Endpoint, url: string): Promise<Fetched> =>
  new Promise((resolve, reject) => {
    get(url, authority === undefined ? {} : { ca: readFileSync(authority) }, (response) => {
      const { statusCode: status = 0, headers } = response;
      response.toArray().then((chunks: Buffer[]) => {
        resolve({ status, type: headers['content-type'], body: Buffer.concat(chunks).toString() });
      }, reject);
    }).on('error', reject);
  });

/** Orders and revenue in each currency, added up from what the page carries. */
function figuresOf(html: string): string {
  const [, data] = /id="data">([^<]*)</.exec(html)!;
  const { currencies, cubes, scale } = JSON.parse(gunzipSync(Buffer.from(data!, 'base64')).toString()) as Report;
  const { currency, measures } = cubes.sales_by_day;
  const sums = currencies.map((code, place) => {
    const sum = (measure: string): bigint =>
      currency.reduce((all, each, i) => (each === place ? all + BigInt(measures[measure]![i]!) : all), 0n);
    return [code, sum('orders'), Number(sum('revenue')) / 10 ** scale] as const;
  });
  return textOf(sums.filter(([, orders]) => orders > 0n));
}

async function figuresBySql(warehouse: Database): Promise<string> {
  const rows = await warehouse.query<{ code: string; orders: string; revenue: string }>(
    `SELECT currency_code AS code, count(*)::text AS orders, sum(units_sold * unit_price)::text AS revenue
     FROM current_sales_order JOIN dim_currency USING (currency_id) GROUP BY currency_code`,
  );
  return textOf(rows.map(({ code, orders, revenue }) => [code, orders, Number(revenue)]));
}

const textOf = (figures: readonly (readonly [string, bigint | string, number])[]): string =>
  figures
    .map(([code, orders, revenue]) => `${orders} orders of ${revenue.toFixed(2)} ${code}`)
    .sort()
    .join(', ');
