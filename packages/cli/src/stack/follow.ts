import { setTimeout } from 'node:timers/promises';
import { LogEvents, type LogEvent } from './logEvents.ts';
import type { LoggedFunction, Stack } from './stack.ts';

/** How often CloudWatch is asked for what is new. */
const pauseMillis = 2_000;

/** CloudWatch shows events of several streams not strictly in the order of their times. */
const lateMillis = 30_000;

export interface Wanted {
  readonly stages: readonly LoggedFunction[];
  /** In milliseconds since 1970. */
  readonly since: number;
  readonly pattern?: string | undefined;
}

/**
 * What functions write, as it comes; ends with the signal.
 *
 * @throws StackUnavailable, StackRefused
 */
export async function* follow(
  stack: Stack,
  { stages, since, pattern }: Wanted,
  signal: AbortSignal,
): AsyncGenerator<LogEvent> {
  const logs = await LogEvents.of(stack);
  let seen = new Map<string, number>();
  let from = since;
  while (!signal.aborted) {
    const events = await logs.read(stages, from, pattern);
    const fresh = events.filter(({ stage, id }) => !seen.has(`${stage} ${id}`));
    yield* fresh;
    for (const { stage, id, at } of fresh) seen.set(`${stage} ${id}`, at);
    from = Math.max(from, (events.at(-1)?.at ?? 0) - lateMillis);
    seen = new Map([...seen].filter(([, at]) => at >= from));
    await setTimeout(pauseMillis, undefined, { signal }).catch(() => undefined);
  }
}
