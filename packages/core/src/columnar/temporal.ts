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

/** The number that two digits make; -1 where they are none. Small integers throughout, which the compiler keeps unboxed. */
function pair(text: Uint8Array, at: number): number {
  const tens = text[at]! - zero;
  const ones = text[at + 1]! - zero;
  return tens >= 0 && tens <= 9 && ones >= 0 && ones <= 9 ? tens * 10 + ones : -1;
}

/** What a fraction of a second of so many digits has to be multiplied by to be microseconds. */
const microsOfDigits = [1_000_000, 100_000, 10_000, 1000, 100, 10, 1];

/** The microseconds of up to six digits after the point; -1 where they are none. */
function fraction(text: Uint8Array, start: number, end: number): number {
  let value = 0;
  for (let i = start; i < end; i++) {
    const digit = text[i]! - zero;
    if (digit < 0 || digit > 9) return -1;
    value = value * 10 + digit;
  }
  return value * microsOfDigits[end - start]!;
}

/**
 * Reads YYYY-MM-DD of the years 0001 to 9999 as days since 1970-01-01. NaN for anything else, a day that the calendar
 * does not have included.
 */
export function parseDate(text: Uint8Array, start: number, end: number): number {
  if (end - start !== 10 || text[start + 4] !== dash || text[start + 7] !== dash) return NaN;
  const century = pair(text, start);
  const ofCentury = pair(text, start + 2);
  const year = century * 100 + ofCentury;
  const month = pair(text, start + 5);
  const day = pair(text, start + 8);
  if (century < 0 || ofCentury < 0 || year < 1 || month < 1 || month > 12 || day < 1) return NaN;
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
  const hours = pair(text, start + 11);
  const minutes = pair(text, start + 14);
  const seconds = pair(text, start + 17);
  if (hours < 0 || hours > 23 || minutes < 0 || minutes > 59 || seconds < 0 || seconds > 59) return NaN;
  if (length === 19) return ((hours * 60 + minutes) * 60 + seconds) * 1_000_000;
  const micros = text[start + 19] === dot ? fraction(text, start + 20, end) : -1;
  return micros < 0 ? NaN : ((hours * 60 + minutes) * 60 + seconds) * 1_000_000 + micros;
}
