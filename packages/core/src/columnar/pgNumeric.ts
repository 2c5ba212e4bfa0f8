import { unscaled } from './decimal.ts';

/** What a decimal of 38 digits takes at most: a header of 8 bytes, and 2 for each of its base-10000 digits. */
export const numericBytes = 8 + 2 * 12;

/** One digit of the wire format holds four decimal ones. */
const base = 10_000;
const zero = 48;
const point = 46;
const minus = 45;
const negativeSign = 0x4000;

const powersOfTen = Array.from({ length: 16 }, (_, exponent) => 10 ** exponent);

/** A wire digit, the most significant first; reused by each call. */
const digits = new Uint16Array(16);

/**
 * Writes a decimal in the format of PostgreSQL's numeric_recv: count of base-10000 digits, weight of the first, sign,
 * decimal digits after the point, then the digits (src/backend/utils/adt/numeric.c).
 *
 * @param words the unscaled value, as DecimalColumn has it
 * @param leastFraction the digits after the point that are written though they be zeros at the end
 * @returns where the value ends in `out`
 */
export function writeNumeric(
  out: Uint8Array,
  at: number,
  words: Uint32Array,
  row: number,
  scale: number,
  leastFraction: number,
): number {
  const value = unscaled(words, row);
  if (typeof value === 'bigint' || scale >= powersOfTen.length - 4)
    return writeLarge(out, at, value, scale, leastFraction);
  const magnitude = Math.abs(value);
  const unit = powersOfTen[scale]!;
  let whole = Math.floor(magnitude / unit);
  let fraction = magnitude - whole * unit;
  // The quotient is rounded, and may have been rounded up to the next whole number.
  if (fraction < 0) {
    whole--;
    fraction += unit;
  }
  let written = scale;
  for (let rest = fraction; written > leastFraction && rest % 10 === 0; rest /= 10) written--;
  let count = 0;
  for (let rest = whole; rest > 0; rest = Math.floor(rest / base)) count++;
  const weight = count - 1;
  for (let i = weight, rest = whole; i >= 0; i--) {
    const higher = Math.floor(rest / base);
    digits[i] = rest - higher * base;
    rest = higher;
  }
  for (let rest = fraction, below = unit; rest > 0;) {
    // A fraction that ends within four digits is filled up with zeros.
    below /= base;
    const digit = below >= 1 ? Math.floor(rest / below) : Math.round(rest / below);
    digits[count++] = digit;
    rest = below >= 1 ? rest - digit * below : 0;
  }
  writeHeader(out, at, count, weight, value < 0, written);
  let to = at + 8;
  for (let i = 0; i < count; i++) {
    out[to++] = digits[i]! >> 8;
    out[to++] = digits[i]!;
  }
  return to;
}

function writeLarge(out: Uint8Array, at: number, value: number | bigint, scale: number, leastFraction: number): number {
  const text = String(value < 0 ? -value : value).padStart(scale + 1, '0');
  let end = text.length;
  while (end > text.length - scale + leastFraction && text.charCodeAt(end - 1) === zero) end--;
  const whole = text.slice(0, text.length - scale);
  const written = Buffer.from(`${value < 0 ? '-' : ''}${whole}.${text.slice(text.length - scale, end)}`, 'latin1');
  return writeNumericText(out, at, written, 0, written.length);
}

/**
 * Writes a numeric that stands as text: sign, digits, at most one point. `out` must have room for 16 bytes more than the
 * text has.
 *
 * @returns where the value ends in `out`
 * @throws RangeError where the text is not such a number
 */
export function writeNumericText(out: Uint8Array, at: number, text: Uint8Array, start: number, end: number): number {
  const negative = text[start] === minus;
  let first = negative ? start + 1 : start;
  let wholeEnd = first;
  while (wholeEnd < end && text[wholeEnd] !== point) wholeEnd++;
  const fraction = wholeEnd === end ? 0 : end - wholeEnd - 1;
  while (first < wholeEnd && text[first] === zero) first++;
  const weight = Math.ceil((wholeEnd - first) / 4) - 1;
  let to = at + 8;
  let count = 0;
  // Digit i of the wire has the decimal ones of the places 4 (weight - i) + 3 … 4 (weight - i) before the point.
  for (let i = 0; i <= weight + Math.ceil(fraction / 4); i++) {
    let digit = 0;
    for (let place = 4 * (weight - i) + 3; place >= 4 * (weight - i); place--) {
      const from = place >= 0 ? wholeEnd - 1 - place : wholeEnd - place;
      const isThere = place >= 0 ? from >= first : from < end;
      const decimal = isThere ? text[from]! - zero : 0;
      if (!(decimal >= 0 && decimal <= 9)) throw notANumber(text, start, end);
      digit = digit * 10 + decimal;
    }
    out[to++] = digit >> 8;
    out[to++] = digit;
    count++;
  }
  if (end === start + (negative ? 1 : 0) + (wholeEnd === end ? 0 : 1)) throw notANumber(text, start, end);
  writeHeader(out, at, count, weight, negative, fraction);
  return to;
}

const notANumber = (text: Uint8Array, start: number, end: number): RangeError =>
  new RangeError(`${JSON.stringify(Buffer.from(text.subarray(start, end)).toString())} is not a number`);

function writeHeader(
  out: Uint8Array,
  at: number,
  count: number,
  weight: number,
  negative: boolean,
  fraction: number,
): void {
  const sign = negative ? negativeSign : 0;
  out[at] = count >> 8;
  out[at + 1] = count;
  out[at + 2] = weight >> 8;
  out[at + 3] = weight;
  out[at + 4] = sign >> 8;
  out[at + 5] = sign;
  out[at + 6] = fraction >> 8;
  out[at + 7] = fraction;
}
