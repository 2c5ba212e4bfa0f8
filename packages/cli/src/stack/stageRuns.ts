import { LogEvents } from './logEvents.ts';
import { linesOf, type LogLine } from './logLine.ts';
import type { KnownWarehouse } from './runs.ts';
import type { Stack } from './stack.ts';

/** What the log of a stage tells of its calls of the last hour. */
export interface StageRuns {
  /** ISO 8601, UTC. */
  readonly lastSuccess: string | null;
  /** Since then. */
  readonly failures: number;
  readonly lastFailure: { readonly at: string; readonly error: string; readonly message: string } | null;
}

/** What the lake's commits, the schedule and a load call. */
const stages = ['ingest', 'transform', 'load', 'report'] as const;
const hour = 3_600_000;

/** Reads how the calls of each stage ended, from its log. Throws StackUnavailable, StackRefused. */
export async function readStageRuns(
  stack: Stack,
  now: Date,
): Promise<{ stages: Record<string, StageRuns>; warehouse: KnownWarehouse | null }> {
  const logs = await LogEvents.of(stack);
  const events = await logs.read(stages, now.getTime() - hour, '?finished ?failed');
  const lines = events.flatMap(linesOf);
  return {
    stages: Object.fromEntries(stages.map((stage) => [stage, stageRuns(lines.filter((line) => line.stage === stage))])),
    warehouse: knownWarehouse(lines),
  };
}

const isEnd = (line: LogLine, end: 'finished' | 'failed'): boolean => line.fields?.message === `${line.stage} ${end}`;
const iso = (at: number): string => new Date(at).toISOString();

function stageRuns(lines: readonly LogLine[]): StageRuns {
  const last = lines.findLastIndex((line) => isEnd(line, 'finished'));
  const failures = lines.slice(last + 1).filter((line) => isEnd(line, 'failed'));
  const newest = failures.at(-1);
  return {
    lastSuccess: last < 0 ? null : iso(lines[last]!.at),
    failures: failures.length,
    lastFailure: newest === undefined ? null : { at: iso(newest.at), ...errorOf(newest) },
  };
}

function errorOf({ fields }: LogLine): { error: string; message: string } {
  const { name = 'Error', message = 'no reason was given' } = (fields?.error ?? {}) as Record<string, unknown>;
  return { error: String(name), message: String(message) };
}

/** The version that load finished with last. */
function knownWarehouse(lines: readonly LogLine[]): KnownWarehouse | null {
  const line = lines.findLast((each) => each.stage === 'load' && isEnd(each, 'finished'));
  const version = line?.fields?.version;
  return typeof version === 'number' ? { version, asOf: iso(line!.at) } : null;
}
