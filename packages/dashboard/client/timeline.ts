import type { EChartsCoreOption } from 'echarts/core';
import type { Grain } from '../src/data.ts';
import { bucketsOf, spanText, stepFor, type Bucket, type Span, type Step } from './calendar.ts';
import { palette, tip } from './chart.ts';
import { firstAfter, gather, type Choice, type Cube, type Sums } from './gather.ts';

/** A span cut into steps, and what each cube has in each. */
export interface Timeline {
  readonly step: Step;
  readonly buckets: readonly Bucket[];
}

export function timelineOf(span: Span, grain: Grain): Timeline {
  const step = stepFor(span, grain);
  return { step, buckets: bucketsOf(span, step) };
}

/** A cube's sums for each bucket; undefined where it has no cell there. */
export function along(
  { buckets }: Timeline,
  cube: Cube,
  choice: Choice,
  wanted?: (member: readonly string[]) => boolean,
) {
  const starts = buckets.map(({ from }) => from);
  const sums = gather(cube, choice, ({ day, member }) =>
    wanted === undefined || wanted(member) ? firstAfter(starts, day) - 1 : undefined,
  );
  return buckets.map((_, i): Sums | undefined => sums.get(i));
}

/** One line or row of bars along the time. */
export interface Series {
  readonly name: string;
  readonly values: readonly bigint[];
  readonly size: (value: bigint) => number;
  readonly text: (value: bigint, at: number) => string;
  /** How a number of the axis is written. */
  readonly axis: (size: number) => string;
  /** A place in the palette. */
  readonly colour: number;
  readonly stack?: string;
}

/**
 * Bars over time, side by side or stacked.
 *
 * @param width of the chart in pixels, where the names of the series may take more than one line above it
 */
export function barsOverTime({ buckets }: Timeline, series: readonly Series[], width = Infinity): EChartsCoreOption {
  const { muted, line, series: colours } = palette();
  const [first] = series;
  return {
    grid: {
      left: 4,
      right: 8,
      top: series.length > 1 ? 18 + 22 * linesFor(series, width) : 12,
      bottom: 4,
      containLabel: true,
    },
    legend: series.length > 1 ? legend() : undefined,
    xAxis: timeAxis(buckets),
    yAxis: {
      type: 'value',
      splitNumber: 4,
      axisLabel: { color: muted, formatter: first!.axis },
      splitLine: { lineStyle: { color: line } },
    },
    tooltip: { trigger: 'axis', axisPointer: { type: 'shadow' }, formatter: bucketTip(buckets, series) },
    series: series.map(({ name, values, size, colour, stack }) => ({
      name,
      type: 'bar',
      stack,
      data: values.map(size),
      itemStyle: { color: colours[colour], borderRadius: stack === undefined ? [3, 3, 0, 0] : 0 },
      barMaxWidth: 36,
      barGap: '10%',
      barCategoryGap: '28%',
    })),
  };
}

export const timeAxis = (buckets: readonly Bucket[]) => {
  const { muted, line } = palette();
  return {
    type: 'category',
    data: buckets.map(({ label }) => label),
    axisLabel: { color: muted, hideOverlap: true },
    axisTick: { show: false },
    axisLine: { lineStyle: { color: line } },
  };
};

/** How many lines the legend takes, about: letters of 7.5 pixels, and 28 for a mark and the space around it. */
function linesFor(series: readonly Series[], width: number): number {
  let [lines, used] = [1, 0];
  for (const { name } of series) {
    const needed = name.length * 7.5 + 28;
    if (used > 0 && used + needed > width) [lines, used] = [lines + 1, 0];
    used += needed;
  }
  return lines;
}

export const legend = () => ({
  top: 0,
  left: 0,
  icon: 'roundRect',
  itemWidth: 12,
  itemHeight: 12,
  textStyle: { color: palette().text, fontSize: 13 },
});

/** The dates of a bucket with the figure of each series. */
export const bucketTip =
  (buckets: readonly Bucket[], series: readonly Series[]) =>
  (points: readonly { readonly dataIndex: number }[]): HTMLElement => {
    const at = points[0]!.dataIndex;
    return tip(
      spanText(buckets[at]!),
      series.map(({ name, values, text }): [string, string] => [name, text(values[at]!, at)]),
    );
  };

/** `by week` */
export const stepText = (step: Step): string => `by ${step}`;

/** The place of the greatest value. */
export const peak = (values: readonly bigint[]): number =>
  values.reduce((best, value, i) => (value > values[best]! ? i : best), 0);
