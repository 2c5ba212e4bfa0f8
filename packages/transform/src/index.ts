export type { LargeVersion, TransformAnswer } from './answer.ts';
export * from './transform.ts';
export { pool } from './slices/pool.ts';
