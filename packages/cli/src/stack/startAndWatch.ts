import { newRunId } from '@totes/core';
import type { RunResult } from '../pipeline.ts';
import { callStages, followCommand, startRun, watchRun } from './run.ts';
import type { Stack } from './stack.ts';

/** What was seen of a run; no result where watching was stopped before its end. */
export interface WatchedRun {
  readonly run: string;
  readonly follow: string;
  readonly result: RunResult | undefined;
}

/** Starts a run and follows it to its end, or until the signal is aborted: the run goes on then. Throws as `watchRun` does. */
export async function startAndWatch(
  stack: Stack,
  onLine: (line: string) => void,
  signal: AbortSignal,
): Promise<WatchedRun> {
  if (stack.stateMachine !== undefined) {
    const started = await startRun(stack);
    onLine(`Run ${started.run} started.`);
    return { ...started, result: await watchRun(stack, started, onLine, signal) };
  }
  const run = newRunId(new Date());
  onLine(`Run ${run} started.`);
  const follow = followCommand(stack, run);
  try {
    return { run, follow, result: await callStages(stack, run, onLine, signal) };
  } catch (error) {
    if (signal.aborted) return { run, follow, result: undefined };
    throw error;
  }
}
