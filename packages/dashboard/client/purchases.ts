import { spanText } from './calendar.ts';
import { count, counted, within } from './numbers.ts';
import { moneySeries } from './sales.ts';
import { along, barsOverTime, stepText, timelineOf } from './timeline.ts';
import { choiceOf, show, type Context } from './view.ts';

const add = (values: readonly bigint[]): bigint => values.reduce((a, b) => a + b, 0n);

/** What was bought against what was sold. */
export function showPurchases(context: Context): void {
  const { cubes, money, span, grain } = context;
  const timeline = timelineOf(span, grain);
  const sold = along(timeline, cubes.sales_by_day, choiceOf(context));
  const bought = along(timeline, cubes.purchases_by_day, choiceOf(context));
  const revenue = sold.map((each) => each?.revenue ?? 0n);
  const cost = bought.map((each) => each?.cost ?? 0n);
  const orders = add(bought.map((each) => each?.orders ?? 0n));
  if (orders === 0n && revenue.every((each) => each === 0n)) {
    show('purchases', { says: `Neither sales nor purchases${within(money)} within these dates.` });
    return;
  }
  const difference = add(revenue) - add(cost);
  show('purchases', {
    says:
      `${money.code}, ${stepText(timeline.step)}: sold ${money.short(add(revenue))}, bought ${money.short(add(cost))} ` +
      `with ${counted(orders, 'order')}; sales less purchases ${money.short(difference)}.`,
    chart: {
      option: barsOverTime(timeline, [
        moneySeries('Sales', revenue, money, 0),
        moneySeries('Purchases', cost, money, 2),
      ]),
      height: 300,
    },
    table: {
      texts: 1,
      head: [
        'Dates',
        `Sales, ${money.code}`,
        'Purchase orders',
        'Items',
        `Purchases, ${money.code}`,
        'Sales less purchases',
      ],
      rows: timeline.buckets.map((bucket, i) => [
        spanText(bucket),
        money.exact(revenue[i]!),
        count(bought[i]?.orders ?? 0n),
        count(bought[i]?.items ?? 0n),
        money.exact(cost[i]!),
        money.exact(revenue[i]! - cost[i]!),
      ]),
    },
  });
}
