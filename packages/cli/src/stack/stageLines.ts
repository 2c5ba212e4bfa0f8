import type { HistoryEvent } from '@aws-sdk/client-sfn';
import type { PublishResult } from '@totes/dashboard';
import type { IngestResult, LargeLook } from '@totes/ingest';
import type { LoadResult } from '@totes/load';
import type { TransformResult } from '@totes/transform';
import { formatNumber, formatSeconds } from '../output.ts';
import { parseCause } from './cause.ts';

/** The states of terraform/pipeline.asl.json that do something, by what they do. */
const tasks: Readonly<Record<string, string>> = {
  Ingest: 'ingest',
  Transform: 'transform',
  'Check warehouse': 'load',
  Load: 'load',
  Report: 'report',
  'Alert of quarantine': 'alert',
  'Alert of report': 'alert',
  Alert: 'alert',
};

/** The state whose own states read the slices of a large look. */
const readSlices = 'Read slices';

interface Task {
  readonly name: string;
  readonly since: number;
  /** Whether it has tasks of its own. */
  readonly isOfSlices: boolean;
  readonly outcome?: { readonly payload: unknown } | 'failed';
}

/** A line for each stage of an execution that ended, and for each attempt that failed, by its history so far. */
export function stageLines(events: readonly HistoryEvent[]): string[] {
  const lines: string[] = [];
  let task: Task | undefined;
  for (const event of events) {
    const at = event.timestamp?.getTime() ?? 0;
    const entered = event.stateEnteredEventDetails?.name;
    const failure = event.taskFailedEventDetails ?? event.taskTimedOutEventDetails;
    if (task?.isOfSlices === true) {
      const exited = event.stateExitedEventDetails;
      if (failure !== undefined) lines.push(line(task, at, failureText(failure.error, failure.cause)));
      if (exited?.name !== readSlices) continue;
      lines.push(line(task, at, slicesSummary(exited.output)));
      task = undefined;
    } else if (entered !== undefined) {
      const name = entered === readSlices ? 'ingest' : tasks[entered];
      task = name === undefined ? undefined : { name, since: at, isOfSlices: entered === readSlices };
    } else if (task === undefined) {
      continue;
    } else if (event.taskSucceededEventDetails !== undefined) {
      task = { ...task, outcome: { payload: payloadOf(event.taskSucceededEventDetails.output) } };
    } else if (failure !== undefined) {
      lines.push(line(task, at, failureText(failure.error, failure.cause)));
      task = { ...task, outcome: 'failed' };
    } else if (event.stateExitedEventDetails !== undefined && task.outcome !== 'failed') {
      const payload = task.outcome?.payload ?? payloadOf(event.stateExitedEventDetails.output);
      lines.push(line(task, at, summaryOf(task.name, payload)));
    }
  }
  return lines;
}

/** When an execution began to read slices, if that is what it does now; milliseconds since 1970. */
export function slicesSince(events: readonly HistoryEvent[]): number | undefined {
  const last = events.findLast(
    (event) => (event.stateEnteredEventDetails ?? event.stateExitedEventDetails)?.name === readSlices,
  );
  return last?.stateEnteredEventDetails === undefined ? undefined : last.timestamp?.getTime();
}

const failureText = (error = 'failed', cause = ''): string => `${error}: ${parseCause(cause).message}`;

function slicesSummary(output: string | undefined): string {
  const { Payload, failure } = JSON.parse(output ?? '{}') as { Payload?: unknown; failure?: Partial<Failed> | null };
  return failure ? `${failureText(failure.Error, failure.Cause)}; nothing is committed` : summaryOf('ingest', Payload);
}

interface Failed {
  readonly Error: string;
  readonly Cause: string;
}

const line = ({ name, since }: Task, at: number, text: string): string => stageLine(name, (at - since) / 1000, text);

/** One line of progress. */
export const stageLine = (name: string, seconds: number, text: string): string =>
  `${name.padEnd(9)}  ${formatSeconds(seconds).padStart(6)}  ${text}`;

/** What Lambda answered, in the output of a task. */
function payloadOf(output: string | undefined): unknown {
  try {
    return (JSON.parse(output ?? 'null') as { Payload?: unknown } | null)?.Payload;
  } catch {
    return undefined;
  }
}

const total = (counts: Readonly<Record<string, number>> = {}): string =>
  formatNumber(Object.values(counts).reduce((sum, count) => sum + count, 0));

/** What a stage did, in a few words. */
export function summaryOf(name: string, payload: unknown): string {
  if (name === 'alert') return 'sent';
  if (typeof payload !== 'object' || payload === null) return 'done';
  const { version } = payload as { version: number };
  switch (name) {
    case 'ingest': {
      if ('slices' in payload) return `${formatNumber((payload as LargeLook).slices)} slices to read`;
      const { committed, read } = payload as IngestResult;
      return committed ? `version ${version}, ${total(read)} rows read` : `nothing new, at version ${version}`;
    }
    case 'transform': {
      const { rows, quarantined } = payload as TransformResult;
      return `version ${version}, ${total(rows)} rows written, ${formatNumber(quarantined)} set aside`;
    }
    case 'report': {
      const { written } = payload as PublishResult;
      if (version === 0) return 'nothing to show yet';
      return written ? `page of version ${version} written` : `page shows version ${version} already`;
    }
    default:
      return `version ${version}, ${total((payload as LoadResult).loaded)} rows loaded`;
  }
}
