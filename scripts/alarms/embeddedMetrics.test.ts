import { embeddedMetrics } from './embeddedMetrics.ts';

const line = (directive: object, members: object): string =>
  JSON.stringify({ _aws: { Timestamp: 1000, CloudWatchMetrics: [directive] }, ...members });
const load = { namespace: 'Totes', at: 1000, dimensions: { service: 'load' } };

test('takes each metric of a line', () => {
  const directive = {
    Namespace: 'Totes',
    Dimensions: [['service']],
    Metrics: [{ Name: 'Seconds' }, { Name: 'Warnings' }],
  };
  expect(embeddedMetrics(line(directive, { service: 'load', Seconds: 1.5, Warnings: 0, run: 'a' }))).toEqual([
    { ...load, name: 'Seconds', value: 1.5 },
    { ...load, name: 'Warnings', value: 0 },
  ]);
});

test('takes each set of dimensions, and each of several values', () => {
  const directive = {
    Namespace: 'Totes',
    Dimensions: [['service'], ['service', 'table']],
    Metrics: [{ Name: 'Rows' }],
  };
  const both = { service: 'load', table: 'payment' };
  expect(embeddedMetrics(line(directive, { ...both, Rows: [1, 2] }))).toEqual([
    { ...load, name: 'Rows', value: 1 },
    { ...load, name: 'Rows', value: 2 },
    { ...load, dimensions: both, name: 'Rows', value: 1 },
    { ...load, dimensions: both, name: 'Rows', value: 2 },
  ]);
});

const rows = { Namespace: 'Totes', Dimensions: [['service']], Metrics: [{ Name: 'Rows' }] };
test.each([
  ['a value that is none', line(rows, { service: 'load', Rows: '1' })],
  ['a value that is not there', line(rows, { service: 'load' })],
  ['a dimension that is not there', line(rows, { Rows: 1 })],
  ['a line of JSON that tells no metric', '{"level":"INFO","message":"load finished"}'],
  ['a line of text', 'START RequestId: 1'],
])('makes nothing of %s', (_, text) => {
  expect(embeddedMetrics(text)).toEqual([]);
});
