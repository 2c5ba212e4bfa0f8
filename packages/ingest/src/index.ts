export { ingest, type IngestOptions, type IngestResult, type ReadOptions } from './ingest.ts';
export type { IngestProgress } from './look.ts';
export type { CaptureModes, LastUpdatedCapture } from './plan.ts';
