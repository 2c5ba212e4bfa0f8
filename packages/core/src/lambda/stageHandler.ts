import { messageOf, TotesError } from '../errors.ts';
import { newRunId } from '../runId.ts';
import { memoryUsed } from './memoryUsed.ts';
import { count, type Observation } from './observation.ts';
import { publishMetrics } from './publishMetrics.ts';
import { StageLogger } from './stageLogger.ts';

/** Makes the run id of this attempt. From then on every line of the log has it. */
export type MakeRunId = () => string;

/** A stage, as its package makes it. */
export interface Stage<Result> {
  readonly name: 'ingest' | 'transform' | 'load' | 'verify' | 'replay' | 'report' | 'rates';
  /** Does the work that the environment describes. The event is for what a person calls with choices of their own. */
  readonly work: (
    env: Readonly<Record<string, string | undefined>>,
    makeRunId: MakeRunId,
    event: unknown,
  ) => Promise<Result>;
  /** What the log and the metrics tell of a result. Pure. */
  readonly observe: (result: Result) => Observation;
}

/** What a function needs of the context that Lambda gives it. */
export interface Invocation {
  readonly awsRequestId?: string;
}

/**
 * Makes a stage a Lambda function. Its event is only a hint that there may be work; all that is read of it here is what every
 * line of the log then has: `run`, the name of the state machine's execution, and which part of a large version the call is
 * for. The result is that of the work, and so is the error, which is logged and thrown on unchanged.
 */
export function stageHandler<Result>({ name, work, observe }: Stage<Result>) {
  return async (event?: unknown, invocation?: Invocation): Promise<Result> => {
    const started = performance.now();
    const seconds = (): number => Math.round(performance.now() - started) / 1000;
    const service = process.env.AWS_LAMBDA_FUNCTION_NAME ?? name;
    const run = runOf(event, invocation);
    const logger = new StageLogger(service, {
      ...{ run, function_request_id: invocation?.awsRequestId },
      ...partOf(event),
    });
    const makeRunId = (): string => {
      const runId = newRunId(new Date(), run);
      logger.appendKeys({ run_id: runId });
      return runId;
    };
    try {
      const result = await work(process.env, makeRunId, event);
      const { version, fields, warnings, metrics } = observe(result);
      for (const { message, fields } of warnings) logger.warn(message, { version, ...fields });
      const took = seconds();
      logger.info(`${name} finished`, { version, ...fields, seconds: took });
      const ofAll = [count('Warnings', warnings.length), { name: 'Seconds', unit: 'Seconds', value: took } as const];
      publishMetrics([...ofAll, ...memoryUsed(), ...metrics], service, run);
      return result;
    } catch (error) {
      const transient = error instanceof TotesError && error.transient;
      const shown = { name: error instanceof Error ? error.name : typeof error, message: messageOf(error) };
      // The state machine tries a transient error again, and tells of it where that does not help.
      logger[transient ? 'warn' : 'error'](`${name} failed`, { error: shown, transient, seconds: seconds() });
      publishMetrics([count('Warnings', 0), ...memoryUsed()], service, run);
      throw error;
    }
  };
}

/** What the state machine calls a function for, where many calls share the work of one: a call that fails says which it was. */
function partOf(event: unknown): { readonly task?: string; readonly slice?: number } {
  const { slices } = Object(event) as Readonly<Record<string, unknown>>;
  const { task, number } = Object(slices) as Readonly<Record<string, unknown>>;
  return { ...(typeof task === 'string' && { task }), ...(typeof number === 'number' && { slice: number }) };
}

/** The execution that the event names, or else this call of the function. */
function runOf(event: unknown, invocation: Invocation | undefined): string {
  const named = typeof event === 'object' && event !== null && 'run' in event ? event.run : undefined;
  // As long as Step Functions lets a name be.
  if (typeof named === 'string' && named.length > 0 && named.length <= 80) return named;
  return invocation?.awsRequestId ?? newRunId(new Date());
}
