import { stageHandler } from '@totes/core/lambda';
import { runIngest } from './container.ts';
import { observe } from './observation.ts';

/** The Lambda function: brings the raw log up to the source. */
export const handler = stageHandler({ name: 'ingest', work: runIngest, observe });
