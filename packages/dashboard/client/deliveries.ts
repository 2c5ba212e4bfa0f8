import { spanText } from './calendar.ts';
import { divide, decimalText } from './exact.ts';
import { count, counted, percent, within } from './numbers.ts';
import { moneySeries } from './sales.ts';
import { along, barsOverTime, stepText, timelineOf, type Series } from './timeline.ts';
import { choiceOf, show, type Context } from './view.ts';

const add = (values: readonly bigint[]): bigint => values.reduce((a, b) => a + b, 0n);
const counts = (name: string, values: readonly bigint[], colour: number, stack: string): Series => ({
  name,
  values,
  size: Number,
  text: count,
  axis: (size) => count(BigInt(Math.round(size))),
  colour,
  stack,
});

/** Agreed deliveries, and those that were moved to another day. */
export function showDeliveries(context: Context): void {
  const { cubes, money, span, grain } = context;
  const timeline = timelineOf(span, grain);
  const of = (wanted: (member: readonly string[]) => boolean, measure = 'orders'): bigint[] =>
    along(timeline, cubes.deliveries_by_day, choiceOf(context), wanted).map((each) => each?.[measure] ?? 0n);
  const sales = of(([kind]) => kind === 'sale');
  const purchases = of(([kind]) => kind === 'purchase');
  const later = of(([, agreement]) => agreement === 'moved later');
  const earlier = of(([, agreement]) => agreement === 'moved earlier');
  const all = add(sales) + add(purchases);
  if (all === 0n) {
    show('deliveries', { says: `No deliveries of orders${within(money)} are agreed for these dates.` });
    return;
  }
  const lead = divide(add(of(() => true, 'lead_days')) * 10n, all);
  const moved = add(later) + add(earlier);
  show('deliveries', {
    says:
      `${counted(all, 'delivery', 'deliveries')}, on average ${decimalText(lead, 1)} days after the order; ${count(moved)} moved to ` +
      `another day (${percent(moved, all)}).`,
    chart: {
      option: barsOverTime(timeline, [counts('To customers', sales, 0, 'kind'), counts('To us', purchases, 2, 'kind')]),
      height: 300,
    },
    table: {
      texts: 1,
      head: ['Agreed for', 'To customers', 'To us', 'Moved later', 'Moved earlier'],
      rows: timeline.buckets.map((bucket, i) => [
        spanText(bucket),
        count(sales[i]!),
        count(purchases[i]!),
        count(later[i]!),
        count(earlier[i]!),
      ]),
    },
  });
}

/** How often orders changed after they were placed, and what that did to their worth. */
export function showChanges(context: Context): void {
  const { cubes, money, span, grain } = context;
  const timeline = timelineOf(span, grain);
  const of = (kind: string, measure: string): bigint[] =>
    along(timeline, cubes.changes_by_day, choiceOf(context), ([each]) => each === kind).map(
      (each) => each?.[measure] ?? 0n,
    );
  const [sales, purchases] = [of('sale', 'changes'), of('purchase', 'changes')];
  const [saleValue, purchaseValue] = [of('sale', 'value_change'), of('purchase', 'value_change')];
  if (add(sales) + add(purchases) === 0n) {
    show('changes', { says: `No order${within(money)} was seen to change within these dates.` });
    return;
  }
  const signed = (value: bigint): string => `${value > 0n ? '+' : ''}${money.short(value)}`;
  const hasValue = [...saleValue, ...purchaseValue].some((value) => value !== 0n);
  show('changes', {
    says:
      `Sales: ${counted(add(sales), 'change')}, ${signed(add(saleValue))} in value. Purchases: ` +
      `${counted(add(purchases), 'change')}, ${signed(add(purchaseValue))}. ` +
      (hasValue ? `Drawn is the change in value, ${stepText(timeline.step)}.` : 'None altered what an order is worth.'),
    ...(hasValue && {
      chart: {
        option: barsOverTime(timeline, [
          moneySeries('Sales', saleValue, money, 0),
          moneySeries('Purchases', purchaseValue, money, 2),
        ]),
        height: 300,
      },
    }),
    table: {
      texts: 1,
      head: ['Changed', 'Sales', `Change in value, ${money.code}`, 'Purchases', `Change in value, ${money.code}`],
      rows: timeline.buckets.map((bucket, i) => [
        spanText(bucket),
        count(sales[i]!),
        money.exact(saleValue[i]!),
        count(purchases[i]!),
        money.exact(purchaseValue[i]!),
      ]),
    },
  });
}
