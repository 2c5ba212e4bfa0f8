import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';

/** What a whole process took, its children included and the database server not. */
export interface Took {
  readonly seconds: number;
  readonly cpuSeconds: number;
  readonly peakMegabytes: number;
}

/** How a run ended. */
export type Outcome =
  | { readonly kind: 'done'; readonly took: Took }
  /** It cannot run on this machine, for that reason. */
  | { readonly kind: 'skipped'; readonly why: string }
  | { readonly kind: 'late'; readonly limitSeconds: number }
  | { readonly kind: 'failed'; readonly why: string };

/** How measure.py answers. */
interface Answer extends Took {
  readonly exitCode: number;
  readonly late: boolean;
}

/** The exit code of a program that cannot run here, and says why in its last line: EX_UNAVAILABLE of sysexits.h. */
const unavailable = 69;

/**
 * Runs a command and waits for its end.
 *
 * @param options `folder` it works in, the bin folder of `python`, and after how many seconds it is ended
 * @throws Error where it cannot be measured
 */
export async function measured(
  command: readonly string[],
  options: { readonly folder: string; readonly python: string; readonly limitSeconds: number },
): Promise<Outcome> {
  const { folder, python, limitSeconds } = options;
  const meter = join(import.meta.dirname, 'measure.py');
  const child = spawn(join(python, 'python'), [meter, String(limitSeconds), ...command], {
    cwd: folder,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const [answer, said] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')]);
  if (answer === '') throw new Error(`measure.py failed: ${said}`);
  return outcome(JSON.parse(answer) as Answer, said.trim(), limitSeconds);
}

/** How a run ended, by what was measured and what the program said. */
export function outcome({ exitCode, late, ...took }: Answer, said: string, limitSeconds: number): Outcome {
  if (late) return { kind: 'late', limitSeconds };
  if (exitCode === 0) return { kind: 'done', took };
  const lastLine = said.split('\n').at(-1) ?? '';
  if (exitCode === unavailable) return { kind: 'skipped', why: lastLine.replace('skipped: ', '') };
  return { kind: 'failed', why: `exit code ${exitCode}: ${said.slice(-2000)}` };
}
