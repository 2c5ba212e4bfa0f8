import type { SliceTaken } from './slices/takeSlice.ts';
import type { TransformResult } from './transform.ts';

/** What the function answers to a call. */
export type TransformAnswer = TransformResult | LargeVersion | SliceTaken;

/** A version is too much for one call: its slices are planned. What the run did before it, the call that commits tells. */
export interface LargeVersion {
  /** The head of the processed log: the version before. */
  readonly version: number;
  /** Where the slices are planned, and what becomes of them is recorded. */
  readonly folder: string;
  /** The key of the object that lists them. */
  readonly items: string;
  readonly slices: number;
}
