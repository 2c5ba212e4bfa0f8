import { ConfigInvalid, isSliceFolder } from '@totes/core';

/** What the function is called for. */
export type Call =
  /** Bring the processed log up to the raw one; `leaveLarge`: leave a version that is too much for one function. */
  | { readonly task: 'transform'; readonly leaveLarge: boolean }
  /** The same, with what others made of the slices of a version that was left. */
  | { readonly task: 'commit'; readonly leaveLarge: boolean; readonly folder: string }
  | { readonly task: 'slice'; readonly folder: string; readonly number: number };

/**
 * Reads the event of a call. What the state machine says of slices has to be right; any other event is a hint that there may
 * be work.
 *
 * @throws ConfigInvalid where it asks for something that is not there
 */
export function readCall(event: unknown): Call {
  const { slices, fanOut } = (typeof event === 'object' && event !== null ? event : {}) as Record<string, unknown>;
  const leaveLarge = fanOut === true;
  if (slices === undefined) return { task: 'transform', leaveLarge };
  const { task, folder, number } = (slices ?? {}) as Record<string, unknown>;
  if (isSliceFolder(folder)) {
    if (task === 'commit') return { task, leaveLarge, folder };
    if (task === 'slice' && typeof number === 'number') return { task, folder, number };
  }
  throw new ConfigInvalid(`the event asks for ${JSON.stringify(slices).slice(0, 200)}, which is no task of slices`);
}
