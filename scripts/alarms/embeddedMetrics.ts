import type { MetricDatum } from './metricDatum.ts';

/** https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html */
interface Embedded extends Readonly<Record<string, unknown>> {
  readonly _aws?: {
    readonly Timestamp: number;
    readonly CloudWatchMetrics: readonly {
      readonly Namespace: string;
      readonly Dimensions: readonly (readonly string[])[];
      readonly Metrics: readonly { readonly Name: string }[];
    }[];
  };
}

/**
 * The values of metrics that CloudWatch takes from a line of a log: one for each set of dimensions; none from any other
 * line. A value that is no number, or a dimension without a text, makes no metric.
 */
export function embeddedMetrics(line: string): MetricDatum[] {
  if (!line.startsWith('{"_aws"')) return [];
  const embedded = JSON.parse(line) as Embedded;
  return (embedded._aws?.CloudWatchMetrics ?? []).flatMap(({ Namespace, Dimensions, Metrics }) =>
    Dimensions.flatMap((names) => {
      const dimensions = Object.fromEntries(names.map((name) => [name, embedded[name]]));
      if (!isText(dimensions)) return [];
      return Metrics.flatMap(({ Name }) =>
        [embedded[Name]]
          .flat()
          .filter((value) => typeof value === 'number')
          .map((value) => ({ namespace: Namespace, name: Name, dimensions, at: embedded._aws!.Timestamp, value })),
      );
    }),
  );
}

const isText = (dimensions: Readonly<Record<string, unknown>>): dimensions is Readonly<Record<string, string>> =>
  Object.values(dimensions).every((value) => typeof value === 'string');
