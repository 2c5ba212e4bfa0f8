import type { Alarm } from './alarm.ts';
import { changes, stateOf, type AlarmState } from './state.ts';

const rule = { comparison: 'GreaterThanThreshold', threshold: 0, evaluationPeriods: 3 } as const;
const before = 'as before' as AlarmState;
const values = (drawn: string): (number | undefined)[] =>
  drawn.split(' ').map((each) => (each === '-' ? undefined : each === 'X' ? 1 : 0));

// AWS's own examples: https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarms-and-missing-data.html
describe.each([
  ['0 - X - X', 3, 'OK', 'OK', 'OK', 'OK'],
  ['0 - - - -', 3, 'OK', 'OK', 'OK', 'OK'],
  ['- - - - -', 3, 'INSUFFICIENT_DATA', before, 'ALARM', 'OK'],
  ['0 X X - X', 3, 'ALARM', 'ALARM', 'ALARM', 'ALARM'],
  ['- - X - -', 3, 'ALARM', before, 'ALARM', 'OK'],
  ['- - - - X', 3, 'INSUFFICIENT_DATA', before, 'ALARM', 'OK'],
  ['X - - - -', 3, 'ALARM', before, 'ALARM', 'OK'],
  ['0 - X - X', 2, 'ALARM', 'ALARM', 'ALARM', 'ALARM'],
  ['0 0 X 0 X', 2, 'ALARM', 'ALARM', 'ALARM', 'ALARM'],
  ['0 - X - -', 2, 'OK', 'OK', 'ALARM', 'OK'],
  ['- - - - 0', 2, 'OK', 'OK', 'ALARM', 'OK'],
  ['- - - X -', 2, 'ALARM', before, 'ALARM', 'OK'],
])('%s, %d of 3', (drawn, datapointsToAlarm, missing, ignore, breaching, notBreaching) => {
  test.each(Object.entries({ missing, ignore, breaching, notBreaching }))('%s', (treatment, expected) => {
    expect(stateOf({ ...rule, datapointsToAlarm, missing: treatment }, values(drawn), before)).toBe(expected);
  });
});

test.each([
  ['GreaterThanThreshold', ['OK', 'OK', 'ALARM']],
  ['GreaterThanOrEqualToThreshold', ['OK', 'ALARM', 'ALARM']],
  ['LessThanThreshold', ['ALARM', 'OK', 'OK']],
])('%s', (comparison, expected) => {
  const alarm = { comparison, threshold: 5, evaluationPeriods: 1, datapointsToAlarm: 1, missing: 'ignore' };
  expect([4, 5, 6].map((value) => stateOf(alarm, [value], before))).toEqual(expected);
});

test('refuses what it does not know', () => {
  const alarm = { ...rule, datapointsToAlarm: 1, missing: 'ignore' };
  expect(() => stateOf({ ...alarm, comparison: 'LessThanLowerThreshold' }, [], before)).toThrow(
    'LessThanLowerThreshold',
  );
  expect(() => stateOf({ ...alarm, missing: 'evaluate' }, [], before)).toThrow('treatment evaluate');
});

describe('while time passes', () => {
  const metric = { namespace: 'Totes', name: 'Rows', dimensions: { service: 'load' } };
  const alarm: Alarm = {
    ...rule,
    name: 'rows',
    description: '',
    queries: [{ id: 'only', metric, statistic: 'Sum' }],
    compared: 'only',
    period: 120,
    evaluationPeriods: 1,
    datapointsToAlarm: 1,
    threshold: 5,
    missing: 'notBreaching',
  };
  const measured = (minute: number, value: number, dimensions: Record<string, string> = metric.dimensions) => ({
    ...metric,
    dimensions,
    at: minute * 60_000,
    value,
  });

  it('adds up what falls into a period that ends at each minute', () => {
    expect(changes(alarm, [measured(2, 3), measured(2.5, 3)], 0, 9)).toEqual([
      { minute: 1, state: 'OK' },
      { minute: 3, state: 'ALARM' },
      // Two periods more, in which there is nothing newer.
      { minute: 9, state: 'OK' },
    ]);
  });

  it('sees what becomes known late, in the period that it is of', () => {
    const late = { ...measured(1, 9), known: 4 * 60_000 };
    expect(changes(alarm, [late], 0, 9)).toEqual([
      { minute: 1, state: 'OK' },
      { minute: 5, state: 'ALARM' },
      { minute: 8, state: 'OK' },
    ]);
    expect(changes(alarm, [late, measured(4, 1)], 0, 9)).toEqual([{ minute: 1, state: 'OK' }]);
  });

  it.each([
    ['another dimension', { service: 'transform' }],
    ['a dimension more', { service: 'load', table: 'payment' }],
    ['a dimension less', {}],
  ])('does not see a metric with %s', (_, dimensions: Record<string, string>) => {
    expect(changes(alarm, [measured(2, 9, dimensions)], 0, 9)).toEqual([{ minute: 1, state: 'OK' }]);
  });
});
