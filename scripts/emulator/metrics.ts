import { embeddedMetrics } from '../alarms/embeddedMetrics.ts';
import { isOf } from '../alarms/metricDatum.ts';
import type { Cloud } from './cloud.ts';
import { logLines } from './logs.ts';
import { until } from './until.ts';

/** A metric as an alarm names it: its namespace and dimension are those of terraform/alarms_rows.tf. */
export interface Metric {
  readonly name: 'RowsDiffering' | 'RowsWaiting';
  /** The value of the dimension `service`. */
  readonly service: string;
  /** Where the function writes it. */
  readonly logGroup: string;
}

/**
 * The value of a metric in a line of a log, where CloudWatch would take the line for one and an alarm would see it:
 * undefined for any other line.
 */
export const valueIn = (line: string, { name, service }: Pick<Metric, 'name' | 'service'>): number | undefined =>
  embeddedMetrics(line).find((datum) => isOf(datum, { namespace: 'Totes', name, dimensions: { service } }))?.value;

/** What a function has counted so far, oldest first. */
export async function valuesOf(cloud: Cloud, metric: Metric): Promise<number[]> {
  return (await logLines(cloud, metric.logGroup)).flatMap((line) => valueIn(line, metric) ?? []);
}

/** Waits until a function has counted once more than `before`, and gives the last count. */
export const nextValue = (cloud: Cloud, metric: Metric, before: readonly number[], seconds = 30): Promise<number> =>
  until(`${metric.service} counts ${metric.name}`, seconds, async () => {
    const values = await valuesOf(cloud, metric);
    return values.length > before.length ? values.at(-1) : undefined;
  });
