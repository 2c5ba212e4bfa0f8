export * from './transform.ts';
export type { QuarantinedRow } from './quarantine.ts';
