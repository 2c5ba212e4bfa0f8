/**
 * Lines that the functions write for CloudWatch to make metrics of: as Powertools writes them, with what each metric means
 * for a pipeline called `totes`.
 */
export type FunctionName = 'ingest' | 'transform' | 'load' | 'verify';

/** A line with metrics of a function, at a time in milliseconds since 1970. */
export const written = (of: FunctionName, metrics: Readonly<Record<string, number>>, at: number): string =>
  JSON.stringify({
    _aws: {
      Timestamp: at,
      CloudWatchMetrics: [
        { Namespace: 'Totes', Dimensions: [['service']], Metrics: Object.keys(metrics).map((Name) => ({ Name })) },
      ],
    },
    service: `totes-${of}`,
    ...metrics,
  });
