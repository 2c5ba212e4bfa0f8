import fc from 'fast-check';
import type { DecimalColumn } from './column.ts';
import { decimalText, isPlainNumeric, parseDecimal, unscaled } from './decimal.ts';

const type = { precision: 38, scale: 10 };

function parse(text: string, as: { precision: number; scale: number } = type) {
  const bytes = Buffer.from(text);
  const words = new Uint32Array(4);
  const parsed = { ...parseDecimal(bytes, 0, bytes.length, words, 0, as) };
  return { ...parsed, column: { kind: 'decimal', ...as, words, valid: null } satisfies DecimalColumn };
}

/** PostgreSQL's text of an unscaled integer with so many digits after the point. */
function textOf(value: bigint, fraction: number): string {
  const digits = String(value < 0n ? -value : value).padStart(fraction + 1, '0');
  const point = digits.length - fraction;
  return `${value < 0n ? '-' : ''}${digits.slice(0, point)}${fraction > 0 ? `.${digits.slice(point)}` : ''}`;
}

test('any value of up to 28 whole and 10 fractional digits is held exactly', () => {
  fc.assert(
    fc.property(fc.bigInt(-(10n ** 38n) + 1n, 10n ** 38n - 1n), fc.nat(10), (value, fraction) => {
      fc.pre((value < 0n ? -value : value) * 10n ** BigInt(10 - fraction) < 10n ** 38n);
      const { fit, column } = parse(textOf(value, fraction));
      expect(fit).toBe('exact');
      expect(BigInt(unscaled(column.words, 0))).toBe(value * 10n ** BigInt(10 - fraction));
      expect(decimalText(column, 0)).toBe(textOf(value * 10n ** BigInt(10 - fraction), 10));
    }),
  );
});

test('money of ordinary size takes the short way and comes out the same', () => {
  fc.assert(
    fc.property(fc.integer({ min: -(2 ** 31), max: 2 ** 31 }), fc.nat(4), (value, fraction) => {
      fc.pre(value !== 0);
      const text = textOf(BigInt(value), fraction);
      const parsed = parse(text);
      const again = decimalText(parsed.column, 0, 2);
      expect(Number(again)).toBe(Number(text));
      expect(again === text).toBe(isPlainNumeric(parsed));
    }),
  );
});

test.each([
  ['12.50', true],
  ['0.00', true],
  ['0.125', true],
  ['12.5', false],
  ['7', false],
  ['12.500', false],
  ['1.23456789012', false],
])('%s is written again as it stands: %s', (text, plain) => {
  expect(isPlainNumeric(parse(text))).toBe(plain);
});

test.each(['', '-', '.', 'NaN', 'Infinity', '-Infinity', '1e5', '1.2.3', '1,5', ' 1'])('%j is not a number', (text) => {
  expect(parse(text).fit).toBe('none');
});

test.each([
  ['99999999.99', 'exact'],
  ['-99999999.99', 'exact'],
  ['100000000.00', 'wide'],
  ['1.005', 'wide'],
  ['1.0050000', 'wide'],
  ['1.5000000000000000000000', 'exact'],
  ['123456789012345678901234567890', 'wide'],
])('%s in numeric(10,2): %s', (text, fit) => {
  expect(parse(text, { precision: 10, scale: 2 }).fit).toBe(fit);
});

test('the two’s complement of values around word borders', () => {
  for (const power of [31n, 32n, 33n, 53n, 63n, 64n, 65n, 96n, 120n]) {
    for (const value of [2n ** power - 1n, 2n ** power, 2n ** power + 1n]) {
      for (const signed of [value, -value]) {
        const { column } = parse(textOf(signed, 0), { precision: 38, scale: 0 });
        expect(BigInt(unscaled(column.words, 0))).toBe(signed);
      }
    }
  }
});
