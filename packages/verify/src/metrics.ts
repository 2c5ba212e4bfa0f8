import { MetricUnit, Metrics } from '@aws-lambda-powertools/metrics';
import type { VerifyResult } from './result.ts';

/**
 * Writes the rows that differ as one line on stdout, from which CloudWatch makes metrics of namespace Totes (embedded
 * metric format). Rows that the next run brings anyhow, and those that are set aside, are not among them.
 *
 * @param service what stands for the metrics' dimension: the function, so that two pipelines of an account are told apart
 */
export function publishMetrics({ settled }: Pick<VerifyResult, 'settled'>, service: string): void {
  const { missing, extra, altered, stale } = settled;
  const metrics = new Metrics({ namespace: 'Totes', serviceName: service });
  metrics.addMetric('RowsMissing', MetricUnit.Count, missing);
  metrics.addMetric('RowsExtra', MetricUnit.Count, extra);
  metrics.addMetric('RowsAltered', MetricUnit.Count, altered);
  metrics.addMetric('RowsStale', MetricUnit.Count, stale);
  metrics.addMetric('RowsDiffering', MetricUnit.Count, missing + extra + altered + stale);
  metrics.publishStoredMetrics();
}
