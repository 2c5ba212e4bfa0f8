import { firstOfAll, lastOfAll, longDate, spanText } from './calendar.ts';
import { palette, tip } from './chart.ts';
import { find, findSelect } from './dom.ts';
import { gather, type Sums } from './gather.ts';
import { count, counted, percent, within } from './numbers.ts';
import { along, barsOverTime, stepText, timelineOf, type Series } from './timeline.ts';
import { choiceOf, show, type Context } from './view.ts';

/** Which payments a reader asks about. Types of payment that are not known here are in the last group. */
export const directions = [
  { id: 'receive', name: 'To receive from customers', has: (type: string) => type === 'SALES_RECEIPT' },
  { id: 'pay', name: 'To pay to suppliers', has: (type: string) => type === 'PURCHASE_PAYMENT' },
  {
    id: 'other',
    name: 'Refunds and other payments',
    has: (type: string) => type !== 'SALES_RECEIPT' && type !== 'PURCHASE_PAYMENT',
  },
] as const;
export type Direction = (typeof directions)[number];

/** Ages of what is unpaid: days from the last day of the dates to the due day, both ends within. */
const ages = [
  { name: 'Over 90 days overdue', from: -Infinity, to: -91 },
  { name: '61 to 90 days overdue', from: -90, to: -61 },
  { name: '31 to 60 days overdue', from: -60, to: -31 },
  { name: '1 to 30 days overdue', from: -30, to: -1 },
  { name: 'Due within 7 days', from: 0, to: 7 },
  { name: 'Due in 8 to 30 days', from: 8, to: 30 },
  { name: 'Due later', from: 31, to: Infinity },
] as const;

const timings = [
  { name: 'On time', value: 'on time', colour: 0 },
  { name: '1 to 7 days late', value: '1 to 7 days late', colour: 3 },
  { name: '8 to 30 days late', value: '8 to 30 days late', colour: 2 },
  { name: 'Over 30 days late', value: 'over 30 days late', colour: 4 },
  { name: 'Unpaid', value: 'unpaid', colour: 1 },
] as const;

const nothing: Sums = { payments: 0n, amount: 0n };
const plus = (a: Sums, b: Sums): Sums => ({ payments: a.payments! + b.payments!, amount: a.amount! + b.amount! });

/** What is unpaid, by age: one sum for each of `ages`. */
function unpaid({ cubes, currency, asOf }: Context, direction: Direction): Sums[] {
  const everything = { span: { from: firstOfAll, to: lastOfAll }, currency };
  const groups = gather(cubes.payments_by_due_day, everything, ({ day, member: [type, timing] }) => {
    if (timing !== 'unpaid' || !direction.has(type!)) return undefined;
    return ages.findIndex(({ from, to }) => day - asOf >= from && day - asOf <= to);
  });
  return ages.map((_, i) => groups.get(i) ?? nothing);
}

/** What customers owe, and what of it is overdue. */
export function receivable(context: Context): { outstanding: Sums; overdue: Sums } {
  const sums = unpaid(context, directions[0]);
  return {
    outstanding: sums.reduce(plus, nothing),
    overdue: sums.filter((_, i) => ages[i]!.to < 0).reduce(plus, nothing),
  };
}

/** Payments due and overdue, and how punctually payments were made. */
export function showPayments(context: Context): void {
  showDue(context, chosen('due'));
  showPunctual(context, chosen('punctual'));
}

const chosen = (id: string): Direction => directions[findSelect(`#${id} select`).selectedIndex]!;

