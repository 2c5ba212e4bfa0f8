import { spawn, type ChildProcess } from 'node:child_process';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { ordersVariable, reportDescriptor, type Orders, type Report } from './inside/orders.ts';

/** How a process of the command line ended. */
export interface Ending {
  /** Absent where a signal ended it. */
  readonly code: number | null;
  readonly signal: string | null;
  /** What `--json` printed; absent where there is none. */
  readonly result: Result | undefined;
  readonly errors: string;
  readonly points: readonly string[];
  /** Seconds from when its own code began. */
  readonly seconds: number;
}

/** The parts of a command's result that the attacks look at. */
export interface Result {
  readonly version?: number;
  readonly committed?: boolean;
  readonly transformed?: readonly number[];
  readonly versions?: readonly number[];
  /** Of verify alone. */
  readonly tables?: object;
  readonly error?: { readonly name: string; readonly message: string };
}

/** Whether it did its work: `verify` ends with 1 where rows differ, as those that are set aside always do. */
export const succeeded = ({ code, result }: Ending): boolean =>
  code === 0 || (code === 1 && result?.tables !== undefined);

/** A process of the command line under attack. */
export interface Attacked {
  readonly ended: Promise<Ending>;
  /** Resolves to whether it stopped at a point, as ordered, before it ended. */
  readonly stalled: Promise<boolean>;
  resume(): void;
}

/** None may outlive the attack, the sleeping ones least of all. */
const running = new Set<ChildProcess>();
process.on('exit', () => {
  for (const child of running) child.kill('SIGKILL');
});

/** How long a process may take: one that waits for ever is a failure, and not for ever. */
const mostSeconds = 300;

/**
 * Starts a program of `buildProgram` with these arguments and orders, as a real process.
 *
 * @param killAfter kills it so many seconds after its own code began
 */
export function attack(program: string, args: readonly string[], orders: Orders = {}, killAfter?: number): Attacked {
  const child = spawn(process.execPath, [program, ...args, '--json'], {
    stdio: ['ignore', 'pipe', 'pipe', 'pipe'],
    env: {
      ...process.env,
      [ordersVariable]: JSON.stringify(orders),
      // Each process would otherwise compile the same code again.
      NODE_COMPILE_CACHE: join(tmpdir(), 'totes-attack-cache'),
    },
  });
  running.add(child);
  const giveUp = setTimeout(() => child.kill('SIGKILL'), mostSeconds * 1000);
  let stop: (stopped: boolean) => void = () => undefined;
  const stalled = new Promise<boolean>((resolve) => (stop = resolve));
  const ended = ending(child, killAfter, () => {
    stop(true);
  }).finally(() => {
    running.delete(child);
    clearTimeout(giveUp);
    stop(false);
  });
  return { ended, stalled, resume: () => child.kill('SIGCONT') };
}

async function ending(child: ChildProcess, killAfter: number | undefined, onPoint: () => void): Promise<Ending> {
  const points: string[] = [];
  let started = performance.now();
  const reports = createInterface({ input: child.stdio[reportDescriptor] as Readable });
  reports.on('line', (line) => {
    const told = JSON.parse(line) as Report;
    if (told.kind === 'point') {
      points.push(told.label);
      onPoint();
    } else {
      started = performance.now();
      if (killAfter !== undefined) setTimeout(() => child.kill('SIGKILL'), killAfter * 1000).unref();
    }
  });
  const closed = new Promise<[number | null, NodeJS.Signals | null]>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code, signal) => {
      resolve([code, signal]);
    });
  });
  const [out, errors, [code, signal]] = await Promise.all([text(child.stdout!), text(child.stderr!), closed]);
  const last = out.trimEnd().split('\n').at(-1) ?? '';
  const result = last.startsWith('{') ? (JSON.parse(last) as Result) : undefined;
  return { code, signal, result, errors, points, seconds: (performance.now() - started) / 1000 };
}
