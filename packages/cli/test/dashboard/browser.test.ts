import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import type pg from 'pg';
import type { Browser } from 'playwright-core';
import { launchChromium } from '../../../../scripts/browser/chromium.ts';
import { simulate } from '../../src/sampleData/simulate.ts';
import { openBench, totes, type Bench } from '../pipelineTest.ts';
import { chromium, decimalOf, inBrowser, openPage, rowsOf, type Opened } from './opened.ts';

const hostile = `</script><script>alert(1)</script><img src="https://example.com/x" onerror='alert(2)'> & "Ünï" 昭 \u202e{b}%`;

let bench: Bench;
let sql: pg.Client;
let browser: Browser;
let path: string;
let opened: Opened;
beforeAll(async () => {
  if (chromium === undefined) return;
  bench = await openBench(400);
  await bench.run();
  await simulate({ url: bench.source.url, days: 6 });
  await bench.source.query('UPDATE design SET design_name = $1, last_updated = now() WHERE design_id = 3', [hostile]);
  await bench.source.query('UPDATE counterparty SET counterparty_legal_name = $1 WHERE counterparty_id = 2', [hostile]);
  await bench.source.query('UPDATE department SET department_name = $1 WHERE department_id = 2', [hostile]);
  // Some customers never paid, and some orders were put off.
  await bench.source.query('UPDATE payment SET paid = false WHERE payment_id % 9 = 0');
  await bench.source.query(
    `UPDATE sales_order SET design_id = 3, unit_price = unit_price + 0.01, last_updated = last_updated + interval '1 s',
       agreed_delivery_date = (agreed_delivery_date::date + 2)::text WHERE sales_order_id % 50 = 0`,
  );
  await bench.run();
  const out = join(dirname(bench.lake), 'page');
  const written = await totes('dashboard', '--warehouse', bench.warehouse.url, '--out', out, '--json');
  expect(written).toMatchObject({ code: 0, error: [] });
  ({ path } = JSON.parse(written.out.at(-1)!) as { path: string });
  sql = await bench.warehouse.connect();
  browser = await launchChromium(chromium);
  opened = await openPage(browser, path);
}, 240_000);
afterAll(async () => {
  if (chromium === undefined) return;
  await opened.close();
  await browser.close();
  await bench.close();
});

const rows = (text: string, values: unknown[]): Promise<string[][]> => rowsOf(sql, text, values);

/** What SQL by hand says of the sales, grouped by a text; a name that several have is followed by its key. */
const ranked = (name: string, key: string, join: string): string => `
  WITH groups AS (
    SELECT ${name} AS name, ${key} AS key, count(*) AS orders, sum(units_sold) AS units,
      sum(units_sold * unit_price) AS revenue
    FROM current_sales_order AS o JOIN dim_currency AS c ON c.currency_id = o.currency_id ${join}
    WHERE currency_code = $1 AND created_date BETWEEN $2 AND $3
    GROUP BY 1, 2
  )
  SELECT CASE WHEN count(*) OVER (PARTITION BY name) > 1 THEN name || ' (' || key || ')' ELSE name END,
    orders, units, revenue FROM groups ORDER BY revenue DESC, 1`;

const rankings = {
  designs: ranked('design_name', 'd.design_id::text', 'JOIN dim_design AS d ON d.design_id = o.design_id'),
  customers: ranked(
    'counterparty_legal_name',
    'p.counterparty_id::text',
    'JOIN dim_counterparty AS p ON p.counterparty_id = o.counterparty_id',
  ),
  countries: ranked(
    'counterparty_legal_country',
    '1',
    'JOIN dim_counterparty AS p ON p.counterparty_id = o.counterparty_id',
  ),
  departments: ranked('department_name', '1', 'JOIN dim_staff AS s ON s.staff_id = o.sales_staff_id'),
  staff: ranked(
    `concat(first_name, ' ', last_name)`,
    's.staff_id::text',
    'JOIN dim_staff AS s ON s.staff_id = o.sales_staff_id',
  ),
};

/** Columns of text before the figures, in a ranking's table. */
const texts: Readonly<Record<string, number>> = { customers: 2, staff: 2 };

const byName = (a: readonly string[], b: readonly string[]): number => (a[0]! < b[0]! ? -1 : 1);

const filters: readonly (readonly [currency: string, from: string, to: string])[] = [
  ['GBP', '2022-11-01', '2023-12-31'],
  ['EUR', '2022-11-07', '2022-11-18'],
  ['USD', '2022-11-10', '2022-11-10'],
];

