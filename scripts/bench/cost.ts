import { ofStage, stages, type Run, type StageName } from './results.ts';

/**
 * List prices of us-east-1 in US dollars, without free tier: https://aws.amazon.com/lambda/pricing (arm64),
 * https://aws.amazon.com/step-functions/pricing, https://aws.amazon.com/s3/pricing.
 */
const prices = {
  gigabyteSecond: 0.0000133334,
  call: 0.0000002,
  transition: 0.000025,
  write: 0.000005,
  read: 0.0000004,
  gigabyteMonth: 0.023,
} as const;

/** Memory of the functions in MB, as terraform/variables.tf has it, and that of a whole core. */
const memory: Readonly<Record<StageName, number>> = { ingest: 1024, transform: 1769, load: 1024 };
const wholeCore = 1769;

/** Of a run that finds nothing: its start, three stages called or chosen between, the report, its end. */
const transitions = 8;

/** A run every five minutes, thirty days long. */
export const runsOfMonth = (30 * 24 * 60) / 5;

/** Requests of an object store; S3 has one price for writes and lists, and another for reads. */
export interface Requests {
  readonly writes: number;
  readonly reads: number;
}

/** What S3 counts a request as, given as `METHOD key?query`. */
export function countRequests(made: readonly string[]): Requests {
  const reads = made.filter((request) => /^(GET|HEAD) /.test(request) && !request.includes('list-type=')).length;
  return { writes: made.length - reads, reads };
}

/** Dollars for the functions of a run, each with Lambda's share of a core for its memory: what they compute takes longer. */
export function dollarsOfFunctions(runs: readonly Run[]): number {
  return stages.reduce((sum, stage) => {
    const slower = Math.max(1, wholeCore / memory[stage]) - 1;
    const seconds = ofStage(runs, stage, 'seconds') + ofStage(runs, stage, 'cpuSeconds') * slower;
    return sum + prices.call + seconds * (memory[stage] / 1024) * prices.gigabyteSecond;
  }, 0);
}

/** Dollars for a run in the state machine, its requests included. */
export const dollarsOfRun = (runs: readonly Run[], { writes, reads }: Requests): number =>
  dollarsOfFunctions(runs) + transitions * prices.transition + writes * prices.write + reads * prices.read;

/** Dollars a month for bytes in S3. */
export const dollarsOfBytes = (bytes: number): number => (bytes / 1e9) * prices.gigabyteMonth;
