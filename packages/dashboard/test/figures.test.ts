import fc from 'fast-check';
import {
  before,
  bucketsOf,
  dateText,
  dayOf,
  monthsBefore,
  snap,
  spanText,
  startOf,
  stepFor,
  steps,
} from '../client/calendar.ts';
import { decimalText, divide, parseWhole, scaled, Total } from '../client/exact.ts';
import { gather, sum, type Cube } from '../client/gather.ts';
import { change, moneyOf, percent } from '../client/numbers.ts';
import { placesOf, wholeOf } from '../src/whole.ts';

const span = (from: string, to: string) => ({ from: dayOf(from), to: dayOf(to) });
const anyDay = fc.integer({ min: dayOf('0001-01-01'), max: dayOf('9999-12-31') });

test('sums are exact, of any size and sign', () => {
  fc.assert(
    fc.property(fc.array(fc.oneof(fc.maxSafeInteger(), fc.bigInt())), (values) => {
      const total = new Total();
      for (const value of values) total.add(value);
      expect(total.value).toBe(values.reduce<bigint>((a, b) => a + BigInt(b), 0n));
    }),
  );
});

test('decimals of PostgreSQL become whole numbers and back', () => {
  fc.assert(
    fc.property(fc.bigInt(), fc.integer({ min: 0, max: 12 }), (value, scale) => {
      const text = decimalText(value, scale);
      expect(scaled(text, scale)).toBe(value);
      expect(BigInt(parseWhole(wholeOf(text, scale, 'it')))).toBe(value);
    }),
  );
  expect(wholeOf('-0.00', 2, 'it')).toBe(0);
  expect(wholeOf('12.5', 2, 'it')).toBe(1250);
  expect(placesOf('1.2500')).toBe(2);
  expect(placesOf('12')).toBe(0);
  expect(() => wholeOf('NaN', 2, 'cost of x.sql')).toThrow(/cost of x\.sql is NaN/);
  expect(() => parseWhole(0.5)).toThrow(RangeError);
});

test('quotients are rounded half away from zero, as PostgreSQL rounds', () => {
  expect([5n, 15n, -5n, 4n, -6n].map((each) => divide(each, 10n))).toEqual([1n, 2n, -1n, 0n, -1n]);
});

test('money is written to the last digit, also in currencies without one, or that nobody knows', () => {
  expect(moneyOf('GBP', 2).exact(123456789012345678905n)).toBe('£1,234,567,890,123,456,789.05');
  expect(moneyOf('JPY', 2).exact(123400n)).toBe('¥1,234');
  expect(moneyOf('GBP', 4).exact(15005n)).toBe('£1.5005');
  expect(moneyOf('not one', 2).exact(150n)).toBe('1.50 not one');
  expect(moneyOf('GBP', 2).average(1000n, 3n)).toBe('£3.3333');
  expect(moneyOf('GBP', 2).average(1000n, 0n)).toBe('–');
  expect(percent(1n, 3n)).toBe('33.3%');
  expect([change(110n, 100n), change(90n, 100n), change(1n, 0n)]).toEqual(['up 10.0%', 'down 10.0%', undefined]);
});

test('the steps of a time axis cover each day once, from the year 1 to 9999', () => {
  fc.assert(
    fc.property(anyDay, anyDay, (a, b) => {
      const whole = { from: Math.min(a, b), to: Math.max(a, b) };
      const buckets = bucketsOf(whole, stepFor(whole, 'day'));
      expect(buckets.length).toBeLessThanOrEqual(110);
      expect([buckets[0]!.from, buckets.at(-1)!.to]).toEqual([whole.from, whole.to]);
      for (let i = 1; i < buckets.length; i++) expect(buckets[i]!.from).toBe(buckets[i - 1]!.to + 1);
    }),
  );
});

test('a step begins where the calendar says', () => {
  const starts = steps.map((step) => dateText(startOf(dayOf('2024-05-19'), step)));
  expect(starts).toEqual([
    '2024-05-19',
    '2024-05-13',
    '2024-05-01',
    '2024-04-01',
    '2024-01-01',
    '2020-01-01',
    '2000-01-01',
  ]);
  expect(dateText(monthsBefore(dayOf('2024-03-31'), 1))).toBe('2024-02-29');
  expect(snap(span('2024-02-10', '2024-04-02'), 'month')).toEqual(span('2024-02-01', '2024-04-30'));
  expect(before(span('2024-03-01', '2024-03-31'))).toEqual(span('2024-01-30', '2024-02-29'));
  expect(spanText(span('2024-03-01', '2024-03-01'))).toBe('1 Mar 2024');
});

test('cells are chosen by their day and currency, both ends of the dates within', () => {
  const cube: Cube = {
    grain: 'day',
    days: Int32Array.of(1, 1, 2, 5, 5),
    currency: [0, 1, 0, 0, 1],
    member: [0, 0, 1, 0, 1],
    members: [['a'], ['b']],
    measures: { amount: [1, 10, 100, 9007199254740993n, 10000] },
  };
  expect(sum(cube, { span: { from: 1, to: 2 }, currency: 0 })).toEqual({ amount: 101n });
  expect(sum(cube, { span: { from: 3, to: 4 } })).toEqual({ amount: 0n });
  const groups = gather(cube, { span: { from: 2, to: 5 } }, ({ member }) => member[0]);
  expect([...groups]).toEqual([
    ['b', { amount: 10100n }],
    ['a', { amount: 9007199254740993n }],
  ]);
});
