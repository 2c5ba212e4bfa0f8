import type { RawBucket } from '@totes/core';
import { attempt, type Part } from './attempt.ts';
import type { Lag } from './status.ts';

const level: Lag = { versions: 0, seconds: 0, since: null, next: null };

/**
 * How far a pipeline is behind.
 *
 * @param head the newest version of the raw log
 * @param transformed the newest version of the processed log
 * @param reached the version that the last stage asked about is at
 */
export async function readLag(
  { log }: RawBucket,
  { head, transformed, reached }: { head: number; transformed: number; reached: number },
  now: Date,
): Promise<Part<Lag>> {
  if (reached >= head) return { value: level };
  return attempt(async () => {
    const { readAt } = (await log.read(reached + 1)).source;
    const seconds = Math.max(0, Math.round((now.getTime() - Date.parse(readAt)) / 1000));
    return { versions: head - reached, seconds, since: readAt, next: transformed < head ? 'transform' : 'load' };
  });
}
