import { formatNumber, formatSeconds } from '../output.ts';
import type { FiringAlarm } from '../stack/alarms.ts';
import type { Runs } from '../stack/runs.ts';
import { loggedFunctions } from '../stack/stack.ts';
import type { StageRuns } from '../stack/stageRuns.ts';
import type { Fault } from './lakeStatus.ts';
import type { NextCommands } from './nextCommands.ts';
import type { Problem, Status } from './status.ts';

/** What the warehouse's ledger says against loading into it. */
export type LedgerDoubt = Pick<Problem, 'kind' | 'message'> & {
  readonly kind: 'emptied' | 'mismatch' | 'incomplete' | 'otherLake' | 'emptyLake' | 'rebuiltLog' | 'olderLake';
};

/** What a judgement of a pipeline rests on. */
export interface Evidence {
  readonly status: Omit<Status, 'healthy' | 'problems'>;
  /** The parts that could not be reached. */
  readonly faults: readonly Fault[];
  readonly doubt?: LedgerDoubt | undefined;
  /** Why no run can read the source as it is now. */
  readonly refusal?: string | undefined;
  /** How far behind is late, in seconds: 0 where nothing runs by itself. */
  readonly lateAfter: number;
  readonly now: Date;
}

/** A pipeline that runs by itself is never to be further behind: the same as the alarms of terraform/alarms.tf. */
export const promisedSeconds = 30 * 60;

/** What is wrong, the most important first. */
export function findProblems(evidence: Evidence, next: NextCommands): Problem[] {
  const { status, faults } = evidence;
  return [
    ...faults.map(({ part, error }) => ({
      kind: 'unreachable' as const,
      message: `${part} cannot be ${error.transient ? 'reached' : 'read'}: ${error.message}`,
      next: next.status,
      afterMending: true as const,
    })),
    ...doubts(evidence, next),
    ...refused(evidence, next),
    ...(status.runs ? runProblems(status.runs, evidence, next) : []),
    ...(status.stages ? Object.entries(status.stages).flatMap(([name, runs]) => stageProblems(name, runs, next)) : []),
    ...unread(evidence, next),
    ...behind(evidence, next),
    ...drifted(status, next),
    ...quarantined(status, next),
    ...oldReport(status, next),
    ...(status.alarms ?? []).map((alarm) => alarmProblem(alarm, next)),
  ];
}

function doubts({ doubt }: Evidence, next: NextCommands): Problem[] {
  if (doubt === undefined) return [];
  switch (doubt.kind) {
    case 'emptyLake':
      return [{ ...doubt, next: next.statusOfLake }];
    // A replay fills all tables anew, where load asks for the rest to be emptied.
    case 'emptied':
    case 'rebuiltLog':
      return [{ ...doubt, next: next.replay }];
    case 'mismatch':
      return [{ ...doubt, next: next.load, afterMending: true }];
    default:
      // Load names every way out.
      return [{ ...doubt, next: next.load }];
  }
}

function refused({ refusal }: Evidence, next: NextCommands): Problem[] {
  if (refusal === undefined) return [];
  return [{ kind: 'stuck', message: `no run can read the source: ${refusal}`, next: next.run, afterMending: true }];
}

function runProblems(runs: Runs, { now }: Evidence, next: NextCommands): Problem[] {
  const { lastFailure, lastSuccess, failures } = runs;
  if (lastFailure !== null) {
    const { stage, error, cause } = lastFailure;
    const what = failures === 1 ? 'the last run failed' : `the last ${formatNumber(failures)} runs failed`;
    const where = stage === null ? '' : `${stage}: `;
    return [
      {
        kind: 'stuck',
        message: `${what}, since ${runs.failingSince!}: ${where}${error}: ${cause}`,
        next: next.logs(stage),
      },
    ];
  }
  if (lastSuccess === null) {
    if (runs.running !== null) return [];
    return [{ kind: 'late', message: 'no run has ever succeeded or failed: was the schedule paused?', next: next.run }];
  }
  const seconds = (now.getTime() - Date.parse(lastSuccess.endedAt)) / 1000;
  if (seconds <= promisedSeconds) return [];
  const why =
    runs.running === null
      ? 'and none failed since: was the schedule paused?'
      : `run ${runs.running.run} is under way since ${runs.running.since}`;
  return [
    {
      kind: 'late',
      message: `no run has succeeded for ${formatSeconds(seconds)}, since ${lastSuccess.endedAt}; ${why}`,
      next: runs.running === null ? next.run : next.logs(),
    },
  ];
}

