import { expect, test } from '@jest/globals';
import { objectKey } from './objectKey.ts';

const lateEvening = new Date('2026-02-28T23:59:59.999Z');

test('the key names the table, the day in UTC, the run and the format', () => {
  expect(objectKey('sales_order', 'run-1', lateEvening, 'csv')).toBe(
    'raw/sales_order/2026/02/28/run-1/part-00000.csv.zst',
  );
  expect(objectKey('payment', 'run-1', lateEvening, 'json')).toBe('raw/payment/2026/02/28/run-1/part-00000.jsonl.zst');
});

test.each([
  ['a/b', 'a%2Fb'],
  ['50%', '50%25'],
  ['..', '%2E%2E'],
  ['.hidden', '.hidden'],
  ["it's (a) *!", 'it%27s%20%28a%29%20%2A%21'],
  ['größe', 'gr%C3%B6%C3%9Fe'],
])('the table %j is %j in a key', (table, part) => {
  expect(objectKey(table, 'run', lateEvening, 'csv')).toContain(`raw/${part}/2026/`);
});
