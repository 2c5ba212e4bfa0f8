import { spanText } from './calendar.ts';
import { palette, tip } from './chart.ts';
import { count, moneyOf } from './numbers.ts';
import { along, stepText, timeAxis, timelineOf } from './timeline.ts';
import { show, type Context } from './view.ts';

/** More small charts than this would be too small. */
const mostShown = 6;

/** Revenue of each currency by itself: small charts, each with its own scale. The choice of a currency is not asked. */
export function showCurrencies({ report, cubes, span }: Context): void {
  const cube = cubes.sales_by_day;
  const timeline = timelineOf(span, cube.grain);
  const rows = report.currencies
    .map((code, currency) => {
      const sums = along(timeline, cube, { span, currency });
      const values = sums.map((each) => each?.revenue ?? 0n);
      return {
        money: moneyOf(code, report.scale),
        values,
        revenue: values.reduce((a, b) => a + b, 0n),
        orders: sums.reduce((a, each) => a + (each?.orders ?? 0n), 0n),
      };
    })
    .filter(({ orders }) => orders > 0n)
    // By orders: the currencies' amounts cannot be compared.
    .sort((a, b) => Number(b.orders - a.orders));
  if (rows.length === 0) {
    show('currencies', { says: 'No orders within these dates.' });
    return;
  }
  const drawn = rows.slice(0, mostShown);
  const { text, line, series } = palette();
  const height = drawn.length <= 3 ? 100 : 70;
  const top = (i: number): number => i * height + 22;
  const buckets = timeline.buckets;
  show('currencies', {
    says:
      `${rows.length === 1 ? 'One currency' : `${rows.length} currencies`}, ${stepText(timeline.step)}.` +
      (rows.length > mostShown ? ` The ${mostShown} with most orders are drawn.` : ''),
    chart: {
      height: drawn.length * height,
      option: {
        title: drawn.map(({ money, revenue }, i) => ({
          text: `${money.code}  ${money.short(revenue)}`,
          left: 0,
          top: top(i) - 22,
          textStyle: { color: text, fontSize: 13, fontWeight: 'normal' },
        })),
        grid: drawn.map((_, i) => ({ left: 2, right: 2, top: top(i), height: height - 32 })),
        xAxis: drawn.map((_, i) => ({ ...timeAxis(buckets), gridIndex: i, axisLabel: { show: false } })),
        yAxis: drawn.map((_, i) => ({
          type: 'value',
          gridIndex: i,
          show: false,
          splitLine: { lineStyle: { color: line } },
        })),
        tooltip: {
          trigger: 'axis',
          axisPointer: { type: 'shadow' },
          formatter: (points: readonly { readonly dataIndex: number; readonly seriesIndex: number }[]) => {
            const { dataIndex, seriesIndex } = points[0]!;
            const { money, values } = drawn[seriesIndex]!;
            return tip(spanText(buckets[dataIndex]!), [[money.code, money.exact(values[dataIndex]!)]]);
          },
        },
        series: drawn.map(({ money, values }, i) => ({
          type: 'bar',
          name: money.code,
          xAxisIndex: i,
          yAxisIndex: i,
          data: values.map(money.size),
          itemStyle: { color: series[i % series.length], borderRadius: [2, 2, 0, 0] },
          barCategoryGap: '20%',
        })),
      },
    },
    table: {
      texts: 1,
      head: ['Currency', 'Orders', 'Revenue'],
      rows: rows.map(({ money, orders, revenue }) => [money.code, count(orders), money.exact(revenue)]),
    },
  });
}
