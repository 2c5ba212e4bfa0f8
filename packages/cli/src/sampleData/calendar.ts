/** Days are counted from 1970-01-01, times of day in milliseconds from midnight; neither knows a time zone. */
const millisecondsPerDay = 86_400_000;

const thursday = 3;
/** 0 for Monday to 6 for Sunday; day 0 was a Thursday. */
export const weekday = (day: number): number => (day + thursday) % 7;

/** The day itself where it is Monday to Friday, otherwise the Monday after it. */
export function workdayFrom(day: number): number {
  const saturdayOrSunday = weekday(day) - 5;
  return saturdayOrSunday < 0 ? day : day + 2 - saturdayOrSunday;
}

/** The day of a date written YYYY-MM-DD. */
export const dayOf = (date: string): number => Date.parse(`${date}T00:00:00Z`) / millisecondsPerDay;

const written = new Map<number, string>();
/** The day written YYYY-MM-DD. */
export function dateText(day: number): string {
  let text = written.get(day);
  if (text === undefined) {
    text = new Date(day * millisecondsPerDay).toISOString().slice(0, 10);
    written.set(day, text);
  }
  return text;
}

/** A moment as PostgreSQL writes a timestamp(3): YYYY-MM-DD hh:mm:ss.mmm. */
export function timestampText(day: number, time: number): string {
  const seconds = Math.floor(time / 1000);
  const minutes = Math.floor(seconds / 60);
  const clock = `${two(Math.floor(minutes / 60))}:${two(minutes % 60)}:${two(seconds % 60)}`;
  return `${dateText(day)} ${clock}.${String(time % 1000).padStart(3, '0')}`;
}

/** A time of day in milliseconds. */
export const timeOfDay = (hour: number, minute = 0): number => (hour * 60 + minute) * 60_000;

/** When orders are taken. */
export const opening = timeOfDay(9);
export const closing = timeOfDay(17, 30);

const two = (value: number): string => (value < 10 ? `0${value}` : String(value));
