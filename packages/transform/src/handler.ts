import { stageHandler } from '@totes/core/lambda';
import { runTransform } from './container.ts';
import { observe } from './observation.ts';

/** The Lambda function: brings the processed log up to the raw log. */
export const handler = stageHandler({ name: 'transform', work: runTransform, observe });
