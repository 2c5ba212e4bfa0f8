import { stageHandler } from '@totes/core/lambda';
import { runRates } from './container.ts';
import { observe } from './observation.ts';

/** The Lambda function: brings new exchange rates into the lake. */
export const handler = stageHandler({ name: 'rates', work: runRates, observe });
