import fc from 'fast-check';
import { dateText, dayOf, timeOfDay, timestampText, weekday, workdayFrom } from './calendar.ts';

const days = fc.integer({ min: 0, max: 40_000 });

test('days and moments are written as the platform writes them', () => {
  fc.assert(
    fc.property(days, fc.integer({ min: 0, max: 86_399_999 }), (day, time) => {
      const iso = new Date(day * 86_400_000 + time).toISOString();
      expect(timestampText(day, time)).toBe(iso.slice(0, 23).replace('T', ' '));
      expect(dateText(day)).toBe(iso.slice(0, 10));
      expect(dayOf(dateText(day))).toBe(day);
      expect(weekday(day)).toBe((new Date(iso).getUTCDay() + 6) % 7);
    }),
  );
  expect(timestampText(dayOf('2024-02-29'), timeOfDay(7, 5))).toBe('2024-02-29 07:05:00.000');
});

test('a working day is itself; Saturday and Sunday lead to Monday', () => {
  const from = (date: string) => dateText(workdayFrom(dayOf(date)));
  expect(from('2022-11-03')).toBe('2022-11-03');
  expect(from('2022-11-04')).toBe('2022-11-04');
  expect(from('2022-11-05')).toBe('2022-11-07');
  expect(from('2022-11-06')).toBe('2022-11-07');
  expect(from('2022-11-07')).toBe('2022-11-07');
});
