import type { IngestResult, LargeLook } from './ingest.ts';
import type { Planned } from './slices/awaitPlan.ts';
import type { Held } from './slices/hold.ts';
import type { Failure } from './slices/sliceFolder.ts';
import type { SliceTaken } from './slices/takeSlice.ts';

/** What the function answers to a call. */
export type IngestAnswer =
  | IngestResult
  /** Too much for one call: `folder` is where its slices are to be planned. */
  | (LargeLook & { readonly folder: string })
  | Held
  | Planned
  | SliceTaken
  | { readonly version: number; readonly failure: Failure };
