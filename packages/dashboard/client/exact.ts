import type { Whole } from '../src/data.ts';

/** Adds whole numbers exactly, whatever their size. */
export class Total {
  #small = 0;
  #large = 0n;

  add(value: number | bigint): void {
    if (typeof value === 'bigint') {
      this.#large += value;
      return;
    }
    const sum = this.#small + value;
    // The sum of two safe integers is exact where it is one, and no safe integer where it is not.
    if (Number.isSafeInteger(sum)) this.#small = sum;
    else {
      this.#large += BigInt(this.#small);
      this.#small = value;
    }
  }

  get value(): bigint {
    return this.#large + BigInt(this.#small);
  }
}

/** A whole number as the report writes it, ready to be added. Throws RangeError for what is none. */
export function parseWhole(value: Whole): number | bigint {
  if (typeof value === 'string') return BigInt(value);
  if (!Number.isSafeInteger(value)) throw new RangeError(`${value} is no whole number that is known exactly`);
  return value;
}

/** The quotient, rounded half away from zero. The divisor is not 0. */
export function divide(dividend: bigint, divisor: bigint): bigint {
  const negative = dividend < 0n !== divisor < 0n;
  const [above, below] = [abs(dividend), abs(divisor)];
  const rounded = (2n * above + below) / (2n * below);
  return negative ? -rounded : rounded;
}

/** A whole number of 10^-scale as a decimal, such as -1.50. */
export function decimalText(value: bigint, scale: number): string {
  const digits = String(abs(value)).padStart(scale + 1, '0');
  const [whole, fraction] = [digits.slice(0, digits.length - scale), digits.slice(digits.length - scale)];
  return `${value < 0n ? '-' : ''}${whole}${scale > 0 ? `.${fraction}` : ''}`;
}

/** A decimal such as -1.50 as a whole number of 10^-scale; further places are cut off. */
export function scaled(decimal: string, scale: number): bigint {
  const [, sign, whole, fraction = ''] = /^(-?)(\d+)(?:\.(\d+))?$/.exec(decimal) ?? [];
  if (whole === undefined) throw new RangeError(`${decimal} is no decimal`);
  return BigInt(`${sign!}${whole}${fraction.slice(0, scale).padEnd(scale, '0')}`);
}

const abs = (value: bigint): bigint => (value < 0n ? -value : value);
