import type { DescribeExecutionOutput, ExecutionListItem } from '@aws-sdk/client-sfn';
import type { LoadResult } from '@totes/load';
import { parseCause } from './cause.ts';
import { StateMachine } from './stateMachine.ts';
import type { Stack } from './stack.ts';

/** The runs of a stack, as far back as its last success. Times are ISO 8601, UTC. */
export interface Runs {
  /** The oldest of the runs under way. */
  readonly running: { readonly run: string; readonly since: string } | null;
  readonly lastSuccess: { readonly run: string; readonly startedAt: string; readonly endedAt: string } | null;
  /** Since the last success, or of all runs that are known where there was none. */
  readonly failures: number;
  /** Of those, when the first one ended. */
  readonly failingSince: string | null;
  /** The newest of them. */
  readonly lastFailure: Failure | null;
  /** Why the last success could not write the business report; null where it did, or had no reason to. */
  readonly reportFailure: Pick<Failure, 'error' | 'cause'> | null;
}

export interface Failure {
  readonly run: string;
  readonly endedAt: string;
  readonly stage: string | null;
  readonly error: string;
  readonly cause: string;
}

/** What the last success said of the warehouse. */
export interface KnownWarehouse {
  readonly version: number;
  readonly asOf: string;
}

/** So many runs are looked through for a success: three days of a run every five minutes. */
const mostRuns = 1000;

const iso = (time: Date | undefined): string => time?.toISOString() ?? '';

/** Asks Step Functions. Throws StackUnavailable, StackRefused, and ConfigInvalid where the stack has no state machine. */
export async function readRuns(stack: Stack): Promise<{ runs: Runs; warehouse: KnownWarehouse | null }> {
  const machine = await StateMachine.of(stack);
  const { running, failed, success } = await sinceSuccess(machine);
  const [lastFailure, lastSuccess] = await Promise.all([
    failed[0] && machine.describe(failed[0].executionArn!),
    success && machine.describe(success.executionArn!),
  ]);
  const answers = JSON.parse(lastSuccess?.output ?? '{}') as Answers;
  const runs: Runs = {
    running: running === undefined ? null : { run: running.name!, since: iso(running.startDate) },
    lastSuccess: lastSuccess
      ? { run: lastSuccess.name!, startedAt: iso(lastSuccess.startDate), endedAt: iso(lastSuccess.stopDate) }
      : null,
    failures: failed.length,
    failingSince: failed.length === 0 ? null : iso(failed.at(-1)!.stopDate),
    lastFailure: lastFailure ? failureOf(lastFailure) : null,
    reportFailure: reportFailureOf(answers),
  };
  const version = answers.load?.version;
  return { runs, warehouse: version === undefined ? null : { version, asOf: iso(lastSuccess!.stopDate) } };
}

interface Found {
  readonly running: ExecutionListItem | undefined;
  /** The newest first. */
  readonly failed: readonly ExecutionListItem[];
  readonly success: ExecutionListItem | undefined;
}

async function sinceSuccess(machine: StateMachine): Promise<Found> {
  const failed: ExecutionListItem[] = [];
  let running: ExecutionListItem | undefined;
  let seen = 0;
  for await (const each of machine.executions()) {
    if (each.status === 'SUCCEEDED') return { running, failed, success: each };
    if (each.status === 'RUNNING' || each.status === 'PENDING_REDRIVE') running = each;
    else failed.push(each);
    if (++seen >= mostRuns) break;
  }
  return { running, failed, success: undefined };
}

const endings: Readonly<Record<string, string>> = {
  TIMED_OUT: 'the run reached its time limit',
  ABORTED: 'the run was stopped',
};

function failureOf({ name, stopDate, status, error, cause }: DescribeExecutionOutput): Failure {
  const { stage, message } = parseCause(cause ?? endings[status!] ?? 'no cause was given');
  return {
    run: name!,
    endedAt: iso(stopDate),
    stage: stage ?? null,
    error: error ?? status!,
    cause: message,
  };
}

/** What a run says at its end: the results of load and report, of the last its error where it failed. */
interface Answers {
  readonly load?: Partial<LoadResult>;
  readonly report?: { readonly Error?: string; readonly Cause?: string };
}

const reportFailureOf = ({ report }: Answers): Runs['reportFailure'] =>
  report?.Error === undefined ? null : { error: report.Error, cause: parseCause(report.Cause ?? '').message };
