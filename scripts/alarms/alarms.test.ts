import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Alarm } from './alarm.ts';
import { RatesUnavailable, SourceUnavailable } from '../../packages/core/src/index.ts';
import type { MetricDatum } from './metricDatum.ts';
import { plannedAlarms } from './plannedAlarms.ts';
import { shownMetrics } from './shownMetrics.ts';
import { changes, type AlarmState } from './state.ts';
import { written, type FunctionName } from './written.ts';

/** What happens, by the minute; and what the alarm makes of it. */
interface Story {
  /** For how long it goes on. */
  readonly minutes: number;
  /** What is no reason for an alarm, though near it. */
  readonly quiet: readonly MetricDatum[];
  /** What is, and ends. */
  readonly trouble: readonly MetricDatum[];
  /** The minutes at which the alarm has to begin and to end. */
  readonly alarm: readonly [begins: number, ends: number];
}

const start = Date.UTC(2026, 0, 5, 9);
const at = (minute: number): number => start + minute * 60_000;

/** At each fifth minute until `minutes`, what the rate brings. */
const every = <T>(rate: number, minutes: number, what: (minute: number) => readonly T[]): T[] =>
  Array.from({ length: Math.floor(minutes / rate) }, (_, i) => what(i * rate)).flat();

/** What a call wrote, as if it had been made at another time. */
const log = (call: readonly MetricDatum[], minute: number): readonly MetricDatum[] =>
  call.map((datum) => ({ ...datum, at: at(minute) }));

const notices = (count: number): { notices: string[] } => ({
  notices: Array.from({ length: count }, (_, i) => `table x${i} could not be archived`),
});
const column = ['column staff.nickname is new'];

/** Calls of each function, by what they tell. */
const told = {
  ingest: {
    calm: await written('ingest'),
    warning: await written('ingest', { result: notices(1) }),
    warnings: await written('ingest', { result: notices(2) }),
    schema: await written('ingest', { result: { notices: column, schemaChanges: column } }),
    full: await written('ingest', { memoryUsed: 0.915 }),
  },
  transform: {
    calm: await written('transform'),
    waiting: await written('transform', { result: { waiting: 1 } }),
    healed: await written('transform', { result: { quarantined: 1 } }),
    full: await written('transform', { memoryUsed: 0.915 }),
  },
  load: { calm: await written('load'), full: await written('load', { memoryUsed: 0.915 }) },
  verify: {
    calm: await written('verify'),
    differing: await written('verify', { result: { settled: { missing: 1, extra: 0, altered: 2, stale: 0 } } }),
    failed: await written('verify', { error: new SourceUnavailable('the source went away') }),
    full: await written('verify', { memoryUsed: 0.915 }),
  },
  replay: { calm: await written('replay'), full: await written('replay', { memoryUsed: 0.915 }) },
  report: { calm: await written('report'), full: await written('report', { memoryUsed: 0.915 }) },
  rates: {
    calm: await written('rates'),
    failed: await written('rates', { error: new RatesUnavailable('nobody answers') }),
    full: await written('rates', { memoryUsed: 0.915 }),
  },
};

/** Calls of any function that warn, so many times each. */
const warning = (of: FunctionName, times: 0 | 1 | 2): readonly MetricDatum[] => {
  const { calm, warning, warnings } = told.ingest;
  // A warning is counted alike by all.
  return [calm, warning, warnings][times]!.map((datum) => ({ ...datum, dimensions: { service: `totes-${of}` } }));
};

/** https://docs.aws.amazon.com/step-functions/latest/dg/procedure-cw-metrics.html */
const run = (metric: string, minute: number, value = 1): MetricDatum => ({
  namespace: 'AWS/States',
  name: `Executions${metric}`,
  dimensions: { StateMachineArn: 'arn:aws:states:eu-west-2:123456789012:stateMachine:totes' },
  at: at(minute),
  value,
});

/**
 * What Lambda counts of a call. It is of the minute in which the call began, and known once it has ended:
 * https://docs.aws.amazon.com/lambda/latest/dg/monitoring-metrics-view.html
 */
const call = (of: FunctionName, metric: string, began: number, value: number, ended = began): MetricDatum => ({
  namespace: 'AWS/Lambda',
  name: metric,
  dimensions: { FunctionName: `totes-${of}` },
  at: at(began),
  known: at(ended),
  value,
});

const between = (minute: number, from: number, to: number): boolean => minute >= from && minute < to;

const badRun = (metric: string): Story => ({
  minutes: 90,
  quiet: every(5, 90, (minute) => [run('Succeeded', minute)]),
  // One after another, though the second took longer.
  trouble: [run(metric, 20), run(metric, 29)],
  // Ten minutes in which it is the newest there is, and two such spells more for want of a newer one.
  alarm: [21, 60],
});