function stageProblems(name: string, { lastSuccess, lastFailure, failures }: StageRuns, next: NextCommands): Problem[] {
  if (lastFailure !== null) {
    const { error, message } = lastFailure;
    const calls = failures === 1 ? 'call' : `${formatNumber(failures)} calls`;
    return [
      {
        kind: 'stuck',
        message: `the last ${calls} of ${name} failed, at last ${lastFailure.at}: ${error}: ${message}`,
        next: next.logs(name),
      },
    ];
  }
  if (lastSuccess !== null) return [];
  return [
    { kind: 'late', message: `${name} has not finished for an hour: was the schedule paused?`, next: next.logs(name) },
  ];
}

function unread({ status: { source, lastRun }, now }: Evidence, next: NextCommands): Problem[] {
  if (lastRun === null || !source || source.lines.length === 0) return [];
  const seconds = Math.max(0, (now.getTime() - Date.parse(lastRun.readAt)) / 1000);
  const since = `the lake shows it as of ${lastRun.readAt}, ${formatSeconds(seconds)} ago`;
  const message = `the source waits to be read: ${source.lines.join(', ')}; ${since}`;
  return [{ kind: 'behind', message, next: next.catchUp }];
}

function behind(
  { status: { raw, lag, lastRun, warehouse }, lateAfter, doubt }: Evidence,
  next: NextCommands,
): Problem[] {
  if (raw !== null && lastRun === null) {
    // A first run into the wrong place would read all of the source for nothing.
    if (doubt?.kind === 'emptyLake') return [];
    return [{ kind: 'empty', message: 'nothing was ever read: no run has committed anything', next: next.run }];
  }
  if (lag?.next == null || lag.seconds < lateAfter) return [];
  const count = lag.versions === 1 ? '1 version' : `${formatNumber(lag.versions)} versions`;
  // A schema or database named by mistake looks like this too.
  const empty = warehouse?.version === 0 && !warehouse.otherLake;
  const where = empty ? `nothing was ever loaded into warehouse schema ${warehouse.schema}: ` : '';
  return [
    {
      kind: 'behind',
      message: `${where}${lag.next} is behind by ${count}: the source was read at ${lag.since!}, ${formatSeconds(lag.seconds)} ago`,
      next: lag.next === 'transform' ? next.transform : next.load,
    },
  ];
}

function drifted({ drift, raw }: Evidence['status'], next: NextCommands): Problem[] {
  if (drift.length === 0) return [];
  const message = `the source's schema changed with version ${raw!.version}: ${drift.join('; ')}. Verify shows whether the warehouse is right; the next version ends this`;
  return [{ kind: 'drifted', message, next: next.verify }];
}

function quarantined({ waiting }: Evidence['status'], next: NextCommands): Problem[] {
  if (waiting === null || waiting === 0) return [];
  const message =
    waiting === 1
      ? '1 row is set aside: the warehouse lacks it'
      : `${formatNumber(waiting)} rows are set aside: the warehouse lacks them`;
  return [{ kind: 'quarantined', message, next: next.quarantine }];
}

function oldReport({ runs }: Evidence['status'], next: NextCommands): Problem[] {
  if (!runs?.reportFailure) return [];
  const { error, cause } = runs.reportFailure;
  const message = `the business report is old: the last run could not write it: ${error}: ${cause}`;
  return [{ kind: 'report', message, next: next.logs('report') }];
}

function alarmProblem({ name, key, since, description }: FiringAlarm, next: NextCommands): Problem {
  const stage = loggedFunctions.find((name) => key.startsWith(`${name}-`));
  const command = { 'rows-differing': next.heal, 'rows-waiting': next.quarantine }[key] ?? next.logs(stage);
  return { kind: 'alarm', message: `alarm ${name} is firing since ${since}: ${description}`, next: command };
}
