import { newRunId } from '@totes/core';
import type { ReplayResult } from '@totes/replay';
import type { ReplayChoices } from '../replay.ts';
import { RemoteFailure } from './errors.ts';
import { invoke } from './functions.ts';
import type { Stack } from './stack.ts';

/**
 * Has the stack rebuild its warehouse: its function can reach that.
 *
 * @param tell told where the log can be followed, before the function is called
 * @throws RemoteFailure, which says what to do where the function ran out of time; else as `invoke`
 */
export async function replayInStack(
  stack: Stack,
  { fromRaw = false, replaceOtherLake = false }: ReplayChoices,
  tell: (line: string) => void,
): Promise<ReplayResult> {
  const run = newRunId(new Date());
  tell(`replay ${run} began; its log: totes logs --stack ${stack.place} --stage replay --follow`);
  try {
    return await invoke(stack, 'replay', { run, fromRaw, replaceOtherLake });
  } catch (error) {
    if (!(error instanceof RemoteFailure && error.message.includes('Task timed out'))) throw error;
    throw new RemoteFailure(
      error.name,
      `${error.message}; nothing has changed. A lake that takes longer than a function may run is replayed from a machine ` +
        'inside the network of the warehouse: totes replay --lake … --warehouse secret:…',
    );
  }
}
