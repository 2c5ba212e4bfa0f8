import { ConfigInvalid, isSliceFolder } from '@totes/core';
import type { Failure } from './slices/sliceFolder.ts';

/** What the function is called for. */
export type Call =
  /** Bring the raw log up to the source; `leave` what is too much for one function. */
  | { readonly task: 'ingest'; readonly leaveLarge: boolean }
  | { readonly task: 'hold' | 'await' | 'commit'; readonly folder: string }
  | { readonly task: 'slice'; readonly folder: string; readonly number: number }
  | { readonly task: 'give up'; readonly folder: string; readonly failure: Failure };

/**
 * Reads the event of a call. What the state machine says of slices has to be right; any other event is a hint that there may
 * be work.
 *
 * @throws ConfigInvalid where it asks for something that is not there
 */
export function readCall(event: unknown): Call {
  const { slices, fanOut } = (typeof event === 'object' && event !== null ? event : {}) as Record<string, unknown>;
  if (slices === undefined) return { task: 'ingest', leaveLarge: fanOut === true };
  const { task, folder, number, failure } = slices as Record<string, unknown>;
  if (isSliceFolder(folder)) {
    if (task === 'hold' || task === 'await' || task === 'commit') return { task, folder };
    if (task === 'slice' && typeof number === 'number') return { task, folder, number };
    if (task === 'give up' && isFailure(failure)) return { task, folder, failure };
  }
  throw new ConfigInvalid(`the event asks for ${JSON.stringify(slices).slice(0, 200)}, which is no task of slices`);
}

const isFailure = (value: unknown): value is Failure =>
  typeof value === 'object' &&
  value !== null &&
  typeof (value as Failure).Error === 'string' &&
  typeof (value as Failure).Cause === 'string';
