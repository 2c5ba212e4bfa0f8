import { stageHandler } from '@totes/core/lambda';
import { runReplay } from './container.ts';
import { observe } from './observation.ts';

/** The Lambda function: rebuilds the warehouse from the lake, when a person asks for it. */
export const handler = stageHandler({ name: 'replay', work: runReplay, observe });
