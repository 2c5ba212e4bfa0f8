import { stageHandler } from '@totes/core/lambda';
import { runReport } from './container.ts';
import { observe } from './observation.ts';

/** The Lambda function: brings the page in the report bucket up to the warehouse. */
export const handler = stageHandler({ name: 'report', work: runReport, observe });
