import { WarehouseMismatch } from '@totes/core';
import type { Whole } from './data.ts';

const decimal = /^(-?)(\d+)(?:\.(\d+))?$/;

/** The places after the point that a decimal of PostgreSQL needs; trailing zeros say nothing. */
export const placesOf = (text: string): number => (decimal.exec(text)?.[3] ?? '').replace(/0+$/, '').length;

/**
 * A decimal of PostgreSQL as a whole number of 10^-scale.
 *
 * @param what names the value in the error
 * @throws WarehouseMismatch for what is no number that can be added, such as NaN
 */
export function wholeOf(text: string, scale: number, what: string): Whole {
  const [, sign, whole, fraction = ''] = decimal.exec(text) ?? [];
  if (sign === undefined) {
    throw new WarehouseMismatch(
      `${what} is ${text}, with which no sum can be formed and which no load brings: ` +
        'see with totes verify what was altered in the warehouse; --heal puts it right',
    );
  }
  const digits = `${sign}${whole!}${fraction.slice(0, scale).padEnd(scale, '0')}`;
  const number = Number(digits);
  // -0 has no JSON of its own.
  if (Number.isSafeInteger(number)) return number === 0 ? 0 : number;
  return String(BigInt(digits));
}
