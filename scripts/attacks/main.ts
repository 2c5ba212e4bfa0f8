import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import start from '../jest/startPostgres.ts';
import stop from '../jest/stopPostgres.ts';
import { crashMatrix } from './crash.ts';
import type { Outcome } from './outcome.ts';
import { races } from './races.ts';
import { sabotage } from './sabotage.ts';

/** One part of the attacks. `all` asks for all that it can do, which takes long. */
type Part = (seed: number, all: boolean, progress: (line: string) => void) => Promise<Outcome>;

const parts: Readonly<Record<string, Part>> = { crash: crashMatrix, races, defects: sabotage };

/** A program of its own, with options of its own. */
const histories = 'histories';

const usage = `usage: scripts/attack [--bounded] [--seed <whole number>] [${Object.keys(parts).join('|')} …]
       scripts/attack ${histories} [--count <whole number>] [--workers <whole number>] [--seed <whole number>]`;

async function attack(names: readonly string[], seed: number, all: boolean): Promise<readonly string[]> {
  const failures: string[] = [];
  await start({ maxWorkers: 1 });
  try {
    for (const name of names) {
      const began = performance.now();
      const progress = (line: string): void => {
        console.error(line);
      };
      const outcome = await parts[name]!(seed, all, progress);
      console.log(['', ...outcome.lines].join('\n'));
      console.log(`${Math.round((performance.now() - began) / 1000)} s, seed ${seed}.`);
      failures.push(...outcome.failures.map((failure) => `${name}: ${failure}`));
    }
  } finally {
    await stop();
  }
  return failures;
}

async function playHistories(options: readonly string[]): Promise<readonly string[]> {
  const args = ['--disable-warning=ExperimentalWarning', join(import.meta.dirname, 'histories.ts'), ...options];
  const [code] = (await once(spawn(process.execPath, args, { stdio: 'inherit' }), 'exit')) as [number | null];
  return code === 0 ? [] : [`${histories}: see above`];
}

async function main(args: readonly string[]): Promise<readonly string[] | undefined> {
  if (args[0] === histories) return playHistories(args.slice(1));
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: { bounded: { type: 'boolean', default: false }, seed: { type: 'string', default: '1' } },
  });
  if (!/^\d{1,9}$/.test(values.seed) || positionals.some((name) => parts[name] === undefined)) return undefined;
  const chosen = positionals.length > 0 ? positionals : Object.keys(parts);
  const failures = await attack(chosen, Number(values.seed), !values.bounded);
  const isWhole = positionals.length === 0 && !values.bounded;
  return isWhole ? [...failures, ...(await playHistories(['--seed', values.seed]))] : failures;
}

const failures = await main(process.argv.slice(2));
if (failures === undefined) console.error(usage);
for (const failure of failures ?? []) console.error(`FAILED ${failure}`);
process.exitCode = failures === undefined ? 2 : failures.length === 0 ? 0 : 1;
