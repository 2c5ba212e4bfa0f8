import { TotesError } from '@totes/core';

/** A part of the answer, or why it cannot be had now. */
export type Part<T> = { readonly value: T; readonly fault?: undefined } | { readonly fault: TotesError };

const unreachable = new Set([
  ...[
    'SourceUnavailable',
    'SourceRefused',
    'LakeUnavailable',
    'LakeRefused',
    'WarehouseUnavailable',
    'WarehouseRefused',
    'SecretUnavailable',
  ],
  ...['StackUnavailable', 'StackRefused'],
]);

/** Reads a part. Where what it asks cannot be reached, or says no, that is the part's answer; all else is thrown. */
export async function attempt<T>(read: () => Promise<T>): Promise<Part<T>> {
  try {
    return { value: await read() };
  } catch (error) {
    if (error instanceof TotesError && unreachable.has(error.name)) return { fault: error };
    throw error;
  }
}