function showDue(context: Context, direction: Direction): void {
  const { money, asOf } = context;
  const sums = unpaid(context, direction);
  const outstanding = sums.reduce(plus, nothing);
  const overdue = sums.filter((_, i) => ages[i]!.to < 0).reduce(plus, nothing);
  if (outstanding.payments === 0n) {
    show('due', { says: `Nothing${within(money)} is unpaid here.` });
    return;
  }
  const { text, muted, series } = palette();
  show('due', {
    says:
      `On ${longDate(asOf)}: ${money.short(outstanding.amount!)} unpaid, ` +
      (overdue.payments === 0n
        ? 'nothing overdue.'
        : `${money.short(overdue.amount!)} of it overdue in ${counted(overdue.payments!, 'payment')}.`),
    chart: {
      height: ages.length * 34 + 8,
      option: {
        grid: { left: 0, right: 72, top: 4, bottom: 4, containLabel: true },
        xAxis: { type: 'value', show: false },
        yAxis: {
          type: 'category',
          inverse: true,
          data: ages.map(({ name }) => name),
          axisLabel: { color: text, fontSize: 13 },
          axisTick: { show: false },
          axisLine: { show: false },
        },
        tooltip: {
          trigger: 'axis',
          axisPointer: { type: 'shadow' },
          formatter: (points: readonly { readonly dataIndex: number }[]) => {
            const { name } = ages[points[0]!.dataIndex]!;
            const { payments, amount } = sums[points[0]!.dataIndex]!;
            return tip(name, [
              ['Amount', money.exact(amount!)],
              ['Payments', count(payments!)],
            ]);
          },
        },
        series: [
          {
            type: 'bar',
            barMaxWidth: 18,
            data: sums.map(({ amount }, i) => ({
              value: money.size(amount!),
              itemStyle: { color: series[ages[i]!.to < 0 ? 2 : 0], borderRadius: [0, 3, 3, 0] },
            })),
            label: {
              show: true,
              position: 'right',
              color: muted,
              formatter: ({ dataIndex }: { dataIndex: number }) => money.short(sums[dataIndex]!.amount!),
            },
          },
        ],
      },
    },
    table: {
      texts: 1,
      head: ['Age', 'Payments', `Amount, ${money.code}`],
      rows: ages.map(({ name }, i) => [name, count(sums[i]!.payments!), money.exact(sums[i]!.amount!)]),
    },
  });
}

function showPunctual(context: Context, direction: Direction): void {
  const { cubes, money, span, grain } = context;
  const timeline = timelineOf(span, grain);
  const of = (value: string) =>
    along(
      timeline,
      cubes.payments_by_due_day,
      choiceOf(context),
      ([type, timing]) => direction.has(type!) && timing === value,
    );
  const columns = timings.map((timing) => ({ ...timing, sums: of(timing.value).map((each) => each ?? nothing) }));
  const totals = columns.map(({ sums }) => sums.reduce(plus, nothing));
  const all = totals.reduce(plus, nothing);
  if (all.payments === 0n) {
    show('punctual', { says: `No payments${within(money)} fall due within these dates.` });
    return;
  }
  const [onTime, unpaidNow] = [totals[0]!, totals[timings.length - 1]!];
  const paid = all.payments! - unpaidNow.payments!;
  const series = columns.map(({ name, sums, colour }): Series => {
    const payments = sums.map((each) => each.payments!);
    return {
      name,
      values: payments,
      size: Number,
      text: count,
      axis: (size) => count(BigInt(Math.round(size))),
      colour,
      stack: 'payments',
    };
  });
  show('punctual', {
    says:
      (paid === 0n
        ? 'No payment was made; '
        : `${percent(onTime.payments!, paid)} of ${counted(paid, 'payment')} made were on time; `) +
      `unpaid of what fell due: ${count(unpaidNow.payments!)}. Payments ${stepText(timeline.step)}.`,
    chart: {
      option: barsOverTime(
        timeline,
        series.filter(({ values }) => values.some((each) => each > 0n)),
        find('#punctual .chart').clientWidth,
      ),
      height: 300,
    },
    table: {
      texts: 1,
      head: ['Fell due', ...timings.map(({ name }) => name), ...timings.map(({ name }) => `${name}, ${money.code}`)],
      rows: timeline.buckets.map((bucket, i) => [
        spanText(bucket),
        ...columns.map(({ sums }) => count(sums[i]!.payments!)),
        ...columns.map(({ sums }) => money.exact(sums[i]!.amount!)),
      ]),
    },
  });
}
