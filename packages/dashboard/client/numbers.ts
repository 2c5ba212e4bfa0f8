import { decimalText, divide } from './exact.ts';

const locale = 'en-GB';

/** Intl takes a decimal as text, and keeps all its digits. */
type Decimal = Intl.StringNumericLiteral;

/** How amounts of one currency are written. */
export interface Money {
  readonly code: string;
  /** £1,234.50, to the last digit. */
  readonly exact: (amount: bigint) => string;
  /** £1.2m, for axes and headlines. */
  readonly short: (amount: bigint) => string;
  /** The price of one of `count`, rounded; with two digits more than the currency has, or as many as `places` says. */
  readonly average: (amount: bigint, count: bigint, places?: number) => string;
  /** Digits after the point that the currency has. */
  readonly digits: number;
  /** About as much, as a number to draw with. */
  readonly size: (amount: bigint) => number;
  /** The same for a number of an axis. Axes are drawn in floating point; figures never come from there. */
  readonly axis: (size: number) => string;
}

/**
 * @param scale places after the point of the amounts
 * @param shown the most places that are written, where that is fewer; amounts are rounded to them, half away from zero
 */
export function moneyOf(code: string, scale: number, shown = scale): Money {
  const digits = digitsOf(code);
  const exact = currencyFormat(code, { minimumFractionDigits: Math.min(digits, shown), maximumFractionDigits: shown });
  const short = currencyFormat(code, { notation: 'compact', maximumSignificantDigits: 3 });
  const average = currencyFormat(code, { minimumFractionDigits: digits, maximumFractionDigits: digits + 2 });
  return {
    code,
    digits,
    exact: (amount) => exact(decimalText(amount, scale)),
    short: (amount) => short(decimalText(amount, scale)),
    average: (amount, count, places = digits + 2) => {
      if (count === 0n) return none;
      const rounded = divide(amount * 10n ** BigInt(places), count * 10n ** BigInt(scale));
      return average(decimalText(rounded, places));
    },
    size: (amount) => Number(decimalText(amount, scale)),
    axis: short,
  };
}

/** A code that is not one of ISO's stands behind a plain number. */
function currencyFormat(code: string, options: Intl.NumberFormatOptions): (decimal: string | number) => string {
  try {
    const format = new Intl.NumberFormat(locale, {
      style: 'currency',
      currency: code,
      currencyDisplay: 'narrowSymbol',
      ...options,
    });
    return (decimal) => format.format(decimal as Decimal);
  } catch {
    const format = new Intl.NumberFormat(locale, options);
    return (decimal) => `${format.format(decimal as Decimal)} ${code}`;
  }
}

function digitsOf(code: string): number {
  try {
    const format = new Intl.NumberFormat(locale, { style: 'currency', currency: code });
    return format.resolvedOptions().maximumFractionDigits ?? 2;
  } catch {
    return 2;
  }
}

/** ` in GBP`; nothing where the report has no currency yet. */
export const within = ({ code }: Money): string => (code === '' ? '' : ` in ${code}`);

/** What stands for a figure that there is not. */
export const none = '–';

const counts = new Intl.NumberFormat(locale);
const shortCounts = new Intl.NumberFormat(locale, { notation: 'compact', maximumSignificantDigits: 3 });

/** 1,234,567 */
export const count = (value: bigint): string => counts.format(value);
/** `1 change`, `1,234 changes`. */
export const counted = (value: bigint, one: string, many = `${one}s`): string =>
  `${count(value)} ${value === 1n ? one : many}`;
/** 1.23m */
export const shortCount = (value: bigint | number): string => shortCounts.format(value);

/** A share in hundredths with one digit after the point, as 12.3%. */
export function percent(part: bigint, whole: bigint): string {
  return whole === 0n ? none : `${decimalText(divide(part * 1000n, whole), 1)}%`;
}

/** `up 3.2%`; undefined where there was nothing to compare with. */
export function change(now: bigint, then: bigint): string | undefined {
  if (then <= 0n) return undefined;
  const tenths = divide((now - then) * 1000n, then);
  if (tenths === 0n) return 'unchanged';
  return `${tenths > 0n ? 'up' : 'down'} ${decimalText(tenths < 0n ? -tenths : tenths, 1)}%`;
}

/** The name of a currency; the code itself where the browser knows none. */
export function currencyName(code: string): string {
  try {
    const name = new Intl.DisplayNames([locale], { type: 'currency' }).of(code);
    return name === undefined || name === code ? code : `${code}, ${name}`;
  } catch {
    return code;
  }
}
