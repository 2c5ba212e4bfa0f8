import { Metrics, MetricUnit } from '@aws-lambda-powertools/metrics';
import type { TransformResult } from './transform.ts';

/**
 * Writes one line on stdout from which CloudWatch takes the metrics RowsSetAside, of the versions transformed now, and
 * RowsWaiting, at the head: the embedded metric format, which needs no call and no right.
 *
 * @param service what stands for the metrics' dimension: the function, so that two pipelines of an account are told apart
 */
export function publishMetrics({ quarantined, waiting }: TransformResult, service: string): void {
  new Metrics({ namespace: 'Totes', serviceName: service })
    .addMetric('RowsSetAside', MetricUnit.Count, quarantined)
    .addMetric('RowsWaiting', MetricUnit.Count, waiting)
    .publishStoredMetrics();
}
