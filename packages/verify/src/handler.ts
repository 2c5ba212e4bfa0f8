import { stageHandler } from '@totes/core/lambda';
import { runVerify } from './container.ts';
import { observe } from './observation.ts';

/** The Lambda function: compares the source with the warehouse. */
export const handler = stageHandler({ name: 'verify', work: runVerify, observe });