/** A function that is to be called once a day: one call that fails, or two. */
function missed({ calm, failed }: Record<'calm' | 'failed', readonly MetricDatum[]>): Story {
  const days = (without: readonly number[]) =>
    every(24 * 60, 6 * 24 * 60, (minute) =>
      // One that fails tells its warnings and no seconds.
      log(without.includes(minute / 60) ? failed : calm, minute),
    );
  return { minutes: 6 * 24 * 60, quiet: days([48]), trouble: days([48, 72]), alarm: [72 * 60 + 1, 96 * 60 + 1] };
}

/** https://docs.aws.amazon.com/sns/latest/dg/sns-monitoring-using-cloudwatch.html */
const undelivered = (minute: number): MetricDatum => ({
  namespace: 'AWS/SNS',
  name: 'NumberOfNotificationsFailed',
  dimensions: { TopicName: 'totes-alerts' },
  at: at(minute),
  value: 1,
});

const story = {
  'run-failed': () => badRun('Failed'),
  'run-timed-out': () => badRun('TimedOut'),
  'run-aborted': () => badRun('Aborted'),
  stale: () => ({
    minutes: 180,
    // A run takes a while, one fails, and the next one is due.
    quiet: every(5, 180, (minute) => (between(minute, 60, 80) ? [] : [run('Succeeded', minute)])),
    trouble: every(5, 180, (minute) => (between(minute, 60, 110) ? [] : [run('Succeeded', minute)])),
    alarm: [86, 111],
  }),
  'stage-stale': (of) => {
    const calls = (until: number) =>
      every(5, 180, (minute) => [
        call(of, 'Invocations', minute, 1),
        call(of, 'Errors', minute, between(minute, 60, until) ? 1 : 0),
      ]);
    return { minutes: 180, quiet: calls(80), trouble: calls(110), alarm: [86, 111] };
  },
  errors: (of) => ({
    minutes: 120,
    quiet: every(5, 120, (minute) => [call(of, 'Errors', minute, minute === 30 ? 1 : 0)]),
    // Each goes on for ten minutes before it fails.
    trouble: every(5, 120, (minute) => {
      const fails = between(minute, 30, 45);
      return [call(of, 'Errors', minute, fails ? 1 : 0, fails ? minute + 10 : minute)];
    }),
    alarm: [46, 66],
  }),
  throttled: (of) => ({
    minutes: 120,
    quiet: every(5, 120, (minute) => [call(of, 'Throttles', minute, minute === 30 ? 1 : 0)]),
    trouble: every(5, 120, (minute) => [call(of, 'Throttles', minute, between(minute, 30, 45) ? 1 : 0)]),
    alarm: [36, 51],
  }),
  warnings: (of) => ({
    minutes: 240,
    quiet: every(5, 240, (minute) => log(warning(of, 1), minute)),
    trouble: every(5, 240, (minute) => log(warning(of, between(minute, 60, 120) ? 2 : 0), minute)),
    alarm: [111, 126],
  }),
  slow: (of) => ({
    minutes: 60,
    quiet: every(5, 60, (minute) => [call(of, 'Duration', minute, 720_000, minute + 12)]),
    // While it is under way, others begin and end.
    trouble: every(5, 60, (minute) => [
      minute === 20 ? call(of, 'Duration', minute, 900_000, minute + 15) : call(of, 'Duration', minute, 2_000),
    ]),
    alarm: [36, 46],
  }),
  memory: (of) => ({
    minutes: 60,
    quiet: every(5, 60, (minute) => log(told[of].calm, minute)),
    trouble: every(5, 60, (minute) => log(minute === 20 ? told[of].full : told[of].calm, minute)),
    alarm: [21, 26],
  }),
  'rows-differing': () => ({
    minutes: 48 * 60,
    quiet: every(24 * 60, 48 * 60, (minute) => log(told.verify.calm, minute)),
    // From one comparison to the next, however long nothing is counted.
    trouble: every(12 * 60, 48 * 60, (minute) =>
      log(minute === 12 * 60 ? told.verify.differing : told.verify.calm, minute),
    ),
    alarm: [12 * 60 + 1, 24 * 60 + 1],
  }),
  'rows-waiting': () => ({
    minutes: 240,
    quiet: every(5, 240, (minute) => log(told.transform.healed, minute)),
    trouble: every(60, 240, (minute) => log(minute === 60 ? told.transform.waiting : told.transform.calm, minute)),
    alarm: [61, 121],
  }),
  'schema-changed': () => ({
    minutes: 60,
    quiet: every(5, 60, (minute) => log(told.ingest.calm, minute)),
    trouble: every(5, 60, (minute) => log(minute === 20 ? told.ingest.schema : told.ingest.calm, minute)),
    alarm: [21, 26],
  }),
  'verify-failed': () => ({
    minutes: 60,
    quiet: [call('verify', 'AsyncEventsDropped', 20, 0)],
    trouble: [call('verify', 'AsyncEventsDropped', 20, 1)],
    alarm: [21, 36],
  }),
  'verify-stale': () => missed(told.verify),
  'rates-stale': () => missed(told.rates),
  'alerts-undelivered': () => ({ minutes: 60, quiet: [], trouble: [undelivered(20)], alarm: [21, 36] }),
} satisfies Record<string, (of: FunctionName) => Story>;

