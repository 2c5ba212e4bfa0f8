import type { Alarm, Query, Statistic } from './alarm.ts';
import { evaluate, type Series } from './expression.ts';
import { isOf, type MetricDatum } from './metricDatum.ts';

export type AlarmState = 'OK' | 'ALARM' | 'INSUFFICIENT_DATA';

/**
 * How many periods CloudWatch looks at beyond those that it evaluates, to need no stand-ins for missing data: AWS gives no
 * number, but shows two in its examples.
 */
const spare = 2;

/**
 * The state of an alarm, as CloudWatch evaluates it each minute over the periods that end then:
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarms-and-missing-data.html
 *
 * @param at in milliseconds since 1970; what is of a time from then on, or known only then, is not seen
 * @param before the state so far, which `ignore` may keep
 */
export function stateAt(alarm: Alarm, data: readonly MetricDatum[], at: number, before: AlarmState): AlarmState {
  return stateOf(alarm, comparedSeries(alarm, data, at), before);
}

/** The state that follows from values, of which the newest comes last. */
export function stateOf(
  alarm: Pick<Alarm, 'evaluationPeriods' | 'datapointsToAlarm' | 'comparison' | 'threshold' | 'missing'>,
  values: Series,
  before: AlarmState,
): AlarmState {
  const { evaluationPeriods, datapointsToAlarm, missing } = alarm;
  const isBreaching = comparisons[alarm.comparison];
  if (isBreaching === undefined) throw new Error(`comparison ${alarm.comparison} is not known`);
  const judged = values
    .toReversed()
    .map((value, age) => (value === undefined ? undefined : { age, breaching: isBreaching(value, alarm.threshold) }))
    .filter((each) => each !== undefined)
    .slice(0, evaluationPeriods);
  const breaching = judged.filter((each) => each.breaching).length;
  const lacking = evaluationPeriods - judged.length;
  if (breaching >= datapointsToAlarm) return 'ALARM';
  switch (missing) {
    case 'breaching':
      return breaching + lacking >= datapointsToAlarm ? 'ALARM' : 'OK';
    case 'notBreaching':
      return 'OK';
    case 'ignore':
      return lacking > 0 && breaching === judged.length ? before : 'OK';
    case 'missing': {
      if (lacking === 0 || breaching < judged.length) return 'OK';
      // Old enough that nothing which is missing since could have made it better.
      return (judged.at(-1)?.age ?? -1) + 1 >= datapointsToAlarm ? 'ALARM' : 'INSUFFICIENT_DATA';
    }
    default:
      throw new Error(`treatment ${missing} of missing data is not known`);
  }
}

const comparisons: Readonly<Record<string, (value: number, threshold: number) => boolean>> = {
  GreaterThanThreshold: (value, threshold) => value > threshold,
  GreaterThanOrEqualToThreshold: (value, threshold) => value >= threshold,
  LessThanThreshold: (value, threshold) => value < threshold,
};

function comparedSeries(alarm: Alarm, data: readonly MetricDatum[], at: number): Series {
  const measured = alarm.queries.flatMap((query) =>
    'metric' in query ? [[query.id, seriesOf(query, alarm, data, at)] as const] : [],
  );
  const compared = alarm.queries.find(({ id }) => id === alarm.compared)!;
  return evaluate('expression' in compared ? compared.expression : compared.id, new Map(measured));
}

function seriesOf(
  { metric, statistic }: Extract<Query, { metric: unknown }>,
  { period, evaluationPeriods }: Alarm,
  data: readonly MetricDatum[],
  at: number,
): Series {
  const periods = evaluationPeriods + spare;
  const start = at - periods * period * 1000;
  const buckets = Array.from({ length: periods }, (): number[] => []);
  for (const datum of data) {
    if (datum.at >= start && datum.at < at && (datum.known ?? datum.at) < at && isOf(datum, metric)) {
      buckets[Math.floor((datum.at - start) / (period * 1000))]!.push(datum.value);
    }
  }
  return buckets.map((values) => (values.length === 0 ? undefined : statistics[statistic](values)));
}

const statistics: Readonly<Record<Statistic, (values: readonly number[]) => number>> = {
  Sum: (values) => values.reduce((total, value) => total + value, 0),
  Maximum: (values) => Math.max(...values),
  SampleCount: (values) => values.length,
};

/** When an alarm came into a state. */
export interface Change {
  /** Of the time passed. */
  readonly minute: number;
  readonly state: AlarmState;
}

/**
 * What an alarm does while time passes, evaluated at the end of each minute.
 *
 * @param start when the first minute begins, in milliseconds since 1970
 */
export function changes(alarm: Alarm, data: readonly MetricDatum[], start: number, minutes: number): Change[] {
  const found: Change[] = [];
  let state: AlarmState = 'INSUFFICIENT_DATA';
  for (let minute = 1; minute <= minutes; minute++) {
    const now = stateAt(alarm, data, start + minute * 60_000, state);
    if (now !== state) found.push({ minute, state: now });
    state = now;
  }
  return found;
}
