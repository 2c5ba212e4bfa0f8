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

/** https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html */
interface Embedded {
  readonly service?: unknown;
  readonly _aws?: {
    readonly CloudWatchMetrics: readonly {
      readonly Namespace: string;
      readonly Dimensions: readonly (readonly string[])[];
      readonly Metrics: readonly { readonly Name: string }[];
    }[];
  };
}

/**
 * The value of a metric in a line of a log, where CloudWatch would take the line for one and an alarm would see it:
 * undefined for any other line.
 */
export function valueIn(line: string, { name, service }: Pick<Metric, 'name' | 'service'>): number | undefined {
  if (!line.startsWith('{"_aws"')) return undefined;
  const embedded = JSON.parse(line) as Embedded & Readonly<Record<string, unknown>>;
  const declared = embedded._aws?.CloudWatchMetrics.some(
    ({ Namespace, Dimensions, Metrics }) =>
      Namespace === 'Totes' &&
      Dimensions.some((names) => names.join() === 'service') &&
      Metrics.some(({ Name }) => Name === name),
  );
  const value = embedded[name];
  return declared === true && embedded.service === service && typeof value === 'number' ? value : undefined;
}

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
