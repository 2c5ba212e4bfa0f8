import { grains, type Grain, type Report } from '../src/data.ts';
import { spanText } from './calendar.ts';
import { showCurrencies } from './currencies.ts';
import { showChanges, showDeliveries } from './deliveries.ts';
import { element, find } from './dom.ts';
import { prepareFilters, type Filter } from './filters.ts';
import { showFreshness } from './freshness.ts';
import { cubesOf, type Cubes } from './gather.ts';
import { showHeadline } from './headline.ts';
import { currencyName, moneyOf } from './numbers.ts';
import { directions, showPayments } from './payments.ts';
import { showPurchases } from './purchases.ts';
import { showRankings } from './rankings.ts';
import { showSales } from './sales.ts';
import { prepareVersions, showVersions } from './versions.ts';
import type { Context } from './view.ts';

/** The report that the page carries. */
async function readReport(): Promise<Report> {
  const packed = Uint8Array.from(atob(find('#data').textContent), (letter) => letter.charCodeAt(0));
  const unpacked = new Blob([packed]).stream().pipeThrough(new DecompressionStream('gzip'));
  return (await new Response(unpacked).json()) as Report;
}

const widenedTo: Readonly<Record<Grain, string>> = {
  day: '',
  month: ' There are too many orders to keep each day: dates are whole months.',
  year: ' There are too many orders to keep each day: dates are whole years.',
};

function showAll(context: Context): void {
  const { money, span, grain, report } = context;
  find('#showing').textContent =
    report.currencies.length === 0
      ? 'There are no orders in the warehouse yet.'
      : `${currencyName(money.code)}, ${spanText(span)}.${widenedTo[grain]}`;
  showHeadline(context);
  showSales(context);
  showCurrencies(context);
  showRankings(context);
  showPurchases(context);
  showPayments(context);
  showDeliveries(context);
  showChanges(context);
  showVersions(context);
}

function start(report: Report, cubes: Cubes): void {
  const grain = grains[Math.max(...Object.values(cubes).map((cube) => grains.indexOf(cube.grain)))]!;
  let chosen: Filter | undefined;
  const refresh = (): void => {
    if (chosen === undefined) return;
    const { currency, span, asOf } = chosen;
    const code = report.currencies[currency] ?? '';
    showAll({ report, cubes, currency, span, asOf, grain, money: moneyOf(code, report.scale) });
  };
  for (const id of ['due', 'punctual']) {
    const select = element('select', {}, ...directions.map(({ name }) => element('option', {}, name)));
    select.addEventListener('change', refresh);
    find(`#${id} .controls`).append(element('label', {}, 'Payments ', select));
  }
  prepareVersions(refresh);
  showFreshness(report);
  prepareFilters(report, cubes, grain, (filter) => {
    chosen = filter;
    refresh();
  });
  // Charts are drawn in the colours of the moment.
  for (const query of ['(prefers-color-scheme: dark)', 'print']) matchMedia(query).addEventListener('change', refresh);
  document.documentElement.dataset.ready = '';
}

try {
  const report = await readReport();
  start(report, cubesOf(report));
} catch (error) {
  const problem = find('#problem');
  problem.hidden = false;
  problem.textContent = `The figures of this page cannot be shown: ${String(error)}. A browser of 2023 or later is needed.`;
  throw error;
}
