import type { Observation } from '@totes/core/lambda';
import type { PublishResult } from './publish.ts';

/** What the log and the metrics tell of a call. */
export const observe = ({ version, written, bytes }: PublishResult): Observation => ({
  version,
  fields: { written, ...(bytes !== undefined && { bytes }) },
  warnings: [],
  metrics: [],
});
