import { writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type pg from 'pg';
import type { Browser } from 'playwright-core';
import { withPostgres } from '@totes/core';
import { bundleClient, page, readReport } from '@totes/dashboard';
import { launchChromium } from '../../../../scripts/browser/chromium.ts';
import { days, ecbFile } from '../../../rates/test/ecbFile.ts';
import { openBench, totes, type Bench } from '../pipelineTest.ts';
import { chromium, decimalOf, inBrowser, openPage, rowsOf, type Opened } from './opened.ts';

/** Working days without the first ones of business, so that some orders have no rate; each has rates of its own. */
const rates = days('2022-11-08', 400)
  .filter((day) => ![0, 6].includes(new Date(day).getUTCDay()))
  .map((time, i) => ({
    time,
    rates: {
      USD: `1.0${1234 + ((i * 37) % 600)}`,
      GBP: `0.8${String((i * 53) % 1000).padStart(3, '0')}0`,
      JPY: '162.90',
    },
  }));

let bench: Bench;
let sql: pg.Client;
let browser: Browser;
let opened: Opened;
beforeAll(async () => {
  if (chromium === undefined) return;
  bench = await openBench(300);
  const file = join(dirname(bench.lake), 'rates.xml');
  await writeFile(file, ecbFile(...rates));
  expect(await totes('rates', '--lake', bench.lake, '--from', file)).toMatchObject({ code: 0 });
  await bench.run();
  const out = join(dirname(bench.lake), 'page');
  const written = await totes('dashboard', '--warehouse', bench.warehouse.url, '--out', out, '--json');
  expect(written).toMatchObject({ code: 0, error: [] });
  sql = await bench.warehouse.connect();
  browser = await launchChromium(chromium);
  opened = await openPage(browser, (JSON.parse(written.out.at(-1)!) as { path: string }).path);
}, 240_000);
afterAll(async () => {
  if (chromium === undefined) return;
  await opened.close();
  await browser.close();
  await bench.close();
});

async function choose(currency: string, from: string, to: string): Promise<void> {
  await opened.page.selectOption('#currency', { label: `All, converted to ${currency}` });
  await opened.page.fill('#from', from);
  await opened.page.fill('#to', to);
}

const rows = (text: string, values: unknown[]): Promise<string[][]> => rowsOf(sql, text, values);

const rateOn = (currency: string): string => `CASE ${currency} WHEN 'EUR' THEN 1 ELSE (
  SELECT rate FROM dim_exchange_rate AS r WHERE r.currency_code = ${currency} AND r.rate_date <= o.created_date
  ORDER BY rate_date DESC LIMIT 1) END`;

/** Every order of the dates with its revenue in the target, by hand: NULL where that is not known. */
const orders = `
  SELECT o.*, currency_code AS currency, units_sold * unit_price AS amount,
    CASE WHEN currency_code = $1 THEN units_sold * unit_price ELSE
      units_sold * unit_price * round(${rateOn('$1')} * 1000000000000 / ${rateOn('c.currency_code')}) / 1000000000000
    END AS converted
  FROM current_sales_order AS o JOIN dim_currency AS c USING (currency_id)
  WHERE created_date BETWEEN $2 AND $3`;

const filters: readonly (readonly [currency: string, from: string, to: string])[] = [
  ['EUR', '2022-11-01', '2023-12-31'],
  ['GBP', '2022-11-07', '2022-11-18'],
  ['USD', '2022-11-04', '2022-11-09'],
];

const byName = (a: readonly string[], b: readonly string[]): number => (a[0]! < b[0]! ? -1 : 1);

inBrowser('revenue in one currency is that of SQL by hand, and what is left out is told', async () => {
  for (const filter of filters) {
    await choose(...filter);
    const [[count, units, revenue, price]] = (await rows(
      `SELECT count(*), sum(units_sold), round(sum(converted), 2), round(sum(converted) / sum(units_sold), 4)
       FROM (${orders}) AS o WHERE converted IS NOT NULL`,
      [...filter],
    )) as [string[]];
    expect(decimalOf(await opened.text('#headline-orders .big'))).toBe(count);
    expect(decimalOf(await opened.text('#headline-units .exact'))).toBe(units);
    expect(decimalOf(await opened.text('#headline-revenue .exact'))).toBe(revenue);
    expect(Number(decimalOf(await opened.text('#headline-price .exact')))).toBe(Number(price));
    for (const [section, name, join] of [
      ['designs', 'design_name', 'JOIN dim_design USING (design_id)'],
      ['countries', 'counterparty_legal_country', 'JOIN dim_counterparty USING (counterparty_id)'],
      ['departments', 'department_name', 'JOIN dim_staff ON staff_id = sales_staff_id'],
    ] as const) {
      const key = section === 'designs' ? 'design_id' : '1';
      const expected = await rows(
        `SELECT CASE WHEN count(*) OVER (PARTITION BY name) > 1 THEN name || ' (' || key || ')' ELSE name END,
           orders, units, revenue
         FROM (
           SELECT ${name} AS name, ${key} AS key, count(*) AS orders, sum(units_sold) AS units,
             round(sum(converted), 2) AS revenue
           FROM (${orders}) AS o ${join} WHERE converted IS NOT NULL GROUP BY 1, 2
         ) AS groups`,
        [...filter],
      );
      const shown = (await opened.table(section)).map(([each, ...cells]) => [
        each!,
        ...cells.slice(0, 3).map(decimalOf),
      ]);
      expect(shown.sort(byName)).toEqual(expected.sort(byName));
    }
    const left = await rows(
      `SELECT currency, count(*), sum(amount) FROM (${orders}) AS o WHERE converted IS NULL GROUP BY 1 ORDER BY 1`,
      [...filter],
    );
    const told = await opened.text('#showing');
    expect(told).toContain(`Sales are converted to ${filter[0]} at the ECB’s reference rate of each day`);
    expect(told.includes('Left out')).toBe(left.length > 0);
    for (const [currency, number, amount] of left) {
      const [, figure] = new RegExp(`${number!} orders of (\\S+) in ${currency!}`).exec(told)!;
      expect(decimalOf(figure!)).toBe(amount);
    }
  }
});

inBrowser('every step of the time has the sum of its days, and some have no rate of their own day', async () => {
  await choose('EUR', '2022-11-08', '2022-11-30');
  const expected = await rows(
    `SELECT count(converted), coalesce(round(sum(converted), 2), 0)::numeric(20, 2)
     FROM generate_series(DATE '2022-11-08', '2022-11-30', interval '1 day') AS day
     LEFT JOIN (${orders}) AS o ON created_date = day GROUP BY day ORDER BY day`,
    ['EUR', '2022-11-08', '2022-11-30'],
  );
  const shown = (await opened.table('revenue')).map((row) => [row[1]!, row[3]!].map(decimalOf));
  expect(shown).toEqual(expected);
});

inBrowser('what is not converted says so, and one currency alone is what it was', async () => {
  await choose('EUR', '2022-11-01', '2023-12-31');
  for (const section of ['purchases', 'due', 'punctual', 'deliveries', 'changes', 'history']) {
    expect(await opened.text(`#${section} .says`)).toMatch(/^EUR alone, not converted\. /);
  }
  expect(await opened.text('#headline-overdue .note')).toMatch(/, in EUR alone$/);
  const labels = await opened.page.locator('#currency option').allTextContents();
  expect(labels.filter((label) => label.startsWith('All'))).toEqual([
    'All, converted to EUR',
    'All, converted to GBP',
    'All, converted to USD',
  ]);
  await opened.page.selectOption('#currency', { label: labels.find((label) => label.startsWith('EUR'))! });
  expect(await opened.text('#showing')).not.toMatch(/converted/);
  expect(await opened.text('#purchases .says')).not.toMatch(/converted/);
  const [[revenue]] = (await rows(
    `SELECT sum(units_sold * unit_price) FROM current_sales_order JOIN dim_currency AS c USING (currency_id)
     WHERE currency_code = 'EUR'`,
    [],
  )) as [string[]];
  expect(decimalOf(await opened.text('#headline-revenue .exact'))).toBe(revenue);
  expect(opened.faults).toEqual([]);
});

inBrowser('a page that keeps whole months or years says so, offers no conversion, and has the same sums', async () => {
  const report = await withPostgres(
    { url: bench.warehouse.url, side: 'warehouse', applicationName: 'test' },
    (client) => readReport(client, { schema: 'public', now: () => new Date(), mostCells: 20 }),
  );
  expect(report.cubes.sales_by_day.grain).not.toBe('day');
  const path = join(dirname(bench.lake), 'months.html');
  await writeFile(path, page(report, await bundleClient()));
  const months = await openPage(browser, path);
  try {
    await months.choose('EUR', '2022-11-10', '2023-12-31');
    expect(await months.text('#showing')).toMatch(
      /dates are whole (months|years)[.] Nothing is converted to one currency/,
    );
    const labels = await months.page.locator('#currency option').allTextContents();
    expect(labels.filter((label) => label.startsWith('All'))).toEqual([]);
    // Dates are widened to whole months or years, and business began in this month.
    const [[count, revenue]] = (await rows(
      `SELECT count(*), sum(units_sold * unit_price) FROM current_sales_order JOIN dim_currency USING (currency_id)
       WHERE currency_code = 'EUR' AND created_date BETWEEN '2022-11-01' AND '2023-12-31'`,
      [],
    )) as [string[]];
    expect(decimalOf(await months.text('#headline-orders .big'))).toBe(count);
    expect(decimalOf(await months.text('#headline-revenue .exact'))).toBe(revenue);
    expect(months.faults).toEqual([]);
  } finally {
    await months.close();
  }
});
