import type { CubeName, Cube as Written, Grain, Report } from '../src/data.ts';
import type { Span } from './calendar.ts';
import { parseWhole, Total } from './exact.ts';

/** A cube as the browser adds it up. */
export interface Cube {
  readonly grain: Grain;
  readonly days: Int32Array;
  readonly currency: readonly number[];
  readonly member: readonly number[];
  readonly members: readonly (readonly string[])[];
  readonly measures: Readonly<Record<string, readonly (number | bigint)[]>>;
}

export type Cubes = Readonly<Record<CubeName, Cube>>;

/** Makes a report's cubes ready. Throws RangeError where a number in it is not whole. */
export const cubesOf = (report: Report): Cubes =>
  Object.fromEntries(Object.entries(report.cubes).map(([name, cube]) => [name, ready(cube)])) as Cubes;

const ready = ({ days, measures, ...cube }: Written): Cube => ({
  ...cube,
  days: Int32Array.from(days),
  measures: Object.fromEntries(Object.entries(measures).map(([name, values]) => [name, values.map(parseWhole)])),
});

/** Which cells count. */
export interface Choice {
  readonly span: Span;
  /** A place in the report's currencies; every currency where absent. */
  readonly currency?: number;
}

/** Sums of each measure. */
export type Sums = Readonly<Record<string, bigint>>;

/**
 * Adds the cells that are chosen up, group by group.
 *
 * @param groupOf the group of a cell, which any key may name; undefined leaves the cell out
 */
export function gather<Key>(
  cube: Cube,
  { span, currency }: Choice,
  groupOf: (cell: {
    readonly day: number;
    readonly currency: number;
    readonly member: readonly string[];
  }) => Key | undefined,
): Map<Key, Sums> {
  const names = Object.keys(cube.measures);
  const groups = new Map<Key, Total[]>();
  const end = firstAfter(cube.days, span.to);
  for (let i = firstAfter(cube.days, span.from - 1); i < end; i++) {
    if (currency !== undefined && cube.currency[i] !== currency) continue;
    const key = groupOf({
      day: cube.days[i]!,
      currency: cube.currency[i]!,
      member: cube.members[cube.member[i]!]!,
    });
    if (key === undefined) continue;
    let totals = groups.get(key);
    if (totals === undefined) groups.set(key, (totals = names.map(() => new Total())));
    for (let measure = 0; measure < names.length; measure++) {
      totals[measure]!.add(cube.measures[names[measure]!]![i]!);
    }
  }
  return new Map(
    [...groups].map(([key, totals]) => [key, Object.fromEntries(names.map((name, i) => [name, totals[i]!.value]))]),
  );
}

/** All chosen cells in one sum; 0 of everything where there are none. */
export function sum(cube: Cube, choice: Choice): Sums {
  const none = Object.fromEntries(Object.keys(cube.measures).map((name) => [name, 0n]));
  return gather(cube, choice, () => 0).get(0) ?? none;
}

/** The place of the first day that is later. Days are in order. */
export function firstAfter(days: { readonly length: number; readonly [i: number]: number }, day: number): number {
  let [low, high] = [0, days.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (days[middle]! <= day) low = middle + 1;
    else high = middle;
  }
  return low;
}
