import type { LogEvent } from './logEvents.ts';
import type { LoggedFunction } from './stack.ts';

/** A line of a function's log. */
export interface LogLine {
  readonly stage: LoggedFunction;
  /** In milliseconds since 1970. */
  readonly at: number;
  /** The object that our functions write; absent where the line is something else. */
  readonly fields?: Readonly<Record<string, unknown>>;
  readonly text: string;
}

export const levels = ['DEBUG', 'INFO', 'WARN', 'ERROR'] as const;
export type Level = (typeof levels)[number];

/** What Lambda itself writes of each call, and its reports of a sandbox that is made ready. */
const ofPlatform =
  /^(START RequestId|END RequestId|REPORT RequestId|INIT_START|INIT_REPORT|RESTORE_|EXTENSION\s|XRAY TraceId)/;

/** What every line has that Powertools Logger writes, or that is of no use to a person. */
const known = new Set([
  ...['level', 'message', 'timestamp', 'service', 'run', 'version', 'error', 'stage'],
  ...['cold_start', 'function_name', 'function_arn', 'function_memory_size', 'function_request_id'],
  ...['sampling_rate', 'xray_trace_id', 'correlation_id'],
]);

/** The lines of an event, but for metrics and what Lambda itself writes. */
export function linesOf({ stage, at, text }: LogEvent): LogLine[] {
  return text
    .split(/\r?\n/)
    .filter((line) => line.trim() !== '' && !ofPlatform.test(line))
    .map((line) => {
      const fields = objectOf(line);
      return { stage, at, ...(fields && { fields }), text: line };
    })
    .filter(({ fields }) => fields?._aws === undefined && !String(fields?.type).startsWith('platform.'));
}

/** The error of a line that Lambda's runtime writes of each call that throws. */
function errorOfRuntime({ fields }: LogLine): { readonly type: unknown; readonly message: unknown } | undefined {
  const { errorType, errorMessage } = Object(fields?.message) as Readonly<Record<string, unknown>>;
  return errorType === undefined ? undefined : { type: errorType, message: errorMessage };
}

/**
 * Whether to show a line, of lines in their order: what Lambda's runtime writes of an error, at level ERROR and with a stack even
 * where it will be tried again, is left out where a line of ours told of that call's error before.
 */
export function untold(): (line: LogLine) => boolean {
  const told = new Set<unknown>();
  return (line) => {
    if (line.fields?.error !== undefined) told.add(line.fields.function_request_id);
    return errorOfRuntime(line) === undefined || !told.has(line.fields?.requestId);
  };
}

function objectOf(line: string): Readonly<Record<string, unknown>> | undefined {
  if (!line.startsWith('{')) return undefined;
  try {
    return JSON.parse(line) as Readonly<Record<string, unknown>>;
  } catch {
    return undefined;
  }
}

/** Whether a line is of a level or above; one without a level, like that of a crash, always is. */
export function isAtLeast(level: Level, { fields }: LogLine): boolean {
  const rank = levels.indexOf(fields?.level as Level);
  return rank < 0 || rank >= levels.indexOf(level);
}

/** Whether a line is of a run: a stage's own run id begins with the run's name. */
export const isOfRun = (run: string, { fields, text }: LogLine): boolean =>
  fields === undefined ? text.includes(run) : fields.run === run || String(fields.run_id).startsWith(run);

/** A line for people: time, level, stage, run, message, and what else it says. */
export function formatLine(line: LogLine): string {
  const { stage, at, fields, text } = line;
  const time = new Date(at).toISOString();
  const thrown = errorOfRuntime(line);
  if (thrown !== undefined) {
    const { type, message } = thrown;
    return `${time}  ERROR  ${stage.padEnd(9)}  ${plain(type)}: ${plain(message)}`;
  }
  if (typeof fields?.message !== 'string') return `${time}  ${''.padEnd(5)}  ${stage.padEnd(9)}  ${text}`;
  const { level, run, message, version, error } = fields;
  const parts = [
    ...(version === undefined ? [] : [`version=${plain(version)}`]),
    ...Object.entries(fields).flatMap(([name, value]) => (known.has(name) ? [] : [`${name}=${plain(value)}`])),
    ...(error === undefined ? [] : [`error=${errorText(error)}`]),
  ];
  const start = [time, plain(level ?? '').padEnd(5), stage.padEnd(9), plain(run ?? '-'), message];
  return [...start, ...(parts.length > 0 ? [parts.join(' ')] : [])].join('  ');
}

const plain = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value));

const errorText = (error: unknown): string => {
  const { name, message } = (typeof error === 'object' && error !== null ? error : {}) as Record<string, unknown>;
  return typeof message === 'string' ? `${plain(name ?? 'Error')}: ${message}` : plain(error);
};