inBrowser('its figures are those of SQL by hand, for any currency and dates', async () => {
  for (const filter of filters) {
    await opened.choose(...filter);
    const [[orders, units, revenue, price]] = (await rows(
      `SELECT count(*), sum(units_sold), sum(units_sold * unit_price),
         round(sum(units_sold * unit_price) / sum(units_sold), 4)
       FROM current_sales_order JOIN dim_currency USING (currency_id)
       WHERE currency_code = $1 AND created_date BETWEEN $2 AND $3`,
      [...filter],
    )) as [string[]];
    expect(decimalOf(await opened.text('#headline-orders .big'))).toBe(orders);
    expect(decimalOf(await opened.text('#headline-units .exact'))).toBe(units);
    expect(decimalOf(await opened.text('#headline-revenue .exact'))).toBe(revenue);
    expect(Number(decimalOf(await opened.text('#headline-price .exact')))).toBe(Number(price));
    for (const [section, query] of Object.entries(rankings)) {
      const shown = (await opened.table(section)).map(([name, ...cells]) => [
        name!,
        ...cells.slice((texts[section] ?? 1) - 1, (texts[section] ?? 1) + 2).map(decimalOf),
      ]);
      expect([section, shown.sort(byName)]).toEqual([section, (await rows(query, [...filter])).sort(byName)]);
    }
    const timeline = await opened.table('purchases');
    const sold = timeline.map((row) => BigInt(decimalOf(row[1]!).replace('.', '')));
    expect(sold.reduce((a, b) => a + b, 0n)).toBe(BigInt(revenue!.replace('.', '')));
    const [[cost, bought]] = (await rows(
      `SELECT coalesce(sum(item_quantity * item_unit_price), 0)::numeric(20, 2), count(*)
       FROM current_purchase_order JOIN dim_currency USING (currency_id)
       WHERE currency_code = $1 AND created_date BETWEEN $2 AND $3`,
      [...filter],
    )) as [string[]];
    const spent = timeline.map((row) => BigInt(decimalOf(row[4]!).replace('.', '')));
    expect(spent.reduce((a, b) => a + b, 0n)).toBe(BigInt(cost!.replace('.', '')));
    expect(timeline.reduce((all, row) => all + Number(row[2]), 0)).toBe(Number(bought));
  }
});

inBrowser('every step of the time has the sum of its days', async () => {
  await opened.choose('GBP', '2022-11-03', '2022-11-30');
  const days = await opened.table('revenue');
  expect(days).toHaveLength(28);
  const expected = await rows(
    `SELECT count(o), coalesce(sum(units_sold), 0), coalesce(sum(units_sold * unit_price), 0)::numeric(20, 2)
     FROM generate_series(DATE '2022-11-03', '2022-11-30', interval '1 day') AS day
     LEFT JOIN (SELECT * FROM current_sales_order JOIN dim_currency USING (currency_id) WHERE currency_code = 'GBP') AS o
       ON created_date = day
     GROUP BY day ORDER BY day`,
    [],
  );
  expect(days.map((row) => row.slice(1, 4).map(decimalOf))).toEqual(expected);
  await opened.choose('GBP', '2022-11-03', '2022-12-31');
  expect((await opened.table('revenue'))[0]![0]).toBe('3 Nov 2022 – 6 Nov 2022');
});

inBrowser('payments due, overdue and late are those of SQL by hand', async () => {
  for (const [currency, from, to] of filters) {
    await opened.choose(currency, from, to);
    const unpaid = await rows(
      `SELECT count(*) FILTER (WHERE age > 90), count(*) FILTER (WHERE age BETWEEN 61 AND 90),
         count(*) FILTER (WHERE age BETWEEN 31 AND 60), count(*) FILTER (WHERE age BETWEEN 1 AND 30),
         count(*) FILTER (WHERE age BETWEEN -7 AND 0), count(*) FILTER (WHERE age BETWEEN -30 AND -8),
         count(*) FILTER (WHERE age < -30), coalesce(sum(payment_amount), 0)::numeric(20, 2),
         coalesce(sum(payment_amount) FILTER (WHERE age > 0), 0)::numeric(20, 2)
       FROM (
         SELECT *, $2::date - payment_date AS age FROM current_payment
         JOIN dim_currency USING (currency_id) JOIN dim_payment_type USING (payment_type_id)
         WHERE NOT paid AND currency_code = $1 AND payment_type_name = 'SALES_RECEIPT'
       ) AS unpaid`,
      [currency, to],
    );
    expect((await opened.table('due')).map((row) => row[1])).toEqual(unpaid[0]!.slice(0, 7));
    expect(decimalOf(await opened.text('#headline-outstanding .exact'))).toBe(unpaid[0]![7]);
    expect(decimalOf(await opened.text('#headline-overdue .exact'))).toBe(unpaid[0]![8]);
    const late = await rows(
      `SELECT coalesce(sum((NOT paid)::int), 0), count(*),
         count(*) FILTER (WHERE paid AND payment_date >=
           (SELECT min(last_updated_date) FROM fact_payment AS seen WHERE seen.payment_id = p.payment_id AND seen.paid))
       FROM current_payment AS p JOIN dim_currency USING (currency_id) JOIN dim_payment_type USING (payment_type_id)
       WHERE currency_code = $1 AND payment_type_name = 'SALES_RECEIPT' AND payment_date BETWEEN $2 AND $3`,
      [currency, from, to],
    );
    const shown = (await opened.table('punctual')).map((row) => row.slice(1, 6).map(Number));
    const column = (i: number): number => shown.reduce((all, row) => all + row[i]!, 0);
    expect([column(4), column(0) + column(1) + column(2) + column(3) + column(4), column(0)].map(String)).toEqual(
      late[0],
    );
  }
});

