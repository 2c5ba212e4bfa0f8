import fc from 'fast-check';
import { closing, dateText, opening, timestampText, weekday } from './calendar.ts';
import { history, orderTimes, paymentsMarked, planHistory, type Placed } from './history.ts';
import { random } from './random.ts';

const catalogue = {
  design: [1, 2, 3],
  staff: [1, 2],
  counterparty: [1, 2],
  currency: [1, 2, 3],
  address: [1, 2],
  paymentType: { SALES_RECEIPT: 1, SALES_REFUND: 2, PURCHASE_PAYMENT: 3, PURCHASE_REFUND: 4 },
};

test('exactly the sales asked for, half as many purchases, with keys that count', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 500 }), fc.maxSafeInteger(), (sales, seed) => {
      const placed = [...history(planHistory(sales, seed), catalogue)];
      const ids = (kind: string) => placed.filter(({ order }) => order.kind === kind).map(({ id }) => id);
      const upTo = (count: number) => Array.from({ length: count }, (_, index) => index + 1);
      expect(ids('SALE')).toEqual(upTo(sales));
      expect(ids('PURCHASE')).toEqual(upTo(Math.round(sales / 2)));
      expect(placed.map(({ transaction }) => transaction)).toEqual(upTo(sales + Math.round(sales / 2)));
    }),
    { numRuns: 50 },
  );
});

test('the same plan gives the same orders, another seed others', () => {
  const orders = (seed: number): Placed[] => [...history(planHistory(50, seed), catalogue)];
  expect(orders(1)).toEqual(orders(1));
  expect(orders(1)).not.toEqual(orders(2));
});

test('orders follow each other through weekdays and office hours, some at the same moment', () => {
  const plan = planHistory(2_000, 1);
  const moments = [...history(plan, catalogue)].map(({ order }) => order.at);
  expect(moments).toEqual([...moments].sort());
  expect(moments.every((at) => at.slice(11) >= '09:00:00.000' && at.slice(11) < '17:30:00.000')).toBe(true);
  const ties = moments.filter((at, index) => at === moments[index - 1]).length;
  expect(ties).toBeGreaterThan(50);
  expect(plan.days.every(({ day }) => weekday(day) < 5)).toBe(true);
});

test('a small shop takes some 20 sales a weekday; a large one is busier and still ends within three years', () => {
  const usual = planHistory(10_000, 1);
  expect(dateText(usual.days[0]!.day)).toBe('2022-11-03');
  expect(usual.days.length).toBeGreaterThan(450);
  expect(usual.days.length).toBeLessThan(550);
  for (const sales of [1_000_000, 100_000_000]) {
    const { days } = planHistory(sales, 1);
    expect(dateText(days.at(-1)!.day) < '2025-11-03').toBe(true);
    expect(days.reduce((sum, { orders }) => sum + orders, 0)).toBe(sales * 1.5);
  }
});

test('payments are marked on the next working morning, all that are due at one moment, the last ones not yet', () => {
  const plan = planHistory(1_000, 1);
  const marked = paymentsMarked(plan);
  const friday = plan.days[1]!.day;
  expect(dateText(friday)).toBe('2022-11-04');
  expect(marked(friday)).toMatch(/^2022-11-04 07:0\d:\d\d\.\d{3}$/);
  expect(marked(friday + 1)).toMatch(/^2022-11-07 07:0/);
  expect(marked(friday + 2)).toBe(marked(friday + 1));
  expect(marked(friday + 3)).toBe(marked(friday + 1));
  expect(marked(plan.days.at(-1)!.day)).toBeDefined();
  expect(marked(plan.days.at(-1)!.day + 1)).toBeUndefined();
});

test('times of a day never fall and stay in it, however many there are', () => {
  fc.assert(
    fc.property(fc.maxSafeInteger(), fc.constantFrom(1, 2, 7, 30, 1_000, 60_000), (seed, count) => {
      const times = [...orderTimes(random(seed), count)];
      expect(times).toHaveLength(count);
      let previous = opening;
      for (const time of times) {
        if (time < previous || time >= closing) throw new Error(`${timestampText(0, time)} after ${previous}`);
        previous = time;
      }
    }),
    { numRuns: 30 },
  );
});
