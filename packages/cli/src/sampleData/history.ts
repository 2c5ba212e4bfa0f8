import { closing, dayOf, opening, timeOfDay, timestampText, workdayFrom } from './calendar.ts';
import { placeOrder, type Catalogue, type Order } from './orders.ts';
import { random, type Random } from './random.ts';

/** The first day of business. */
export const firstDay = dayOf('2022-11-03');

/** A shop that stays small takes this many orders a weekday: 20 sales and 10 purchases. */
const usualOrders = 30;
/** A larger one takes more, so that its history ends within three years (of some 260 weekdays). */
const mostDays = 750;

interface Workday {
  readonly day: number;
  readonly orders: number;
  /** When the day's morning job marked the payments that were due paid: one moment for all of them. */
  readonly paidAt: string;
}

/** How a shop's history goes: which days it worked, and how much. Small, whatever the number of orders. */
export interface Plan {
  readonly seed: number;
  readonly sales: number;
  readonly purchases: number;
  readonly days: readonly Workday[];
}

/** An order with the ids that its rows have. */
export interface Placed {
  readonly order: Order;
  /** In sales_order or purchase_order. */
  readonly id: number;
  /** In transaction and in payment. */
  readonly transaction: number;
}

/** A history of so many sales, and half as many purchases. */
export function planHistory(sales: number, seed: number): Plan {
  const purchases = Math.round(sales / 2);
  const source = random(seed, 1);
  const usual = Math.max(usualOrders, Math.ceil((sales + purchases) / mostDays));
  const days: Workday[] = [];
  let left = sales + purchases;
  for (let day = firstDay; left > 0; day = workdayFrom(day + 1)) {
    const orders = Math.min(left, source.between(Math.ceil(usual * 0.75), Math.floor(usual * 1.25)));
    days.push({ day, orders, paidAt: morningJob(day, source) });
    left -= orders;
  }
  return { seed, sales, purchases, days };
}

/** Every order of the history, as it happened. The same plan and catalogue give the same orders each time. */
export function* history(plan: Plan, catalogue: Catalogue): Generator<Placed, void, undefined> {
  const source = random(plan.seed, 2);
  const left = { sales: plan.sales, purchases: plan.purchases };
  for (const { day, orders } of plan.days) {
    for (const time of orderTimes(source, orders)) {
      const at = timestampText(day, time);
      const bought = source.below(left.sales + left.purchases) < left.purchases;
      if (bought) left.purchases--;
      else left.sales--;
      const [sales, purchases] = [plan.sales - left.sales, plan.purchases - left.purchases];
      yield {
        order: placeOrder(source, catalogue, bought ? 'PURCHASE' : 'SALE', day, at),
        id: bought ? purchases : sales,
        transaction: sales + purchases,
      };
    }
  }
}

/** When the payments that come in on some day were marked paid: the next working morning, where the history reaches it. */
export function paymentsMarked(plan: Plan): (paymentDay: number) => string | undefined {
  const marked = new Map(plan.days.map(({ day, paidAt }) => [day, paidAt]));
  return (paymentDay) => marked.get(workdayFrom(paymentDay));
}

/** When the job that marks due payments paid ran on a day: soon after seven. */
export const morningJob = (day: number, source: Random): string =>
  timestampText(day, timeOfDay(7) + source.below(600_000));

/** `count` times of a working day, never falling; one in twenty equals the one before it. */
export function* orderTimes(source: Random, count: number): Generator<number, void, undefined> {
  const share = (closing - opening) / count;
  let time = opening;
  for (let number = 0; number < count; number++) {
    const own = opening + Math.floor(number * share) + source.below(Math.ceil(share));
    if (number === 0 || !source.oneIn(20)) time = own;
    yield time;
  }
}
