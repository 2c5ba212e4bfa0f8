import { Converter } from '../client/convert.ts';
import { sum, type Cube, type Cubes } from '../client/gather.ts';
import { moneyOf } from '../client/numbers.ts';

const currencies = ['EUR', 'GBP', 'USD'];
/** Days 1 to 4, an order of 10.00 in each currency on each. */
const sales: Cube = {
  grain: 'day',
  days: Int32Array.from([1, 1, 1, 2, 2, 2, 3, 3, 3, 4, 4, 4]),
  currency: [0, 1, 2, 0, 1, 2, 0, 1, 2, 0, 1, 2],
  member: Array.from({ length: 12 }, () => 0),
  members: [[]],
  measures: {
    orders: Array<number>(12).fill(1),
    units: Array<number>(12).fill(2),
    revenue: Array<number>(12).fill(1000),
  },
};
const cubes = {
  sales_by_day: sales,
  sales_by_design: sales,
  sales_by_customer: sales,
  sales_by_staff: sales,
  purchases_by_day: sales,
} as unknown as Cubes;
/** GBP from day 2 on, USD from day 3 on; neither has a rate of day 4. */
const rates = { days: [2, 3, 3], currency: [1, 1, 2], rate: ['0.8', '0.85', '1.0625'] };
const whole = { span: { from: 1, to: 4 } };

test('an order is worth what the last rates on or before its day say, and is left out where there are none', () => {
  const converter = new Converter({ rates, currencies }, cubes);
  expect([converter.targets, converter.newestDay]).toEqual([[0, 1, 2], 3]);
  const { cubes: inEuro, leftOut } = converter.to(0);
  // EUR 4 times; GBP on days 2 (1 / 0.8), 3 and 4 (1 / 0.85); USD on days 3 and 4 (1 / 1.0625).
  const factors = 4n * 10n ** 12n + 1_250_000_000_000n + 2n * 1_176_470_588_235n + 2n * 941_176_470_588n;
  expect(sum(inEuro.sales_by_day, whole)).toEqual({ orders: 9n, units: 18n, revenue: 1000n * factors });
  expect(moneyOf('EUR', 14, 2).exact(1000n * factors)).toBe('€94.85');
  expect(sum(leftOut, { ...whole, currency: 1 })).toMatchObject({ orders: 1n, revenue: 1000n });
  expect(sum(leftOut, { ...whole, currency: 2 })).toMatchObject({ orders: 2n, revenue: 2000n });
  expect(inEuro.purchases_by_day).toBe(sales);
});

test('between two currencies both rates count, and an amount in the target needs none', () => {
  const { cubes: inPounds, leftOut } = new Converter({ rates, currencies }, cubes).to(1);
  // GBP 4 times; EUR on days 2, 3, 4; USD on days 3 and 4, 0.85 / 1.0625 = 0.8.
  const factors = 4n * 10n ** 12n + 800_000_000_000n + 2n * 850_000_000_000n + 2n * 800_000_000_000n;
  expect(sum(inPounds.sales_by_staff, whole).revenue).toBe(1000n * factors);
  expect(sum(leftOut, whole).orders).toBe(3n);
});

test('what is converted by a rate of more than a week before is known, as where the rates of a currency have ended', () => {
  const later = { ...sales, days: sales.days.map((day) => day + 8) };
  const { byOldRate } = new Converter({ rates, currencies }, { ...cubes, sales_by_day: later }).to(0);
  // On day 10 the rates of day 3 are a week old, on days 11 and 12 older; an order in EUR needs none.
  expect([...byOldRate.days]).toEqual([11, 11, 12, 12]);
  expect(byOldRate.currency).toEqual([1, 2, 1, 2]);
});

test('nothing is offered without rates, of one currency alone, or where days are not kept', () => {
  const targets = (report: ConstructorParameters<typeof Converter>[0], of = cubes) => new Converter(report, of).targets;
  expect(targets({ currencies })).toEqual([]);
  const pounds = { ...sales, currency: sales.currency.map(() => 1) };
  expect(targets({ rates, currencies }, { ...cubes, sales_by_day: pounds })).toEqual([]);
  expect(targets({ rates: { days: [2], currency: [1], rate: ['1'] }, currencies })).toEqual([0, 1]);
  expect(targets({ rates, currencies }, { ...cubes, sales_by_design: { ...sales, grain: 'month' } })).toEqual([]);
});
