import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { bundle, type Stage } from '../bundle/bundle.ts';

/** What one call took. */
export interface Call {
  readonly result: Readonly<Record<string, unknown>>;
  readonly seconds: number;
  /** Of the process alone; what the databases did meanwhile is not in it. */
  readonly cpuSeconds: number;
  /** The most that the process has had so far, in MB. */
  readonly peakMegabytes: number;
}

type Answer = Call | { readonly failed: string };

/** Builds the functions as they go to Lambda, each in a folder of its own; gives their modules. */
export async function buildFunctions<S extends Stage>(
  stages: readonly S[],
  folder: string,
): Promise<Record<S, string>> {
  const modules: [S, string][] = [];
  for (const stage of stages) {
    const place = join(folder, stage);
    await mkdir(place, { recursive: true });
    const files = Object.entries(await bundle(stage));
    await Promise.all(files.map(([name, content]) => writeFile(join(place, name), content)));
    modules.push([stage, join(place, 'index.mjs')]);
  }
  return Object.fromEntries(modules) as Record<S, string>;
}

/** A function in a process of its own, which stays warm from one call to the next as it does in Lambda. */
export class FunctionProcess {
  readonly #child: ChildProcess;

  private constructor(child: ChildProcess) {
    this.#child = child;
  }

  /** Starts it, its module imported. `env` is its environment, beside what every process needs. */
  static async start(module: string, env: Readonly<Record<string, string>>): Promise<FunctionProcess> {
    const child = fork(join(import.meta.dirname, 'called.mjs'), [module], {
      execArgv: [],
      env: { PATH: process.env.PATH, AWS_LAMBDA_RUNTIME_API: 'benchmark', ...env },
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    });
    await once(child, 'message');
    return new FunctionProcess(child);
  }

  /** Throws Error where the function does. */
  async call(): Promise<Call> {
    this.#child.send({ run: 'benchmark' });
    const [answer] = (await once(this.#child, 'message')) as [Answer];
    if ('failed' in answer) throw new Error(answer.failed);
    return answer;
  }

  async stop(): Promise<void> {
    this.#child.kill();
    await once(this.#child, 'exit');
  }
}
