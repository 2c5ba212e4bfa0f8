import { stageHandler } from '@totes/core/lambda';
import { runLoad } from './container.ts';
import { observe } from './observation.ts';

/** The Lambda function: brings the warehouse up to the processed log. */
export const handler = stageHandler({ name: 'load', work: runLoad, observe });
