import { runIngest } from './container.ts';
import type { IngestResult } from './ingest.ts';

/** The Lambda function: brings the raw log up to the source. Its event is only a hint, so it is not read. */
export const handler = (): Promise<IngestResult> => runIngest(process.env);
