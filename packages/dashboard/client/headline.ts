import { before, longDate, spanText } from './calendar.ts';
import { element, find } from './dom.ts';
import { sum } from './gather.ts';
import { change, count, counted, none } from './numbers.ts';
import { receivable } from './payments.ts';
import { choiceOf, type Context } from './view.ts';

interface Figure {
  readonly id: string;
  readonly title: string;
  /** What is read at a glance. */
  readonly short: string;
  /** The figure to its last digit, or what is counted. */
  readonly exact: string;
  readonly note: string;
}

/**
 * The figures of the dates, and how they compare with as many days before.
 *
 * @param context of what is sold
 * @param alone of what is owed, which is not converted
 */
export function showHeadline(context: Context, alone: Context): void {
  find('#headline').replaceChildren(
    ...[...sales(context), ...owed(alone, context === alone ? '' : `, in ${alone.money.code} alone`)].map(
      ({ id, title, short, exact, note }) =>
        element(
          'div',
          { id: `headline-${id}` },
          element('dt', {}, title),
          element(
            'dd',
            {},
            element('span', { class: 'big' }, short),
            element('span', { class: 'exact' }, exact),
            element('span', { class: 'note' }, note),
          ),
        ),
    ),
  );
}

function sales(context: Context): Figure[] {
  const { cubes, money, span, currency } = context;
  const cube = cubes.sales_by_day;
  const now = sum(cube, choiceOf(context));
  const earlier = before(span);
  const then = sum(cube, { span: earlier, currency });
  // A period that begins before there was any business is no fair comparison.
  const known = cube.days.length > 0 && earlier.from >= cube.days[0]!;
  const compared = (figure: (sums: typeof now) => readonly [bigint, bigint]): string => {
    if (!known) return 'nothing before to compare with';
    const [[a, b], [c, d]] = [figure(now), figure(then)];
    if (b === 0n || d === 0n) return none;
    const words = change(a * d, c * b);
    return words === undefined ? `none in ${spanText(earlier)}` : `${words} on ${spanText(earlier)}`;
  };
  return [
    {
      id: 'revenue',
      title: 'Revenue',
      short: money.short(now.revenue!),
      exact: money.exact(now.revenue!),
      note: compared(({ revenue }) => [revenue!, 1n]),
    },
    {
      id: 'orders',
      title: 'Orders',
      short: count(now.orders!),
      exact: 'sales orders placed',
      note: compared(({ orders }) => [orders!, 1n]),
    },
    {
      id: 'units',
      title: 'Units sold',
      short: shortUnits(now.units!),
      exact: count(now.units!),
      note: compared(({ units }) => [units!, 1n]),
    },
    {
      id: 'price',
      title: 'Average price',
      short: money.average(now.revenue!, now.units!, money.digits),
      exact: `${money.average(now.revenue!, now.units!)} a unit`,
      note: compared(({ revenue, units }) => [revenue!, units!]),
    },
  ];
}

const shortUnits = (units: bigint): string =>
  new Intl.NumberFormat('en-GB', { notation: 'compact', maximumSignificantDigits: 3 }).format(units);

function owed(context: Context, which: string): Figure[] {
  const { money, asOf } = context;
  const { outstanding, overdue } = receivable(context);
  const figure = (
    id: string,
    title: string,
    { amount, payments }: typeof overdue,
    note: (payments: bigint) => string,
  ): Figure => ({
    id,
    title,
    short: money.short(amount!),
    exact: money.exact(amount!),
    note: `${note(payments!)}${which}`,
  });
  return [
    figure(
      'outstanding',
      'Outstanding',
      outstanding,
      (payments) => `${counted(payments, 'payment')} by customers ${payments === 1n ? 'is' : 'are'} unpaid now`,
    ),
    figure(
      'overdue',
      'Overdue',
      overdue,
      (payments) => `${counted(payments, 'payment')} ${payments === 1n ? 'was' : 'were'} due before ${longDate(asOf)}`,
    ),
  ];
}
