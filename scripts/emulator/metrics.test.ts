import { valueIn } from './metrics.ts';

const metric = { name: 'RowsDiffering', service: 'totes-verify' } as const;
const line = (change: { Namespace?: string; Dimensions?: string[][]; service?: string; value?: unknown }): string => {
  const { Namespace = 'Totes', Dimensions = [['service']], service = 'totes-verify', value = 5 } = change;
  const CloudWatchMetrics = [{ Namespace, Dimensions, Metrics: [{ Name: 'RowsDiffering', Unit: 'Count' }] }];
  return JSON.stringify({ _aws: { Timestamp: 0, CloudWatchMetrics }, service, RowsDiffering: value });
};

test('finds the value that an alarm would see', () => {
  expect(valueIn(line({}), metric)).toBe(5);
  expect(valueIn(line({ value: 0 }), metric)).toBe(0);
});

test.each([
  ['another namespace', line({ Namespace: 'totes' })],
  ['another dimension', line({ Dimensions: [['service', 'version']] })],
  ['another service', line({ service: 'totes-transform' })],
  ['a value that is none', line({ value: '5' })],
  ['a line that only names it', 'RowsDiffering 5'],
  ['a line of JSON that is no metric', '{"RowsDiffering": 5}'],
])('%s is not it', (_, text) => {
  expect(valueIn(text, metric)).toBeUndefined();
});
