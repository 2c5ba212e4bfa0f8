import type { HistoryEvent } from '@aws-sdk/client-sfn';
import type { PublishResult } from '@totes/dashboard';
import type { IngestResult } from '@totes/ingest';
import type { LoadResult } from '@totes/load';
import type { TransformResult } from '@totes/transform';
import { formatNumber, formatSeconds } from '../output.ts';
import { parseCause } from './cause.ts';

/** The states of terraform/pipeline.asl.json that do something, by what they do. */
const tasks: Readonly<Record<string, string>> = {
  Ingest: 'ingest',
  Transform: 'transform',
  'Commit transformed': 'transform',
  'Check warehouse': 'load',
  Load: 'load',
  Report: 'report',
  'Alert of quarantine': 'alert',
  'Alert of report': 'alert',
  Alert: 'alert',
};

/** A state that does the slices of something large. */
interface SlicedState {
  readonly stage: string;
  /** Of its Distributed Map. */
  readonly label: string;
  /** What becomes of a slice. */
  readonly done: string;
  /** What the state did, by its output; left out where the task after it tells. */
  readonly summary?: (output: string | undefined) => string;
}

/** Those of terraform/pipeline.asl.json. */
const slicedStates: Readonly<Record<string, SlicedState>> = {
  'Read slices': { stage: 'ingest', label: 'slices', done: 'read', summary: lookSummary },
  'Transform slices': { stage: 'transform', label: 'transform', done: 'transformed' },
};

interface Task {
  readonly name: string;
  readonly since: number;
  /** Set where it has tasks of its own. */
  readonly sliced?: SlicedState;
  readonly outcome?: { readonly payload: unknown } | 'failed';
}

/** A line for each stage of an execution that ended, and for each attempt that failed, by its history so far. */
export function stageLines(events: readonly HistoryEvent[]): string[] {
  const lines: string[] = [];
  let task: Task | undefined;
  for (const event of events) {
    const at = event.timestamp?.getTime() ?? 0;
    const entered = event.stateEnteredEventDetails?.name;
    const failure = event.taskFailedEventDetails ?? event.taskTimedOutEventDetails ?? event.mapRunFailedEventDetails;
    if (task?.sliced !== undefined) {
      if (failure !== undefined) lines.push(line(task, at, failureText(failure.error, failure.cause)));
      const exited = event.stateExitedEventDetails;
      const { sliced }: Task = task;
      if (slicedStates[exited?.name ?? ''] !== sliced) continue;
      if (sliced.summary !== undefined) lines.push(line(task, at, sliced.summary(exited?.output)));
      task = undefined;
    } else if (entered !== undefined) {
      const sliced = slicedStates[entered];
      const name = sliced?.stage ?? tasks[entered];
      task = name === undefined ? undefined : { name, since: at, ...(sliced && { sliced }) };
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

/** Slices that an execution does now. */
export interface SlicesUnderWay extends Pick<SlicedState, 'stage' | 'label' | 'done'> {
  /** Milliseconds since 1970. */
  readonly since: number;
}

/** The slices that an execution does now, if it does. */
export function slicesUnderWay(events: readonly HistoryEvent[]): SlicesUnderWay | undefined {
  const nameOf = (event: HistoryEvent): string =>
    (event.stateEnteredEventDetails ?? event.stateExitedEventDetails)?.name ?? '';
  const last = events.findLast((event) => nameOf(event) in slicedStates);
  const sliced = slicedStates[last?.stateEnteredEventDetails?.name ?? ''];
  return sliced && { ...sliced, since: last?.timestamp?.getTime() ?? 0 };
}

function failureText(error = 'failed', cause = ''): string {
  return `${error}: ${parseCause(cause).message}`;
}

function lookSummary(output: string | undefined): string {
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
  const { version, slices } = payload as { version: number; slices?: number };
  if (slices !== undefined) return `${formatNumber(slices)} slices to ${name === 'ingest' ? 'read' : name}`;
  switch (name) {
    case 'ingest': {
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
