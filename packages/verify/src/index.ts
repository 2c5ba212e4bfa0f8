export type { Kind } from './differences.ts';
export type { Gone, SampleRow, Settled, TableResult, VerifyResult } from './result.ts';
export { verify, type VerifyOptions } from './verify.ts';
