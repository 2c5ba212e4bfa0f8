export { ingest, type IngestOptions, type IngestResult, type LargeLook, type ReadOptions } from './ingest.ts';
export { rehearse, type Rehearsal } from './rehearse.ts';
export type { IngestProgress } from './slices/progress.ts';
export type { Readers } from './slices/readSlices.ts';
export type { CaptureModes, LastUpdatedCapture } from './plan.ts';
