import { spanText } from './calendar.ts';
import { palette } from './chart.ts';
import { sum } from './gather.ts';
import { count, shortCount, within, type Money } from './numbers.ts';
import { along, barsOverTime, bucketTip, peak, stepText, timeAxis, timelineOf, type Series } from './timeline.ts';
import { choiceOf, show, type Context } from './view.ts';

/** Revenue, units and average price over time. */
export function showSales(context: Context): void {
  const { cubes, money, span } = context;
  const cube = cubes.sales_by_day;
  const timeline = timelineOf(span, cube.grain);
  const sums = along(timeline, cube, choiceOf(context));
  const values = (measure: string): bigint[] => sums.map((each) => each?.[measure] ?? 0n);
  const [orders, units, revenue] = [values('orders'), values('units'), values('revenue')];
  if (orders.every((each) => each === 0n)) {
    const says = `No orders${within(money)} within these dates.`;
    show('revenue', { says });
    show('units', { says });
    return;
  }
  const table = {
    texts: 1,
    head: ['Dates', 'Orders', 'Units', `Revenue, ${money.code}`, 'Average price'],
    rows: timeline.buckets.map((bucket, i) => [
      spanText(bucket),
      count(orders[i]!),
      count(units[i]!),
      money.exact(revenue[i]!),
      money.average(revenue[i]!, units[i]!),
    ]),
  };
  const best = peak(revenue);
  show('revenue', {
    says: `${money.code}, ${stepText(timeline.step)}. Most: ${money.short(revenue[best]!)}, ${spanText(timeline.buckets[best]!)}.`,
    chart: { option: barsOverTime(timeline, [moneySeries('Revenue', revenue, money, 0)]), height: 300 },
    table,
  });
  const total = sum(cube, choiceOf(context));
  show('units', {
    says: `${count(total.units!)} units at ${money.average(total.revenue!, total.units!)} on average.`,
    chart: { option: unitsAndPrice(timeline.buckets, units, revenue, money), height: 300 },
    table,
  });
}

export const moneySeries = (name: string, values: readonly bigint[], money: Money, colour: number): Series => ({
  name,
  values,
  size: money.size,
  text: money.exact,
  axis: money.axis,
  colour,
});

/** Two charts with one time axis: two scales in one chart would make lines cross that have nothing to do with each other. */
function unitsAndPrice(buckets: Parameters<typeof timeAxis>[0], units: bigint[], revenue: bigint[], money: Money) {
  const { muted, line, text, series } = palette();
  const price = (i: number): number | null => (units[i] === 0n ? null : money.size(revenue[i]!) / Number(units[i]!));
  const unitSeries: Series = { name: 'Units', values: units, size: Number, text: count, axis: shortCount, colour: 1 };
  const label = { color: text, fontSize: 13, fontWeight: 'normal' };
  const axis = {
    type: 'value',
    splitNumber: 2,
    axisLabel: { color: muted },
    splitLine: { lineStyle: { color: line } },
  };
  return {
    title: [
      { text: 'Units', left: 0, top: 0, textStyle: label },
      { text: 'Average price', left: 0, top: 156, textStyle: label },
    ],
    axisPointer: { link: [{ xAxisIndex: 'all' }] },
    grid: [
      { left: 52, right: 8, top: 28, height: 110 },
      { left: 52, right: 8, top: 184, height: 86 },
    ],
    xAxis: [
      { ...timeAxis(buckets), axisLabel: { show: false } },
      { ...timeAxis(buckets), gridIndex: 1 },
    ],
    yAxis: [
      { ...axis, axisLabel: { color: muted, formatter: shortCount } },
      {
        ...axis,
        gridIndex: 1,
        scale: true,
        axisLabel: { color: muted, formatter: money.axis },
      },
    ],
    tooltip: {
      trigger: 'axis',
      formatter: bucketTip(buckets, [
        unitSeries,
        { ...moneySeries('Average price', revenue, money, 0), text: (amount, i) => money.average(amount, units[i]!) },
      ]),
    },
    series: [
      {
        type: 'bar',
        data: units.map(Number),
        itemStyle: { color: series[1], borderRadius: [3, 3, 0, 0] },
        barMaxWidth: 36,
      },
      {
        type: 'line',
        data: units.map((_, i) => price(i)),
        xAxisIndex: 1,
        yAxisIndex: 1,
        itemStyle: { color: series[0] },
        symbolSize: 5,
      },
    ],
  };
}
