import { Metrics } from '@aws-lambda-powertools/metrics';
import type { Measurement } from './observation.ts';

/**
 * Writes lines on stdout of which CloudWatch makes metrics of namespace Totes, and which need no call and no right (the
 * embedded metric format): one for the function, one for each table.
 *
 * @param service the dimension of all: the function, so that two pipelines of an account are told apart
 * @param run what the lines say beside the metrics, to find the log of a value
 */
export function publishMetrics(measurements: readonly Measurement[], service: string, run: string): void {
  const metrics = new Metrics({ namespace: 'Totes', serviceName: service });
  for (const table of new Set(measurements.map((each) => each.table))) {
    metrics.addMetadata('run', run);
    if (table !== undefined) metrics.addDimension('table', table);
    for (const { name, unit, value } of measurements.filter((each) => each.table === table)) {
      metrics.addMetric(name, unit, value);
    }
    metrics.publishStoredMetrics();
  }
}
