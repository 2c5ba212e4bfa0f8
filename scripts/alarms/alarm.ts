import type { Metric } from './metricDatum.ts';

export type Statistic = 'Sum' | 'Maximum' | 'SampleCount';

/** A series of an alarm: values of a metric, or an expression over other series. */
export type Query = { readonly id: string } & (
  { readonly metric: Metric; readonly statistic: Statistic } | { readonly expression: string }
);

/** An alarm as CloudWatch evaluates it. */
export interface Alarm {
  readonly name: string;
  readonly description: string;
  readonly queries: readonly Query[];
  /** Which of them is compared with the threshold. */
  readonly compared: string;
  /** Of all metrics, in seconds. */
  readonly period: number;
  readonly evaluationPeriods: number;
  readonly datapointsToAlarm: number;
  readonly comparison: string;
  readonly threshold: number;
  readonly missing: string;
}

/** A resource of type `aws_cloudwatch_metric_alarm`, as a plan in JSON shows it: null is what was left out. */
export interface AlarmResource {
  readonly alarm_name: string;
  readonly alarm_description: string;
  readonly namespace: string | null;
  readonly metric_name: string | null;
  readonly dimensions: Readonly<Record<string, string>> | null;
  readonly statistic: Statistic | null;
  readonly period: number | null;
  readonly evaluation_periods: number;
  readonly datapoints_to_alarm: number | null;
  readonly comparison_operator: string;
  readonly threshold: number;
  readonly treat_missing_data: string;
  readonly metric_query: readonly {
    readonly id: string;
    readonly expression: string | null;
    readonly return_data: boolean | null;
    readonly metric: readonly {
      readonly namespace: string;
      readonly metric_name: string;
      readonly dimensions: Readonly<Record<string, string>>;
      readonly stat: Statistic;
      readonly period: number;
    }[];
  }[];
}

/** Reads an alarm from a plan. Throws where its metrics have periods that differ, which CloudWatch refuses. */
export function alarmOf(resource: AlarmResource): Alarm {
  const metrics = resource.metric_query.flatMap(({ metric }) => metric);
  const periods = new Set(metrics.length > 0 ? metrics.map(({ period }) => period) : [resource.period!]);
  if (periods.size !== 1) throw new Error(`${resource.alarm_name} has metrics of periods ${[...periods].join(', ')}`);
  return {
    name: resource.alarm_name,
    description: resource.alarm_description,
    queries: metrics.length > 0 ? resource.metric_query.map(queryOf) : [onlyQuery(resource)],
    compared: resource.metric_query.find(({ return_data }) => return_data === true)?.id ?? 'only',
    period: [...periods][0]!,
    evaluationPeriods: resource.evaluation_periods,
    datapointsToAlarm: resource.datapoints_to_alarm ?? resource.evaluation_periods,
    comparison: resource.comparison_operator,
    threshold: resource.threshold,
    missing: resource.treat_missing_data,
  };
}

function queryOf({ id, expression, metric: [metric] }: AlarmResource['metric_query'][number]): Query {
  if (metric === undefined) return { id, expression: expression! };
  const { namespace, metric_name: name, dimensions, stat } = metric;
  return { id, metric: { namespace, name, dimensions }, statistic: stat };
}

const onlyQuery = ({ namespace, metric_name, dimensions, statistic }: AlarmResource): Query => ({
  id: 'only',
  metric: { namespace: namespace!, name: metric_name!, dimensions: dimensions ?? {} },
  statistic: statistic!,
});
