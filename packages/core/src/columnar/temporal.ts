const zero = 48;
const dash = 45;
const colon = 58;
const dot = 46;
const space = 32;
const letterT = 84;

/** Microseconds of a day. */
export const microsPerDay = 86_400_000_000;

const daysInMonth = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

/** Days from 1970-01-01 to a date of the proleptic Gregorian calendar (Howard Hinnant's days_from_civil). */
export function daysFromDate(year: number, month: number, day: number): number {
  const shifted = month <= 2 ? year - 1 : year;
  const era = Math.floor(shifted / 400);
  const yearOfEra = shifted - era * 400;
  const dayOfYear = Math.floor((153 * (month + (month > 2 ? -3 : 9)) + 2) / 5) + day - 1;
  const dayOfEra = yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100) + dayOfYear;
  return era * 146_097 + dayOfEra - 719_468;
}

/** The date that lies so many days after 1970-01-01 (Howard Hinnant's civil_from_days). */
export function dateFromDays(days: number): { year: number; month: number; day: number } {
  const shifted = days + 719_468;
  const era = Math.floor(shifted / 146_097);
  const dayOfEra = shifted - era * 146_097;
  const yearOfEra = Math.floor(
    (dayOfEra - Math.floor(dayOfEra / 1460) + Math.floor(dayOfEra / 36_524) - Math.floor(dayOfEra / 146_096)) / 365,
  );
  const dayOfYear = dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100));
  const shiftedMonth = Math.floor((5 * dayOfYear + 2) / 153);
  const month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9;
  return {
    year: yearOfEra + era * 400 + (month <= 2 ? 1 : 0),
    month,
    day: dayOfYear - Math.floor((153 * shiftedMonth + 2) / 5) + 1,
  };
}

function digits(text: Uint8Array, start: number, count: number): number {
  let value = 0;
  for (let i = start; i < start + count; i++) {
    const digit = text[i]! - zero;
    if (!(digit >= 0 && digit <= 9)) return NaN;
    value = value * 10 + digit;
  }
  return value;
}

/**
 * Reads YYYY-MM-DD of the years 0001 to 9999 as days since 1970-01-01. NaN for anything else, a day that the calendar
 * does not have included.
 */
export function parseDate(text: Uint8Array, start: number, end: number): number {
  if (end - start !== 10 || text[start + 4] !== dash || text[start + 7] !== dash) return NaN;
  const year = digits(text, start, 4);
  const month = digits(text, start + 5, 2);
  const day = digits(text, start + 8, 2);
  if (!(year >= 1 && month >= 1 && month <= 12 && day >= 1)) return NaN;
  const leap = month === 2 && year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
  if (day > daysInMonth[month - 1]! + (leap ? 1 : 0)) return NaN;
  return daysFromDate(year, month, day);
}

/**
 * Reads the time of day of a timestamp as PostgreSQL writes it in ISO style (`2022-11-03 14:20:52.186`, with a T in
 * JSON), in microseconds. NaN for anything else: a zone, BC, infinity.
 */
export function parseTimeOfTimestamp(text: Uint8Array, start: number, end: number): number {
  const length = end - start;
  const separator = text[start + 10];
  if (length < 19 || length > 26 || length === 20 || (separator !== space && separator !== letterT)) return NaN;
  if (text[start + 13] !== colon || text[start + 16] !== colon) return NaN;
  const hours = digits(text, start + 11, 2);
  const minutes = digits(text, start + 14, 2);
  const seconds = digits(text, start + 17, 2);
  if (!(hours <= 23 && minutes <= 59 && seconds <= 59)) return NaN;
  let micros = 0;
  if (length > 19) {
    if (text[start + 19] !== dot) return NaN;
    micros = digits(text, start + 20, length - 20) * 10 ** (26 - length);
  }
  return ((hours * 60 + minutes) * 60 + seconds) * 1_000_000 + micros;
}
