import { randomBytes } from 'node:crypto';

/** What may stand in a run id as it is, and in keys of the lake: names of executions, request ids of Lambda. */
const nameable = /^[A-Za-z0-9_-]{1,80}$/;

const hex = (bytes: number): string => randomBytes(bytes).toString('hex');

/**
 * The id of one attempt, which manifests and keys of the lake bear: `20260105T090000Z-1a2b3c4d`, so that ids sort by
 * time; or `<run>.1a2b3c4d` where a run is named, so that what it wrote is found by its name, and another attempt of it has
 * an id of its own.
 *
 * @param run what the attempt is part of, such as the name of a state machine's execution; passed over where it is not
 *   1 to 80 of A-Z, a-z, 0-9, "-" and "_"
 */
export function newRunId(now: Date, run?: string): string {
  if (run !== undefined && nameable.test(run)) return `${run}.${hex(4)}`;
  return `${now.toISOString().replace(/[-:]|\.\d+/g, '')}-${hex(4)}`;
}
