import { pathToFileURL } from 'node:url';
import type pg from 'pg';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { findChromium } from '../../../../scripts/browser/chromium.ts';

/** Undefined where this machine has none. */
export const chromium = await findChromium();

/** A test in a real browser; skipped, by name, where there is none. */
export const inBrowser = (name: string, body: () => Promise<void>): void => {
  if (chromium !== undefined) test(name, body, 240_000);
  else test.skip(`${name} (needs Chromium; CHROMIUM names one)`, body);
};

/** Rows of the warehouse, as texts. */
export const rowsOf = async (sql: pg.Client, text: string, values: unknown[]): Promise<string[][]> => {
  const found = await sql.query<unknown[]>({ text, values, rowMode: 'array' });
  return found.rows.map((row) => row.map(String));
};

/** A page in a browser, with everything that went wrong in it. */
export interface Opened {
  readonly page: Page;
  /** Requests that left the page, errors that it threw, warnings and errors on its console. */
  readonly faults: readonly string[];
  /** Chooses a currency by its code, and the dates by their text, YYYY-MM-DD. */
  readonly choose: (currency: string, from: string, to: string) => Promise<void>;
  /** The cells of a section's table, row by row. */
  readonly table: (section: string) => Promise<string[][]>;
  readonly text: (selector: string) => Promise<string>;
  readonly close: () => Promise<void>;
}

/** Opens a file as a person does, from the disk, with the network watched and closed. */
export async function openPage(browser: Browser, path: string, options: BrowserContextOptions = {}): Promise<Opened> {
  const context = await browser.newContext({ reducedMotion: 'reduce', locale: 'en-GB', ...options });
  const page = await context.newPage();
  const faults: string[] = [];
  const url = pathToFileURL(path).href;
  await context.route('**', async (route) => {
    if (route.request().url() === url) return route.continue();
    faults.push(`request ${route.request().url().slice(0, 200)}`);
    return route.abort();
  });
  page.on('pageerror', (error) => faults.push(`error ${error.message}`));
  page.on('dialog', (dialog) => {
    faults.push(`dialog ${dialog.message()}`);
    void dialog.dismiss();
  });
  page.on('console', (message) => {
    if (['error', 'warning'].includes(message.type())) faults.push(`${message.type()} ${message.text()}`);
  });
  await page.goto(url);
  await page.waitForSelector('html[data-ready], #problem:not([hidden])', { state: 'attached' });
  return {
    page,
    faults,
    async choose(currency, from, to) {
      const option = page.locator('#currency option', { hasText: currency });
      await page.selectOption('#currency', await option.getAttribute('value'));
      await page.fill('#from', from);
      await page.fill('#to', to);
    },
    table: (section) =>
      page.evaluate(
        `[...document.querySelectorAll('#${section} tbody tr')].map((row) => [...row.children].map((cell) => cell.textContent))`,
      ),
    text: (selector) => page.locator(selector).innerText(),
    close: () => context.close(),
  };
}

/** The decimal in a figure as the page writes it: £1,234.50. */
export const decimalOf = (figure: string): string => figure.replace(/[^\d.-]/g, '');
