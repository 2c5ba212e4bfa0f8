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

/** One part of the attacks. `share` says how much of all that it can do, from 0, which takes minutes, to 1: hours. */
type Part = (seed: number, share: number, progress: (line: string) => void) => Promise<Outcome>;

const parts: Readonly<Record<string, Part>> = { crash: crashMatrix, races, defects: sabotage };

/** A program of its own, with options of its own. */
const histories = 'histories';

const usage = `usage: scripts/attack [--bounded | --share <percent>] [--seed <whole number>] [${Object.keys(parts).join('|')} …]
       scripts/attack ${histories} [--count <whole number>] [--workers <whole number>] [--seed <whole number>]`;

async function attack(names: readonly string[], seed: number, share: number): Promise<readonly string[]> {
  const failures: string[] = [];
  await start({ maxWorkers: 1 });
  try {
    for (const name of names) {
      const began = performance.now();
      const progress = (line: string): void => {
        console.error(line);
      };
      const outcome = await parts[name]!(seed, share, progress);
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
    options: {
      bounded: { type: 'boolean', default: false },
      share: { type: 'string', default: '100' },
      seed: { type: 'string', default: '1' },
    },
  });
  if (positionals.some((name) => parts[name] === undefined)) return undefined;
  if (!/^\d{1,9}$/.test(values.seed) || !/^([1-9]?\d|100)$/.test(values.share)) return undefined;
  const share = values.bounded ? 0 : Number(values.share) / 100;
  const chosen = positionals.length > 0 ? positionals : Object.keys(parts);
  const failures = await attack(chosen, Number(values.seed), share);
  const isWhole = positionals.length === 0 && share === 1;
  return isWhole ? [...failures, ...(await playHistories(['--seed', values.seed]))] : failures;
}

const failures = await main(process.argv.slice(2));
if (failures === undefined) console.error(usage);
for (const failure of failures ?? []) console.error(`FAILED ${failure}`);
process.exitCode = failures === undefined ? 2 : failures.length === 0 ? 0 : 1;
