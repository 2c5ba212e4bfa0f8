import { ConfigInvalid } from '@totes/core';

/** What whoever calls the function chooses. */
export interface ReplayRequest {
  /** See `LakeReplay`. */
  readonly fromRaw: boolean;
  readonly replaceOtherLake: boolean;
}

/**
 * The choices that an event names; each is false where it is absent.
 *
 * @throws ConfigInvalid where one is neither true nor false: what it was meant to be can only be guessed
 */
export function replayRequest(event: unknown): ReplayRequest {
  const given = Object(event) as Readonly<Record<string, unknown>>;
  const choice = (name: keyof ReplayRequest): boolean => {
    const value = given[name] ?? false;
    if (typeof value === 'boolean') return value;
    throw new ConfigInvalid(`${name} must be true or false, not ${JSON.stringify(value)}`);
  };
  return { fromRaw: choice('fromRaw'), replaceOtherLake: choice('replaceOtherLake') };
}
