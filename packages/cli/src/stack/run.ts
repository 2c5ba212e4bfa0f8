import { setTimeout } from 'node:timers/promises';
import type { DescribeExecutionOutput } from '@aws-sdk/client-sfn';
import { newRunId } from '@totes/core';
import type { IngestResult } from '@totes/ingest';
import type { LoadResult } from '@totes/load';
import type { TransformResult } from '@totes/transform';
import { openLakeHere, type RunResult } from '../pipeline.ts';
import { shellWord } from '../shell.ts';
import { parseCause } from './cause.ts';
import { RemoteFailure } from './errors.ts';
import { invoke } from './functions.ts';
import { slicesUnderWay, stageLine, stageLines, summaryOf } from './stageLines.ts';
import { StateMachine } from './stateMachine.ts';
import type { FunctionName, Stack } from './stack.ts';

/** How soon the first look at a run follows its start, and how long two looks are apart at most, in milliseconds. */
const pauses = { first: 250, longest: 2_000 };

/** A run that was started. */
export interface StartedRun {
  readonly run: string;
  /** Of the execution. */
  readonly execution: string;
  /** The command that shows what it writes. */
  readonly follow: string;
}

/** What the stages of a run answered; no transform where there was nothing to transform. */
interface Answers {
  readonly ingest: IngestResult;
  readonly transform?: TransformResult;
  readonly load: LoadResult;
}

/** The command that shows what a run writes. */
export const followCommand = ({ place }: Stack, run: string): string =>
  `totes logs --stack ${shellWord(place)} --run ${run} --follow`;

/** Starts the state machine. Throws ConfigInvalid where there is none, StackUnavailable, StackRefused. */
export async function startRun(stack: Stack): Promise<StartedRun> {
  const run = newRunId(new Date());
  const execution = await (await StateMachine.of(stack)).start(run);
  return { run, execution, follow: followCommand(stack, run) };
}

/**
 * Follows a run to its end.
 *
 * @param onLine takes a line for each stage that ended, and for slices that were done meanwhile
 * @returns undefined where the signal was aborted before
 * @throws RemoteFailure with the error of the run; StackUnavailable, StackRefused
 */
export async function watchRun(
  stack: Stack,
  { execution }: StartedRun,
  onLine: (line: string) => void,
  signal: AbortSignal,
): Promise<RunResult | undefined> {
  const machine = await StateMachine.of(stack);
  let shown = 0;
  let counted = '';
  for (let pause = pauses.first; !signal.aborted; pause = Math.min(pause * 2, pauses.longest)) {
    // In this order, so that no line of a run that has ended is missing.
    const state = await machine.describe(execution);
    const events = await machine.history(execution);
    const lines = stageLines(events);
    lines.slice(shown).forEach(onLine);
    shown = lines.length;
    const sliced = slicesUnderWay(events);
    const slices = sliced && (await machine.slices(execution, sliced.label));
    const text = slices === undefined ? counted : `${slices.done} of ${slices.of} slices ${sliced!.done}`;
    if (text !== counted) onLine(stageLine(sliced!.stage, (Date.now() - sliced!.since) / 1000, text));
    counted = text;
    if (state.status !== 'RUNNING' && state.status !== 'PENDING_REDRIVE') return resultOf(stack, state);
    await setTimeout(pause, undefined, { signal }).catch(() => undefined);
  }
  return undefined;
}

function resultOf(stack: Stack, state: DescribeExecutionOutput): Promise<RunResult> {
  if (state.status !== 'SUCCEEDED') throw failureOf(state);
  const seconds = (state.stopDate!.getTime() - state.startDate!.getTime()) / 1000;
  return runResult(stack, JSON.parse(state.output!) as Answers, seconds);
}

function failureOf({ name, status, error, cause }: DescribeExecutionOutput): RemoteFailure {
  const { stage, message } = parseCause(cause ?? 'no cause was given');
  const what = error ?? status!;
  return new RemoteFailure(
    what,
    `run ${name!} failed${stage === undefined ? '' : ` in ${stage}`} with ${what}: ${message}`,
  );
}

/**
 * Calls the stages of a stack one after another, where it has no state machine that does. Its events may call them too,
 * which does no harm. Throws as `watchRun` does.
 */
export async function callStages(
  stack: Stack,
  run: string,
  onLine: (line: string) => void,
  signal?: AbortSignal,
): Promise<RunResult> {
  const started = performance.now();
  const call = async <Result>(name: Exclude<FunctionName, 'verify' | 'replay'>): Promise<Result> => {
    const since = performance.now();
    const result = await invoke<Result>(stack, name, { run }, signal);
    onLine(stageLine(name, (performance.now() - since) / 1000, summaryOf(name, result)));
    return result;
  };
  const ingest = await call<IngestResult>('ingest');
  const transform = await call<TransformResult>('transform');
  const load = await call<LoadResult>('load');
  const since = performance.now();
  await call('report').catch((error: unknown) => {
    // As the state machine sees it: the rows are in the warehouse, and the page is late.
    if (!(error instanceof RemoteFailure)) throw error;
    onLine(stageLine('report', (performance.now() - since) / 1000, error.message));
  });
  return runResult(stack, { ingest, transform, load }, Math.round(performance.now() - started) / 1000);
}

/** What a run did, as `totes run` tells it of one on this machine. */
async function runResult(stack: Stack, { ingest, transform, load }: Answers, seconds: number): Promise<RunResult> {
  const { processed } = await openLakeHere(stack.lake);
  const waiting = async (): Promise<number> => {
    const head = await processed.log.head();
    return head === 0 ? 0 : ((await processed.log.read(head)).quarantine.waiting ?? 0);
  };
  return {
    version: load.version,
    committed: ingest.committed,
    read: ingest.read,
    deleted: ingest.deleted,
    loaded: load.loaded,
    quarantined: transform?.quarantined ?? 0,
    waiting: transform?.waiting ?? (await waiting()),
    quarantine: `${processed.store.uri}/quarantine/`,
    warnings: load.warnings,
    notices: ingest.notices,
    seconds,
  };
}