/** The story of an alarm: that of its own name, or that of its kind. */
function storyOf(name: string): Story {
  const key = name.replace(/^totes-/, '');
  const [, of, kind] = new RegExp(`^(${Object.keys(told).join('|')})-(.+)$`).exec(key) ?? [];
  const found = Object.hasOwn(story, key) ? key : kind === 'stale' ? 'stage-stale' : (kind ?? key);
  if (!Object.hasOwn(story, found)) throw new Error(`${name} has no story here: write what makes it fire and rest`);
  return story[found as keyof typeof story](of as FunctionName);
}

/** Without the moment in which it knows nothing. */
const states = (alarm: Alarm, data: readonly MetricDatum[], minutes: number): (AlarmState | number)[] =>
  changes(alarm, data, start, minutes).flatMap(({ minute, state }, i) => (i === 0 ? [state] : [minute, state]));

const planned = await plannedAlarms();
if (typeof planned === 'string' && process.env.REQUIRE_ALL_CHECKS === '1') throw new Error(planned);

if (typeof planned === 'string')
  test.skip('each alarm fires and rests (needs Terraform and the AWS provider)', () => undefined);
else {
  const alarms = new Map(
    Object.values(planned)
      .flatMap((watch) => watch.alarms)
      .map((alarm) => [alarm.name, alarm]),
  );

  describe.each([...alarms.values()].map((alarm) => [alarm.name, alarm] as const))('%s', (name, alarm) => {
    const { minutes, quiet, trouble, alarm: within } = storyOf(name);

    // https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricAlarm.html
    it('looks back no further than CloudWatch does, in as many words as it takes', () => {
      const day = 24 * 60 * 60;
      expect(alarm.period * alarm.evaluationPeriods).toBeLessThanOrEqual(alarm.period < 3600 ? day : 7 * day);
      expect(alarm.datapointsToAlarm).toBeLessThanOrEqual(alarm.evaluationPeriods);
      expect(name.length).toBeLessThanOrEqual(255);
      expect(alarm.description.length).toBeLessThanOrEqual(1024);
    });

    it('rests while there is no reason', () => {
      expect(states(alarm, quiet, minutes)).toEqual(['OK']);
    });

    it('fires in time, and rests again', () => {
      expect(states(alarm, trouble, minutes)).toEqual(['OK', within[0], 'ALARM', within[1], 'OK']);
    });
  });

  test('the dashboard shows what the functions write', async () => {
    const rows = { staff: 1 };
    const data = [
      ...Object.values(told).flatMap((calls) => Object.values(calls).flat()),
      ...(await written('ingest', { result: { read: rows } })),
      ...(await written('transform', { result: { rows } })),
      ...(await written('load', { result: { loaded: rows, lag: rows } })),
    ];
    const writes = new Set(
      data.map(({ name, dimensions }) => [name, ...Object.keys(dimensions), dimensions.service].join(' ')),
    );
    const shown = Object.values(planned).flatMap(({ dashboard }) => shownMetrics(dashboard));
    expect(shown.length).toBeGreaterThan(50);
    expect(shown.filter((metric) => !writes.has(metric))).toEqual([]);
  });

  test('no story is of an alarm that is not there', () => {
    const kinds = [...alarms.keys()].map((name) => name.replace(/^totes-/, ''));
    const untold = Object.keys(story).filter(
      (key) => !kinds.some((kind) => kind === key || kind.endsWith(`-${key.replace('stage-', '')}`)),
    );
    expect(untold).toEqual([]);
  });

  test('each alarm has its section in the runbook, and each section its alarm', async () => {
    const runbook = await readFile(join(import.meta.dirname, '../../docs/runbook.md'), 'utf8');
    const [, part] = /^# Alarms$(.*?)^# /ms.exec(runbook) ?? [];
    const sections = Array.from(part!.matchAll(/^## (.+)$/gm), ([, heading]) => heading);
    const linked = [...alarms.values()].map(
      ({ description }) => /Runbook: docs\/runbook\.md#(.+)$/.exec(description)?.[1],
    );
    expect(sections.toSorted()).toEqual([...new Set(linked)].toSorted());
  });
}
