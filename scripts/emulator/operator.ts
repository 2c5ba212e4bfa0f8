import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { appendFile, chmod, mkdir, writeFile } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { createInterface } from 'node:readline';
import type { RunResult } from '../../packages/cli/src/pipeline.ts';
import { buildCommandLine, type BuiltCommandLine } from '../bundle/commandLine.ts';
import type { Credentials } from './github.ts';
import type { Run } from './run.ts';
import { terraformEnvironment } from './terraform.ts';
import { until } from './until.ts';

/** What every operator types. */
let program: Promise<BuiltCommandLine> | undefined;

/** What a command answered: its exit code, and the lines of stdout and stderr. */
export interface Answer {
  readonly code: number | null;
  readonly out: readonly string[];
  readonly error: readonly string[];
}

/** A command under way. */
export interface Typed {
  /** Waits until a line of stderr, where progress goes, is like this. */
  said(pattern: RegExp): Promise<void>;
  readonly ended: Promise<Answer>;
}

/**
 * Somebody at a shell in the run's folder, who has the deployed configuration in `terraform` and its outputs in `stack.json`.
 * Each command of `totes` is a process of its own, with the rights of one role.
 */
export class Operator {
  readonly #folder: string;
  readonly #env: NodeJS.ProcessEnv;

  private constructor(folder: string, env: NodeJS.ProcessEnv) {
    this.#folder = folder;
    this.#env = env;
  }

  static async at({ folder, endpoint }: Run, credentials: Credentials): Promise<Operator> {
    const bin = join(folder, 'bin');
    await mkdir(bin, { recursive: true });
    const { file } = await (program ??= buildCommandLine(join(folder, 'totes')));
    const node = `exec '${process.execPath}' --disable-warning=ExperimentalWarning '${file}' "$@"`;
    await writeFile(join(bin, 'totes'), `#!/bin/sh\n${node}\n`);
    await chmod(join(bin, 'totes'), 0o755);
    const { PATH, ...env } = terraformEnvironment(endpoint, credentials);
    return new Operator(folder, {
      ...env,
      PATH: [bin, PATH].join(delimiter),
      INIT_CWD: folder,
      NODE_EXTRA_CA_CERTS: endpoint.authority,
      FORCE_COLOR: undefined,
      // Each process would otherwise compile the same code again.
      NODE_COMPILE_CACHE: join(folder, 'compiled'),
    });
  }

  /** Types a command line. What it says is in `operator.log` too, which is searched for passwords. */
  start(command: string): Typed {
    const child = spawn('sh', ['-c', command], {
      cwd: this.#folder,
      env: this.#env,
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: 300_000,
    });
    const [out, error]: [string[], string[]] = [[], []];
    createInterface(child.stdout).on('line', (line) => out.push(line));
    createInterface(child.stderr).on('line', (line) => error.push(line));
    const end = async (): Promise<Answer> => {
      const [code] = (await once(child, 'close')) as [number | null];
      const lines = [`$ ${command}`, ...error, ...out, `exit code ${code}`, ''];
      await appendFile(join(this.#folder, 'operator.log'), `${lines.join('\n')}\n`);
      return { code, out, error };
    };
    return {
      ended: end(),
      async said(pattern) {
        await until(`${command} says ${pattern}`, 60, () => Promise.resolve(error.find((line) => pattern.test(line))));
      },
    };
  }

  /** Types a command line and waits for its end. Throws Error where the exit code is another one. */
  async type(command: string, code = 0): Promise<Answer> {
    const answer = await this.start(command).ended;
    if (answer.code !== code) throw new Error(`${command}: ${JSON.stringify(answer, null, 1)}`);
    return answer;
  }

  /** The object that a command prints with --json. Throws Error as `type` does. */
  async ask<Result>(command: string, code = 0): Promise<Result> {
    const { out } = await this.type(`${command} --json`, code);
    return JSON.parse(out.at(-1)!) as Result;
  }

  /** Starts a run and follows it; it has to succeed. */
  run = (): Promise<RunResult & { run: string }> => this.ask('totes run --stack stack.json --watch');

  /** Starts a run and follows it; it has to fail with an error of this name. */
  async failingRun(error: string): Promise<FailedRun> {
    const { out, error: progress } = await this.type('totes run --stack stack.json --watch --json', 1);
    const failure = (JSON.parse(out.at(-1)!) as { error: { name: string; message: string } }).error;
    const run = /^Run (\S+) started\.$/.exec(progress[0] ?? '')?.[1];
    if (failure.name !== error || run === undefined) throw new Error([...progress, ...out].join('\n'));
    return { run, message: failure.message, tries: progress.filter((line) => line.includes(`${error}: `)).length - 1 };
  }

  /** Asks for the status, which has to be good: its first line. */
  async expectHealthy(place = 'stack.json'): Promise<string> {
    const [verdict] = (await this.type(`totes status --stack ${place} --check`)).out;
    if (!verdict!.startsWith('Healthy: ')) throw new Error(verdict);
    return verdict!;
  }

  /** Asks for the status, which has to be bad in this way: the command that it names as the next. */
  async expectProblem(verdict: RegExp): Promise<string> {
    const { out } = await this.type('totes status --stack stack.json --check', 1);
    const next = /^Next: (totes .+)$/.exec(out.at(-1)!)?.[1];
    if (!verdict.test(out[0]!) || next === undefined) throw new Error(out.join('\n'));
    return next;
  }
}

/** A run that failed, as the command line told it. */
export interface FailedRun {
  readonly run: string;
  readonly message: string;
  /** Of the stage that failed. */
  readonly tries: number;
}

/** The stages that `totes run --watch` showed, in order. */
export const stagesOf = ({ error }: Answer): string =>
  error.flatMap((line) => /^(\w+) +[\d.]+ (?:s|min) /.exec(line)?.[1] ?? []).join(' → ');

/** The first line of an answer that is like this. Throws Error where there is none. */
export function lineLike({ out, error }: Answer, pattern: RegExp): string {
  const found = [...out, ...error].find((line) => pattern.test(line));
  if (found === undefined) throw new Error(`no line is like ${pattern}:\n${[...out, ...error].join('\n')}`);
  return found;
}