inBrowser('changes of orders are told version by version, and those put off are counted', async () => {
  await opened.choose('GBP', '2022-11-01', '2026-12-31');
  const changed = await rows(
    `SELECT sales_order_id FROM fact_sales_order JOIN dim_currency USING (currency_id)
     WHERE currency_code = 'GBP' GROUP BY 1 HAVING count(*) > 1`,
    [],
  );
  const options = await opened.page.locator('#order option').allTextContents();
  expect(options.filter((text) => text.startsWith('Sale'))).toHaveLength(changed.length);
  const story = await opened.text('#history .story');
  expect(story).toContain('As first seen');
  expect(story).toContain('Change 1');
  const [moved] = await rows(
    `SELECT count(*) FROM current_sales_order AS o JOIN dim_currency USING (currency_id) WHERE currency_code = 'GBP'
     AND agreed_delivery_date > (SELECT agreed_delivery_date FROM fact_sales_order AS f
       WHERE f.sales_order_id = o.sales_order_id ORDER BY sales_record_id LIMIT 1)`,
    [],
  );
  expect(Number(moved)).toBeGreaterThan(0);
  expect((await opened.table('deliveries')).reduce((all, row) => all + Number(row[3]), 0)).toBe(Number(moved));
});

inBrowser('names are text, whatever they hold', async () => {
  await opened.choose('GBP', '2022-11-01', '2023-12-31');
  for (const section of ['customers', 'departments']) {
    expect((await opened.table(section)).map(([name]) => name)).toContain(hostile);
    await opened.page.locator(`#${section} svg`).hover();
    // Written from the right, it would turn the figures that follow it in the sentence.
    expect(await opened.text(`#${section} .says`)).toMatch(/First: \u2068[^\u202a-\u202e\u2066-\u2069]+\u2069, £/u);
  }
  expect(await opened.page.locator('main img').count()).toBe(0);
});

inBrowser('the dates of a choice are dates of one’s own, and a preset gives the usual ones back', async () => {
  await opened.choose('GBP', '2022-11-10', '2022-11-12');
  expect(await opened.text('#showing')).toMatch(/^GBP, .*10 Nov 2022 – 12 Nov 2022/);
  expect(await opened.page.locator('#preset option:checked').textContent()).toMatch(/own/);
  // An end that is put before the beginning takes it along.
  await opened.page.fill('#to', '2022-11-08');
  expect(await opened.page.inputValue('#from')).toBe('2022-11-08');
  await opened.page.selectOption('#preset', { label: 'Everything' });
  expect(await opened.page.inputValue('#from')).toBe('2022-11-03');
});

inBrowser('it can be used by keyboard alone', async () => {
  const { page, close } = await openPage(browser, path);
  const focused = (): Promise<string> =>
    page.evaluate(
      `document.activeElement.id || document.activeElement.className || document.activeElement.textContent`,
    );
  const order: string[] = [];
  for (let i = 0; i < 14; i++) {
    await page.keyboard.press('Tab');
    order.push(await focused());
  }
  expect(order[0]).toBe('skip');
  for (const control of ['currency', 'preset', 'from', 'to']) expect(order).toContain(control);
  await page.locator('#revenue .data summary').focus();
  await page.keyboard.press('Enter');
  expect(await page.locator('#revenue .data table').isVisible()).toBe(true);
  const typed = async (field: string, keys: string): Promise<[from: string, to: string]> => {
    await page.locator(field).focus();
    for (const key of keys) await page.keyboard.press(key);
    return [await page.inputValue('#from'), await page.inputValue('#to')];
  };
  // Each key makes another date, such as one of the year 20: the other end is back at the last.
  const [from] = await typed('#from', '11112022');
  expect(from).toBe('2022-11-11');
  expect(await typed('#to', '12122022')).toEqual(['2022-11-11', '2022-12-12']);
  await page.locator('#currency').focus();
  const before = await page.locator('#showing').innerText();
  await page.keyboard.press('End');
  expect(await page.locator('#showing').innerText()).not.toBe(before);
  await close();
});

const axe = await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

inBrowser('nothing keeps anybody out: wide and narrow, light and dark, closed and open', async () => {
  for (const colorScheme of ['light', 'dark'] as const) {
    for (const width of [1280, 320]) {
      const { page, faults, close } = await openPage(browser, path, { colorScheme, viewport: { width, height: 900 } });
      await page.evaluate(`for (const each of document.querySelectorAll('details')) each.open = true`);
      expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(width);
      await page.evaluate(axe);
      const violations: string[] = await page.evaluate(
        `axe.run().then(({ violations }) => violations.map(({ id, nodes }) => id + ': ' + nodes[0].html.slice(0, 120)))`,
      );
      expect([colorScheme, width, violations]).toEqual([colorScheme, width, []]);
      expect(faults).toEqual([]);
      await close();
    }
  }
});

inBrowser('nothing went wrong on it, and no request left it', async () => {
  await opened.page.emulateMedia({ colorScheme: 'dark' });
  await opened.page.emulateMedia({ media: 'print' });
  expect(opened.faults).toEqual([]);
});
