import type { Observation } from '@totes/core/lambda';
import type { PublishResult } from './publish.ts';

/** What the log and the metrics tell of a call. */
export const observe = ({ version, written, bytes, because }: PublishResult): Observation => ({
  version,
  fields: { written, ...(bytes !== undefined && { bytes }), ...(because !== undefined && { because }) },
  warnings: [],
  metrics: [],
});
