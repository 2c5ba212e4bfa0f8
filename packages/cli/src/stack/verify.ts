import { newRunId } from '@totes/core';
import type { VerifyResult } from '@totes/verify';
import { heal, type Healed } from '../verify.ts';
import { StackUnavailable } from './errors.ts';
import { invoke } from './functions.ts';
import { startAndWatch } from './startAndWatch.ts';
import type { Stack } from './stack.ts';

/** Has the stack compare its databases: its function can reach them both. Throws as `invoke` does. */
export const compareInStack = (stack: Stack): Promise<VerifyResult> =>
  invoke(stack, 'verify', { run: newRunId(new Date()) });

/** Heals with runs of the stack. A comparison there has asked already for the rows at fault to be read again. */
export const healInStack = (
  stack: Stack,
  found: VerifyResult,
  onLine: (line: string) => void,
  signal: AbortSignal,
): Promise<Healed> =>
  heal(found, {
    async readAgain() {
      const { run, follow, result } = await startAndWatch(stack, onLine, signal);
      if (result !== undefined) return result.version;
      throw new StackUnavailable(`stopped watching; run ${run} goes on: ${follow}`);
    },
    compare: () => compareInStack(stack),
  });
