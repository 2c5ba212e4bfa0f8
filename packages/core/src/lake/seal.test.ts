import { isIntact, sealed } from './seal.ts';

const document = sealed({ format: 2, text: 'Łódź', tables: { 1: [], a: [] } });

test('a sealed document is JSON, its checksum the last property', () => {
  expect(JSON.parse(document.toString())).toEqual({
    format: 2,
    text: 'Łódź',
    tables: { 1: [], a: [] },
    sha256: expect.stringMatching(/^[0-9a-f]{64}$/) as string,
  });
  expect(isIntact(document)).toBe(true);
});

test('a byte that changed anywhere, or is missing at either end, shows', () => {
  for (let at = 0; at < document.length; at++) {
    for (const mask of [1, 0x20, 0x80, 0xff]) {
      expect(isIntact(document.with(at, document[at]! ^ mask))).not.toBe(true);
    }
    expect(isIntact(document.subarray(0, at))).not.toBe(true);
    if (at > 0) expect(isIntact(document.subarray(at))).not.toBe(true);
  }
});

test.each(['', '{}\n', '{"format": 1}\n'])('%j has no seal', (text) => {
  expect(isIntact(Buffer.from(text))).toBeUndefined();
});
