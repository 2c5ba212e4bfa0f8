import type { Day, Report } from '../src/data.ts';
import { divide, scaled } from './exact.ts';
import { firstAfter, type Cube, type Cubes } from './gather.ts';

/** Places after the point of what one unit of a currency is in another: SQL by hand rounds there too. */
export const factorPlaces = 12;

const base = 'EUR';
const converted = ['sales_by_day', 'sales_by_design', 'sales_by_customer', 'sales_by_staff'] as const;

/** The sales in one currency. */
export interface Conversion {
  /** The cubes of sales hold all that can be converted, with 12 places more than the report's; the others are the report's. */
  readonly cubes: Cubes;
  /** The cells of `sales_by_day` of which no rate is known on or before their day, as they are. */
  readonly leftOut: Cube;
  /** Those that are converted by a rate of more than `usualAge` days before, as where a currency's rates have ended. */
  readonly byOldRate: Cube;
}

/** No holidays are longer than that: the ECB publishes rates on all other days. */
const usualAge = 7;

/** Converts by the last rates on or before the day of the order. */
export class Converter {
  /** Places of the currencies into which something can be converted; none where no day is known of some order. */
  readonly targets: readonly number[];
  /** Whether there are rates, and no figures of the days that they are of. */
  readonly lacksDays: boolean;
  /** The newest day with a rate. */
  readonly newestDay: Day;
  readonly #cubes: Cubes;
  readonly #base: number;
  readonly #days = new Map<number, Day[]>();
  readonly #rates = new Map<number, bigint[]>();
  readonly #one: bigint;
  readonly #done = new Map<number, Conversion>();

  constructor({ rates, currencies }: Pick<Report, 'rates' | 'currencies'>, cubes: Cubes) {
    const { days, currency, rate } = rates ?? { days: [], currency: [], rate: [] };
    const places = rate.reduce((most, text) => Math.max(most, text.split('.')[1]?.length ?? 0), 0);
    for (const [i, day] of days.entries()) {
      listOf(this.#days, currency[i]!).push(day);
      listOf(this.#rates, currency[i]!).push(scaled(rate[i]!, places));
    }
    this.newestDay = days.at(-1) ?? 0;
    this.#cubes = cubes;
    this.#base = currencies.indexOf(base);
    this.#one = 10n ** BigInt(places);
    const isDaily = converted.every((name) => cubes[name].grain === 'day');
    const sold = new Set(cubes.sales_by_day.currency);
    const known = [...sold].filter((place) => place === this.#base || this.#rates.has(place));
    this.lacksDays = !isDaily && days.length > 0;
    this.targets = isDaily && known.length > 1 ? known : [];
  }

  /** All sales in the currency of that place. */
  to(target: number): Conversion {
    const done = this.#done.get(target) ?? this.#convert(target);
    this.#done.set(target, done);
    return done;
  }

  #convert(target: number): Conversion {
    const factors = new Map<string, bigint | undefined>();
    const factorOf = (currency: number, day: Day): bigint | undefined => {
      const key = `${currency} ${day}`;
      if (!factors.has(key)) factors.set(key, this.#factor(currency, target, day));
      return factors.get(key);
    };
    const sales = converted.map((name) => [name, inOne(this.#cubes[name], target, factorOf)] as const);
    const { sales_by_day: daily } = this.#cubes;
    const leftOut = picked(daily, (i) => factorOf(daily.currency[i]!, daily.days[i]!) === undefined);
    const byOldRate = picked(daily, (i) => {
      const [currency, day] = [daily.currency[i]!, daily.days[i]!];
      if (currency === target || factorOf(currency, day) === undefined) return false;
      return Math.max(this.#ageOn(currency, day), this.#ageOn(target, day)) > usualAge;
    });
    return { cubes: { ...this.#cubes, ...Object.fromEntries(sales) }, leftOut, byOldRate };
  }

  /** The days from the rate that is used on a day, which there is, to that day. */
  #ageOn(currency: number, day: Day): number {
    if (currency === this.#base) return 0;
    const days = this.#days.get(currency)!;
    return day - days[firstAfter(days, day) - 1]!;
  }

  /** What one unit is in the target on a day, in 10^-12; undefined where that is not known. */
  #factor(currency: number, target: number, day: Day): bigint | undefined {
    if (currency === target) return 10n ** BigInt(factorPlaces);
    const [from, to] = [this.#rateOn(currency, day), this.#rateOn(target, day)];
    return from === undefined || to === undefined ? undefined : divide(to * 10n ** BigInt(factorPlaces), from);
  }

  #rateOn(currency: number, day: Day): bigint | undefined {
    if (currency === this.#base) return this.#one;
    return this.#rates.get(currency)?.[firstAfter(this.#days.get(currency)!, day) - 1];
  }
}

function listOf<Value>(lists: Map<number, Value[]>, key: number): Value[] {
  const list = lists.get(key) ?? [];
  lists.set(key, list);
  return list;
}

/** Some of the cells of a cube. */
function picked(cube: Cube, wanted: (cell: number) => boolean): Cube {
  const cells = Array.from(cube.days, (_, i) => i).filter(wanted);
  const of = <Value>(values: ArrayLike<Value>): Value[] => cells.map((i) => values[i]!);
  return {
    ...cube,
    days: Int32Array.from(of(cube.days)),
    currency: of(cube.currency),
    member: of(cube.member),
    measures: Object.fromEntries(Object.entries(cube.measures).map(([name, values]) => [name, of(values)])),
  };
}

/** The cells of a cube of sales that have a factor, their revenue times it. */
function inOne(cube: Cube, target: number, factorOf: (currency: number, day: Day) => bigint | undefined): Cube {
  const kept = picked(cube, (i) => factorOf(cube.currency[i]!, cube.days[i]!) !== undefined);
  const revenue = kept.measures.revenue!.map(
    (amount, i) => BigInt(amount) * factorOf(kept.currency[i]!, kept.days[i]!)!,
  );
  return { ...kept, currency: kept.currency.map(() => target), measures: { ...kept.measures, revenue } };
}
