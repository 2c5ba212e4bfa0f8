import { runLoad } from './container.ts';
import type { LoadResult } from './loadResult.ts';

/** The Lambda function: brings the warehouse up to the processed log. Its event is only a hint, so it is not read. */
export const handler = (): Promise<LoadResult> => runLoad(process.env);
