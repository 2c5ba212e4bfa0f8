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
  readonly kind: 'mismatch' | 'otherLake' | 'rebuiltLog' | 'olderLake';
};

/** What a judgement of a pipeline rests on. */
export interface Evidence {
  readonly status: Omit<Status, 'healthy' | 'problems'>;
  /** The parts that could not be reached. */
  readonly faults: readonly Fault[];
  readonly doubt?: LedgerDoubt | undefined;
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
      message: `${part} cannot be reached: ${error.message}`,
      next: next.status,
    })),
    ...doubts(evidence, next),
    ...(status.runs ? runProblems(status.runs, evidence, next) : []),
    ...(status.stages ? Object.entries(status.stages).flatMap(([name, runs]) => stageProblems(name, runs, next)) : []),
    ...behind(evidence, next),
    ...drifted(status, next),
    ...quarantined(status, next),
    ...oldReport(status, next),
    ...(status.alarms ?? []).map((alarm) => alarmProblem(alarm, next)),
  ];
}

/** Load names every way out of the first three; only a replay mends the last. */
const doubts = ({ doubt }: Evidence, next: NextCommands): Problem[] =>
  doubt === undefined ? [] : [{ ...doubt, next: doubt.kind === 'rebuiltLog' ? next.replay : next.load }];

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

function behind({ status: { raw, lag, lastRun }, lateAfter }: Evidence, next: NextCommands): Problem[] {
  if (raw !== null && lastRun === null) {
    return [{ kind: 'empty', message: 'nothing was ever read: no run has committed anything', next: next.run }];
  }
  if (lag?.next == null || lag.seconds < lateAfter) return [];
  const count = lag.versions === 1 ? '1 version' : `${formatNumber(lag.versions)} versions`;
  return [
    {
      kind: 'behind',
      message: `${lag.next} is behind by ${count}: the source was read at ${lag.since!}, ${formatSeconds(lag.seconds)} ago`,
      next: lag.next === 'transform' ? next.transform : next.load,
    },
  ];
}

function drifted({ drift, raw }: Evidence['status'], next: NextCommands): Problem[] {
  if (drift.length === 0) return [];
  const message = `the source's schema changed with version ${raw!.version}: ${drift.join('; ')}`;
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
