import type { Lake, TotesError } from '@totes/core';
import { readLag } from './lag.ts';
import { valueOf, type LakeState } from './lakeState.ts';
import { headOf, lastRunOf, type Status } from './status.ts';

/** A part of a status that could not be reached. */
export interface Fault {
  readonly part: string;
  readonly error: TotesError;
}

type LakeFields = 'raw' | 'processed' | 'lag' | 'lastRun' | 'quarantined' | 'waiting' | 'quarantine' | 'drift';

/**
 * What a status says of the lake.
 *
 * @param reached the version that the warehouse is at; undefined where nothing tells, and the processed log is the end
 */
export async function lakeStatus(
  lake: Lake,
  { raw, processed, drift }: LakeState,
  reached: number | undefined,
  now: Date,
): Promise<{ fields: Pick<Status, LakeFields>; faults: Fault[] }> {
  const [newest, transformed] = [valueOf(raw), valueOf(processed)];
  const versions = { head: newest?.version ?? 0, transformed: transformed?.version ?? 0 };
  const lag =
    raw.fault === undefined && processed.fault === undefined
      ? await readLag(lake.raw, { ...versions, reached: reached ?? versions.transformed }, now)
      : undefined;
  const isRead = processed.fault === undefined;
  return {
    fields: {
      raw: raw.fault === undefined ? headOf(newest) : null,
      processed: isRead ? headOf(transformed) : null,
      lag: lag === undefined || lag.fault !== undefined ? null : lag.value,
      lastRun: lastRunOf(newest),
      quarantined: isRead ? (transformed?.quarantine.total ?? 0) : null,
      waiting: isRead ? (transformed?.quarantine.waiting ?? 0) : null,
      quarantine: `${lake.processed.store.uri}/quarantine/`,
      drift,
    },
    faults: faultsOf({ 'the raw log': raw, 'the processed log': processed }),
  };
}

/** The parts, by their names in messages, that could not be reached. */
export const faultsOf = (parts: Readonly<Record<string, { readonly fault?: TotesError | undefined }>>): Fault[] =>
  Object.entries(parts).flatMap(([part, { fault }]) => (fault === undefined ? [] : [{ part, error: fault }]));
