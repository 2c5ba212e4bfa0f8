import { differencesOf, type KeyState } from './differences.ts';

const state = (key: number, hash: string, more: Partial<KeyState> = {}): KeyState => ({
  key: String(key),
  hash,
  lastUpdated: null,
  pending: false,
  partner: null,
  partnerMissing: false,
  ...more,
});
const kinds = (
  source: readonly KeyState[],
  warehouse: readonly KeyState[],
  isSetAside: (key: number, ofPartner: boolean) => boolean = () => false,
) => differencesOf(source, warehouse, isSetAside).found.map(({ key, kind }) => [key, kind]);

test('missing, extra and altered, by key', () => {
  const source = [state(10, 'a'), state(9, 'b'), state(1, 'c')];
  const warehouse = [state(10, 'x'), state(1, 'c'), state(-5, 'd')];
  expect(kinds(source, warehouse)).toEqual([
    [-5, 'extra'],
    [9, 'missing'],
    [10, 'altered'],
  ]);
});

test.each([
  ['2024-01-15 10:20:30', '2024-01-15 10:20:30.1', 'stale'],
  ['2023-12-31 23:59:59.999999', '2024-01-01 00:00:00', 'stale'],
  ['2024-01-15 10:20:30', '2024-01-15 10:20:30', 'altered'],
  ['2024-01-15 10:20:31', '2024-01-15 10:20:30', 'altered'],
])('a fact that the warehouse has as of %s, and the source as of %s, is %s', (shown, expected, kind) => {
  const source = [state(1, 'a', { lastUpdated: expected })];
  expect(kinds(source, [state(1, 'b', { lastUpdated: shown })])).toEqual([[1, kind]]);
});

test('what is set aside is neither missing nor altered, but an extra row is extra', () => {
  const source = [state(1, 'a'), state(2, 'b'), state(3, 'c')];
  const warehouse = [state(2, 'x'), state(3, 'c'), state(4, 'd')];
  expect(kinds(source, warehouse, () => true)).toEqual([
    [1, 'setAside'],
    [2, 'setAside'],
    [4, 'extra'],
  ]);
});

test('a row that joins one that is set aside shows it as it was', () => {
  const source = [state(1, 'a', { partner: '7' }), state(2, 'a', { partner: '8' })];
  const warehouse = [state(1, 'x'), state(2, 'x')];
  expect(kinds(source, warehouse, (key, ofPartner) => ofPartner && key === 7)).toEqual([
    [1, 'setAside'],
    [2, 'altered'],
  ]);
});

test('a row whose joined row is missing is counted alone, unless it is set aside', () => {
  const source = [1, 2].map((key) => state(key, 'a', { partner: '7', partnerMissing: true }));
  const shown = [state(1, 'x'), state(2, 'x')];
  expect(differencesOf(source, shown, (key, ofPartner) => !ofPartner && key === 2)).toEqual({
    found: [{ key: 2, kind: 'setAside', pending: false, partner: undefined }],
    unjudged: 1,
  });
});
