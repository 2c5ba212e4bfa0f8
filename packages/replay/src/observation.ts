import { withRows, type Observation } from '@totes/core/lambda';
import type { ReplayResult } from '@totes/load';

/**
 * What the log and the metrics tell of a replay. Rows that changed without a new last_updated were told of when they were
 * loaded first.
 */
export const observe = ({ version, versions, loaded, deleted }: ReplayResult): Observation => ({
  version,
  fields: { versions: versions.length, rows: withRows(loaded), deleted },
  warnings: [],
  metrics: [],
});
