import { grains, type Grain, type Report } from '../src/data.ts';
import { longDate, spanText } from './calendar.ts';
import { Converter, factorPlaces } from './convert.ts';
import { showCurrencies } from './currencies.ts';
import { showChanges, showDeliveries } from './deliveries.ts';
import { element, find } from './dom.ts';
import { prepareFilters, type Filter } from './filters.ts';
import { showFreshness } from './freshness.ts';
import { cubesOf, gather, type Cube, type Cubes } from './gather.ts';
import { showHeadline } from './headline.ts';
import { counted, currencyName, moneyOf } from './numbers.ts';
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

/**
 * Shows all sections.
 *
 * @param sold what is sold as the reader chose it: `context`, or all of it in one currency
 * @param told what to say of that
 */
function showAll(context: Context, sold = context, told = ''): void {
  const { money, span, grain, report } = context;
  find('#showing').textContent =
    report.currencies.length === 0
      ? 'There are no orders in the warehouse yet.'
      : `${currencyName(money.code)}, ${spanText(span)}.${widenedTo[grain]}${told}`;
  showHeadline(sold, context);
  showSales(sold);
  showCurrencies(context);
  showRankings(sold);
  showPurchases(context);
  showPayments(context);
  showDeliveries(context);
  showChanges(context);
  showVersions(context);
}

/** Sections of what has no day on which it would be right to convert it, or is compared with such. */
const neverConverted = ['purchases', 'due', 'punctual', 'deliveries', 'changes', 'history'];

/** Shows what is sold in all currencies as one, and says so, and everything else in that currency alone. */
function showConverted(context: Context, converter: Converter): void {
  const { report, currency, span, money } = context;
  const { cubes, leftOut, byOldRate } = converter.to(currency);
  const converted = moneyOf(money.code, report.scale + factorPlaces, money.digits);
  const listed = (cells: Cube): string =>
    [...gather(cells, { span }, (cell) => cell.currency)]
      .map(([place, { orders, revenue }]) => {
        const code = report.currencies[place]!;
        return `${counted(orders!, 'order')} of ${moneyOf(code, report.scale).exact(revenue!)} in ${code}`;
      })
      .join('; ');
  const [without, byOld] = [listed(leftOut), listed(byOldRate)];
  const told =
    ` Sales are converted to ${money.code} at the ECB’s reference rate of each day, or the last one before it; ` +
    `the newest is of ${longDate(converter.newestDay)}.` +
    (byOld === '' ? '' : ` By a rate of more than a week before: ${byOld}.`) +
    (without === '' ? '' : ` Left out, because no rate is known so early: ${without}.`);
  showAll(context, { ...context, cubes, money: converted }, told);
  for (const id of neverConverted) find(`#${id} .says`).prepend(`${money.code} alone, not converted. `);
}

function start(report: Report, cubes: Cubes): void {
  const converter = new Converter(report, cubes);
  const withoutDays = converter.lacksDays ? ' Nothing is converted to one currency, which needs each day.' : '';
  const grain = grains[Math.max(...Object.values(cubes).map((cube) => grains.indexOf(cube.grain)))]!;
  let chosen: Filter | undefined;
  const refresh = (): void => {
    if (chosen === undefined) return;
    const { currency, convert, span, asOf } = chosen;
    const code = report.currencies[currency] ?? '';
    const context = { report, cubes, currency, span, asOf, grain, money: moneyOf(code, report.scale) };
    if (convert) showConverted(context, converter);
    else showAll(context, context, withoutDays);
  };
  for (const id of ['due', 'punctual']) {
    const select = element('select', {}, ...directions.map(({ name }) => element('option', {}, name)));
    select.addEventListener('change', refresh);
    find(`#${id} .controls`).append(element('label', {}, 'Payments ', select));
  }
  prepareVersions(refresh);
  showFreshness(report);
  prepareFilters({ report, cubes, grain, targets: converter.targets }, (filter) => {
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
