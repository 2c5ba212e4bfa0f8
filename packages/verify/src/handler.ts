import { runVerify } from './container.ts';
import type { VerifyResult } from './result.ts';

/** The Lambda function: compares the source with the warehouse. Its event is only a hint, so it is not read. */
export const handler = (): Promise<VerifyResult> => runVerify(process.env);
