import fc from 'fast-check';
import { dateFromDays, daysFromDate, parseDate, parseTimeOfTimestamp } from './temporal.ts';

const msPerDay = 86_400_000;
const date = (text: string): number => parseDate(Buffer.from(text), 0, text.length);
const time = (text: string): number => parseTimeOfTimestamp(Buffer.from(text), 0, text.length);

test('dates of the years 1 to 9999 agree with the platform’s calendar, both ways', () => {
  fc.assert(
    fc.property(fc.integer({ min: -719_162, max: 2_932_896 }), (days) => {
      const iso = new Date(days * msPerDay).toISOString().slice(0, 10);
      expect(date(iso)).toBe(days);
      const { year, month, day } = dateFromDays(days);
      expect([year, month, day]).toEqual(iso.split('-').map(Number));
      expect(daysFromDate(year, month, day)).toBe(days);
    }),
  );
});

test.each(
  [
    ['2023-02-29', '2023-02-30', '2023-13-01', '2023-00-10', '2023-04-31', '1900-02-29', '2023-01-00', '0000-01-01'],
    ['', '2023-1-01', '20230101', '2023/01/01', '01-02-2023', '2023-01-01 ', '2023-01-0x', '12023-01-01'],
  ].flat(),
)('%j is not a date', (text) => {
  expect(date(text)).toBeNaN();
});

test('29 February exists in leap years, 2000 included', () => {
  expect(date('2000-02-29')).toBe(daysFromDate(2000, 2, 29));
  expect(date('2024-02-29')).toBe(daysFromDate(2024, 2, 29));
});

test.each([
  ['2022-11-03 14:20:52', 51_652_000_000],
  ['2022-11-03 14:20:52.186', 51_652_186_000],
  ['2022-11-03T14:20:52.000001', 51_652_000_001],
  ['2022-11-03 23:59:59.999999', 86_399_999_999],
  ['2022-11-03 00:00:00', 0],
])('the time of day of %s is %d µs', (text, micros) => {
  expect(time(text)).toBe(micros);
});

test.each(
  [
    ['infinity', '-infinity', '2022-11-03', '2022-11-03 14:20', '2022-11-03 24:00:00', '2022-11-03 14:60:52'],
    [
      '2022-11-03 14:20:52.',
      '2022-11-03 14:20:52+00',
      '0044-03-15 12:00:00 BC',
      '2022-11-03 14.20.52',
      '2022-11-03_14:20:52',
    ],
  ].flat(),
)('%j has no time of day that the star can hold', (text) => {
  expect(time(text)).toBeNaN();
});
