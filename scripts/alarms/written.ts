import { stageHandler, type Observation } from '../../packages/core/src/lambda/index.ts';
import { observe as observeReport } from '../../packages/dashboard/src/observation.ts';
import { observe as observeIngest } from '../../packages/ingest/src/observation.ts';
import { observe as observeLoad } from '../../packages/load/src/observation.ts';
import { observe as observeRates } from '../../packages/rates/src/observation.ts';
import { observe as observeReplay } from '../../packages/replay/src/observation.ts';
import { observe as observeTransform } from '../../packages/transform/src/observation.ts';
import { observe as observeVerify } from '../../packages/verify/src/observation.ts';
import { stdoutOf } from '../jest/stdoutOf.ts';
import { embeddedMetrics } from './embeddedMetrics.ts';
import type { MetricDatum } from './metricDatum.ts';

/** A function, and what it tells of a result. */
const functions = {
  ingest: [
    observeIngest,
    { version: 7, committed: false, read: {}, deleted: {}, served: 0, notices: [], schemaChanges: [], bytes: 0 },
  ],
  transform: [observeTransform, { version: 7, transformed: [], rows: {}, quarantined: 0, waiting: 0, bytes: 0 }],
  load: [observeLoad, { version: 7, versions: [], loaded: {}, deleted: {}, warnings: 0, lag: {} }],
  verify: [
    observeVerify,
    {
      ...{ equal: true, version: 7, compared: 9, tables: {}, gone: {}, keys: {}, truncated: false, seconds: 1 },
      settled: { missing: 0, extra: 0, altered: 0, stale: 0 },
    },
  ],
  replay: [observeReplay, { version: 7, versions: [7], loaded: {}, deleted: {}, warnings: 0 }],
  report: [observeReport, { version: 7, written: false }],
  rates: [
    observeRates,
    { version: 7, committed: false, rates: 0, read: 60, from: '', newestDay: '2026-01-02', notices: [] },
  ],
} satisfies Record<string, readonly [(result: never) => Observation, object]>;

export type FunctionName = keyof typeof functions;

type Result<Name extends FunctionName> = Parameters<(typeof functions)[Name][0]>[0];

/** How a call goes. */
interface Call<Name extends FunctionName> {
  /** What its result has that one without any news has not. */
  readonly result?: Partial<Result<Name>>;
  /** What it fails with. */
  readonly error?: Error;
  /** What share of its memory the function uses. */
  readonly memoryUsed?: number;
}

/** What CloudWatch takes from the log of one call of a function of a pipeline called `totes`: the function's own lines. */
export async function written<Name extends FunctionName>(
  name: Name,
  { result, error, memoryUsed = 0.4 }: Call<Name> = {},
): Promise<readonly MetricDatum[]> {
  const [observe, nothingNew] = functions[name] as unknown as [(result: object) => Observation, object];
  const work = (): Promise<object> => (error ? Promise.reject(error) : Promise.resolve({ ...nothingNew, ...result }));
  const environment = { ...process.env };
  process.env.AWS_LAMBDA_FUNCTION_NAME = `totes-${name}`;
  process.env.AWS_LAMBDA_FUNCTION_MEMORY_SIZE = String(process.resourceUsage().maxRSS / 1024 / memoryUsed);
  try {
    const log = await stdoutOf(() => stageHandler({ name, work, observe })({}).catch(() => undefined));
    return log.written.split('\n').flatMap(embeddedMetrics);
  } finally {
    process.env = environment;
  }
}
