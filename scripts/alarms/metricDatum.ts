/** One value of a metric, as CloudWatch keeps it. */
export interface MetricDatum {
  readonly namespace: string;
  readonly name: string;
  /** By dimension; a metric with other dimensions is another metric. */
  readonly dimensions: Readonly<Record<string, string>>;
  /** The time that it is of, in milliseconds since 1970. */
  readonly at: number;
  /** When CloudWatch has it; at once where this is absent. */
  readonly known?: number;
  readonly value: number;
}

/** What a metric is found by. */
export type Metric = Pick<MetricDatum, 'namespace' | 'name' | 'dimensions'>;

/** Whether a value is one of the metric: all dimensions have to be named, and no others. */
export function isOf(datum: MetricDatum, { namespace, name, dimensions }: Metric): boolean {
  const wanted = Object.entries(dimensions);
  return (
    datum.namespace === namespace &&
    datum.name === name &&
    Object.keys(datum.dimensions).length === wanted.length &&
    wanted.every(([dimension, value]) => datum.dimensions[dimension] === value)
  );
}
