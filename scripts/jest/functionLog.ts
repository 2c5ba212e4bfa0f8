import { embeddedMetrics } from '../alarms/embeddedMetrics.ts';
import { stdoutOf } from './stdoutOf.ts';

/** A line of a function's log. */
export type Line = Readonly<Record<string, unknown>>;

/** What a function wrote, taken apart as CloudWatch does. */
export interface FunctionLog {
  /** Its lines of JSON in their order, without those that are metrics. */
  readonly lines: readonly Line[];
  /** Metrics of namespace Totes by name, those of a table as `name table`. */
  readonly metrics: Readonly<Record<string, number>>;
}

/** Calls a function and gives its result and its log. */
export async function logOf<T>(call: () => Promise<T>): Promise<FunctionLog & { readonly result: T }> {
  const { result, written } = await stdoutOf(call);
  return { result, ...readLog(written) };
}

/** Calls a function that must fail, and gives its error and its log. */
export async function logOfFailure(call: () => Promise<unknown>): Promise<FunctionLog & { readonly error: unknown }> {
  const { result, written } = await stdoutOf(() =>
    call().then(
      (value) => Promise.reject(new Error(`it did not fail, but gave ${JSON.stringify(value)}`)),
      (error: unknown) => error,
    ),
  );
  return { error: result, ...readLog(written) };
}

/** Throws where a line is not one JSON object. */
function readLog(written: string): FunctionLog {
  if (written !== '' && !written.endsWith('\n')) throw new Error(`the last line has no end: ${written}`);
  const texts = written.split('\n').slice(0, -1);
  const metrics = texts.flatMap(embeddedMetrics).filter(({ namespace }) => namespace === 'Totes');
  return {
    lines: texts.filter((text) => !text.startsWith('{"_aws"')).map((text) => JSON.parse(text) as Line),
    metrics: Object.fromEntries(metrics.map(({ name, dimensions, value }) => [nameOf(name, dimensions), value])),
  };
}

function nameOf(metric: string, dimensions: Readonly<Record<string, string>>): string {
  const others = Object.entries(dimensions).filter(([name]) => name !== 'service');
  return [metric, ...others.map(([, value]) => value)].join(' ');
}
