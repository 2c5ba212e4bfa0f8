import { Metrics, MetricUnit } from '@aws-lambda-powertools/metrics';
import type { TransformResult } from './transform.ts';

/**
 * Writes one line on stdout from which CloudWatch takes the metrics RowsSetAside, of the versions transformed now, and
 * RowsWaiting, at the head: the embedded metric format, which needs no call and no right.
 */
export function publishMetrics({ quarantined, waiting }: TransformResult): void {
  new Metrics({ namespace: 'Totes', serviceName: 'transform' })
    .addMetric('RowsSetAside', MetricUnit.Count, quarantined)
    .addMetric('RowsWaiting', MetricUnit.Count, waiting)
    .publishStoredMetrics();
}
