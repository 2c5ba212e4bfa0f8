import type { SliceWork } from './factSlice.ts';
import { transformSlice, type SliceStores, type TransformedSlice } from './transformSlice.ts';

/** Transforms all slices of a version, and gives the results in their order. Throws as `transformSlice` does. */
export type SliceRunner = (stores: SliceStores, work: SliceWork) => AsyncIterable<TransformedSlice>;

/** Transforms slices here, one when the result of the one before was taken. */
export const inTurn: SliceRunner = async function* (stores, { slices, against }) {
  for (const slice of slices) yield await transformSlice(stores, slice, against);
};
