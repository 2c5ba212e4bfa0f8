import type { Day, Grain, Report } from '../src/data.ts';
import { dateText, dayOf, firstOfAll, lastOfAll, monthsBefore, snap, type Span } from './calendar.ts';
import { element, find, findInput, findSelect } from './dom.ts';
import type { Cubes } from './gather.ts';
import { currencyName } from './numbers.ts';

/** What the reader chose. */
export interface Filter {
  readonly currency: number;
  /** Whether sales in other currencies are converted to it. */
  readonly convert: boolean;
  readonly span: Span;
  /** The day on which what is unpaid is judged: the last one that was asked for, though the span was widened beyond it. */
  readonly asOf: Day;
}

/** Spans that end on the last day of business. */
const presets: readonly (readonly [name: string, from: (last: Day, first: Day) => Day])[] = [
  ['Last 30 days', (last) => last - 29],
  ['Last 3 months', (last) => monthsBefore(last, 3) + 1],
  ['Last 6 months', (last) => monthsBefore(last, 6) + 1],
  ['Last 12 months', (last) => monthsBefore(last, 12) + 1],
  ['Everything', (_, first) => first],
];
const [usual, own] = [2, presets.length];

const controls = () => ({
  currency: findSelect('#currency'),
  preset: findSelect('#preset'),
  from: findInput('#from'),
  to: findInput('#to'),
});

/** What the value of an option begins with that converts. */
const toOne = 'to ';

/**
 * Fills the filters and tells of each choice; of the first one at once.
 *
 * @param grain dates are widened to it
 * @param targets places of the currencies that others can be converted to
 */
export function prepareFilters(
  { report, cubes, grain, targets }: { report: Report; cubes: Cubes; grain: Grain; targets: readonly number[] },
  onChoice: (filter: Filter) => void,
): void {
  const { currency, preset, from, to } = controls();
  const last = report.lastDay ?? dayOf(report.writtenAt.slice(0, 10));
  const first = Math.min(last, firstDay(cubes) ?? last);
  // Orders of a day that is still to come, as a wrong clock gives, are part of everything.
  const end = Math.max(last, lastOrder(cubes) ?? last);
  const places = report.currencies.map((code, place) => ({ code, place })).sort((a, b) => (a.code < b.code ? -1 : 1));
  currency.replaceChildren(
    ...places.map(({ code, place }) => element('option', { value: String(place) }, currencyName(code))),
    ...places
      .filter(({ place }) => targets.includes(place))
      .map(({ code, place }) => element('option', { value: `${toOne}${place}` }, `All, converted to ${code}`)),
  );
  currency.value = String(mostUsed(cubes));
  currency.disabled = places.length < 2;
  preset.replaceChildren(
    ...[...presets.map(([name]) => name), 'Dates of my own'].map((name) => element('option', {}, name)),
  );
  for (const input of [from, to]) [input.min, input.max] = [dateText(firstOfAll), dateText(lastOfAll)];

  let asked: Span = { from: last, to: last };
  /** What was asked for before the reader began with one of the dates: each key that is typed makes another date of it. */
  let before = asked;
  let asOf = last;
  const choose = (wanted: Span, judgedOn = wanted.to): void => {
    [asked, asOf] = [wanted, judgedOn];
    const span = snap(wanted, grain);
    [from.value, to.value] = [dateText(span.from), dateText(span.to)];
    const convert = currency.value.startsWith(toOne);
    const place = Number(convert ? currency.value.slice(toOne.length) : currency.value || -1);
    onChoice({ currency: place, convert, span, asOf });
  };
  const byPreset = (): void => {
    const [, start] = presets[preset.selectedIndex] ?? [];
    if (start === undefined) return;
    choose({ from: Math.max(start(last, first), first), to: preset.selectedIndex === own - 1 ? end : last }, last);
    before = asked;
  };
  const byDates = (changed: HTMLInputElement): void => {
    // A date that is not whole yet, while it is typed, is no choice.
    const day = dayOf(changed.value);
    if (!Number.isInteger(day)) return;
    preset.selectedIndex = own;
    // The other end gives way to one that was put beyond it, and comes back where that was on the way to another date.
    choose(
      changed === from ? { from: day, to: Math.max(day, before.to) } : { from: Math.min(day, before.from), to: day },
    );
  };
  currency.addEventListener('change', () => {
    choose(asked, asOf);
  });
  preset.addEventListener('change', byPreset);
  for (const input of [from, to]) {
    input.addEventListener('focus', () => {
      before = asked;
    });
    input.addEventListener('change', () => {
      byDates(input);
    });
  }
  find('#filters').addEventListener('submit', (event) => {
    event.preventDefault();
  });
  preset.selectedIndex = usual;
  byPreset();
}

const orderCubes = ({ sales_by_day, purchases_by_day }: Cubes) => [sales_by_day.days, purchases_by_day.days];

function firstDay(cubes: Cubes): Day | undefined {
  const days = orderCubes(cubes).flatMap((each) => each.at(0) ?? []);
  return days.length === 0 ? undefined : Math.min(...days);
}

function lastOrder(cubes: Cubes): Day | undefined {
  const days = orderCubes(cubes).flatMap((each) => each.at(-1) ?? []);
  return days.length === 0 ? undefined : Math.max(...days);
}

/** The currency of most orders. */
function mostUsed({ sales_by_day, purchases_by_day }: Cubes): number {
  const orders = new Map<number, number>();
  for (const { currency, measures } of [sales_by_day, purchases_by_day]) {
    currency.forEach((place, i) => orders.set(place, (orders.get(place) ?? 0) + Number(measures.orders![i]!)));
  }
  return [...orders].sort(([, a], [, b]) => b - a)[0]?.[0] ?? 0;
}
