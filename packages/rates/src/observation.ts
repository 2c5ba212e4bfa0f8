import { count, type Observation } from '@totes/core/lambda';
import type { RatesResult } from './rates.ts';

/** What the log and the metrics tell of a run of rates: each notice is a warning. */
export function observe({ version, committed, rates, read, from, newestDay, notices }: RatesResult): Observation {
  return {
    version,
    fields: { committed, rates, read, from, newest_day: newestDay },
    warnings: notices.map((notice) => ({ message: 'rates has a notice', fields: { notice } })),
    metrics: [count('RatesAppended', rates)],
  };
}
