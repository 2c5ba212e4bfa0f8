import { numericStorage, type DecimalColumn } from './column.ts';

/** Integers below this are exact as JavaScript numbers. */
const exactLimit = 2 ** 53;
const word = 2 ** 32;
const zero = 48;
const point = 46;
const minus = 45;

const powersOfTen = Array.from({ length: 16 }, (_, exponent) => 10 ** exponent);
const power = (exponent: number): number => powersOfTen[exponent] ?? Infinity;

export interface ParsedDecimal {
  /** 'exact': the words hold the value. 'wide': it has more digits than the column. 'none': it is not a number. */
  fit: 'exact' | 'wide' | 'none';
  /** Digits after the point as written. */
  fraction: number;
  /** Digits after the point without the zeros at the end. */
  significant: number;
}

const parsed: ParsedDecimal = { fit: 'none', fraction: 0, significant: 0 };

/**
 * Reads a decimal as PostgreSQL writes numeric (sign, digits, at most one point, no exponent) into the four words at
 * `row` without passing through a binary fraction. NaN and Infinity are 'none'. The result is reused by the next call.
 */
export function parseDecimal(
  text: Uint8Array,
  start: number,
  end: number,
  words: Uint32Array,
  row: number,
  { precision, scale }: { readonly precision: number; readonly scale: number },
): ParsedDecimal {
  const negative = text[start] === minus;
  let digits = 0;
  let value = 0;
  let pointAt = -1;
  let significantEnd = start;
  for (let i = negative ? start + 1 : start; i < end; i++) {
    const byte = text[i]!;
    if (byte === point && pointAt < 0) {
      pointAt = i;
      significantEnd = i + 1;
    } else if (byte >= zero && byte <= zero + 9) {
      value = value * 10 + (byte - zero);
      if (value > 0) digits++;
      if (pointAt >= 0 && byte !== zero) significantEnd = i + 1;
    } else {
      return result('none', 0, 0);
    }
  }
  if (end - start <= (negative ? 1 : 0) + (pointAt < 0 ? 0 : 1)) return result('none', 0, 0);
  const fraction = pointAt < 0 ? 0 : end - pointAt - 1;
  const significant = pointAt < 0 ? 0 : significantEnd - pointAt - 1;
  if (significant > scale) return result('wide', fraction, significant);
  if (digits <= 15 && fraction <= scale && value * power(scale - fraction) < exactLimit) {
    const unscaled = value * power(scale - fraction);
    if (precision <= 15 && unscaled >= power(precision)) return result('wide', fraction, significant);
    writeSmall(words, row, unscaled, negative);
    return result('exact', fraction, significant);
  }
  const magnitude = unscaledMagnitude(
    text,
    negative ? start + 1 : start,
    pointAt,
    significantEnd,
    end,
    scale - significant,
  );
  if (magnitude >= 10n ** BigInt(precision)) return result('wide', fraction, significant);
  writeLarge(words, row, negative ? -magnitude : magnitude);
  return result('exact', fraction, significant);
}

function result(fit: ParsedDecimal['fit'], fraction: number, significant: number): ParsedDecimal {
  parsed.fit = fit;
  parsed.fraction = fraction;
  parsed.significant = significant;
  return parsed;
}

function unscaledMagnitude(
  text: Uint8Array,
  start: number,
  pointAt: number,
  significantEnd: number,
  end: number,
  missingZeros: number,
): bigint {
  const ascii = (from: number, to: number): string =>
    Buffer.from(text.buffer, text.byteOffset + from, to - from).toString('latin1');
  const digits = pointAt < 0 ? ascii(start, end) : ascii(start, pointAt) + ascii(pointAt + 1, significantEnd);
  return BigInt(digits + '0'.repeat(missingZeros));
}

function writeSmall(words: Uint32Array, row: number, magnitude: number, negative: boolean): void {
  const at = row * 4;
  const low = magnitude % word;
  const high = (magnitude - low) / word;
  const below = negative && magnitude > 0;
  words[at] = below ? word - low : low;
  words[at + 1] = below ? ~high + (low === 0 ? 1 : 0) : high;
  words[at + 2] = words[at + 3] = below ? word - 1 : 0;
}

function writeLarge(words: Uint32Array, row: number, value: bigint): void {
  for (let i = 0; i < 4; i++) words[row * 4 + i] = Number((value >> BigInt(32 * i)) & 0xffffffffn);
}

/** The unscaled value at a row: a number where that is exact, a bigint beyond. */
export function unscaled(words: Uint32Array, row: number): number | bigint {
  const at = row * 4;
  const high = words[at + 1]!;
  if (words[at + 2] === 0 && words[at + 3] === 0 && high < 2 ** 21) return high * word + words[at]!;
  let value = 0n;
  for (let i = 3; i >= 0; i--) value = (value << 32n) | BigInt(words[at + i]!);
  const signed = BigInt.asIntN(128, value);
  return -signed < exactLimit && signed < exactLimit ? Number(signed) : signed;
}

/** The decimal text of a row: all digits of the scale, or as few as leave at least `leastFraction` after the point. */
export function decimalText(column: DecimalColumn, row: number, leastFraction = column.scale): string {
  const value = unscaled(column.words, row);
  const negative = value < 0;
  const digits = String(negative ? -value : value).padStart(column.scale + 1, '0');
  let end = digits.length;
  while (end > digits.length - column.scale + leastFraction && digits.charCodeAt(end - 1) === zero) end--;
  const whole = digits.slice(0, digits.length - column.scale);
  const fraction = digits.slice(digits.length - column.scale, end);
  return `${negative ? '-' : ''}${whole}${fraction === '' ? '' : `.${fraction}`}`;
}

/** How a numeric is written when its column keeps no exact text: two digits after the point, more where they count. */
export const leastNumericFraction = 2;

/** Whether decimalText with leastNumericFraction writes a parsed numeric just as it was. */
export const isPlainNumeric = ({ fit, fraction, significant }: ParsedDecimal): boolean =>
  fit === 'exact' && fraction <= numericStorage.scale && fraction === Math.max(leastNumericFraction, significant);
