import { rowsByTable, withRows, type Measurement, type Observation } from '@totes/core/lambda';
import type { LoadResult } from './loadResult.ts';

/** What the log and the metrics tell of a run of load. */
export function observe({ version, versions, loaded, deleted, warnings, lag }: LoadResult): Observation {
  const unstamped = { message: 'fact rows changed though their last_updated did not', fields: { rows: warnings } };
  const lags = Object.entries(lag).map(([table, value]): Measurement => ({
    name: 'LagSeconds',
    unit: 'Seconds',
    value,
    table,
  }));
  return {
    version,
    fields: { versions: versions.length, rows: withRows(loaded), deleted, lag },
    warnings: warnings > 0 ? [unstamped] : [],
    metrics: [...rowsByTable('RowsLoaded', loaded), ...lags],
  };
}
