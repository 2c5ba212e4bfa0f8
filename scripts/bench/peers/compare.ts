import { mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { generate } from '../../../packages/cli/src/sampleData/generate.ts';
import { tableNames } from '../../../packages/cli/src/sampleData/totesys.ts';
import { onDatabase, type Databases } from '../databases.ts';
import { count } from '../verdict.ts';
import { measured, type Outcome } from './measured.ts';
import { title, type Program } from './programs.ts';
import { differences, left, type Left } from './target.ts';

/** The runs of one program with one size of source. */
export interface Runs {
  readonly program: Program;
  readonly outcomes: readonly Outcome[];
  /** After the last run that was done. */
  readonly left: Left | undefined;
}

/** The runs of all programs with one size of source. */
export interface Comparison {
  readonly orders: number;
  /** Of the source, all tables together. */
  readonly rows: number;
  readonly programs: readonly Runs[];
}

/** What a comparison needs. */
export interface Comparing {
  readonly databases: Databases;
  /** For files of the programs. */
  readonly folder: string;
  /** The bin folder of their Python environment. */
  readonly python: string;
  readonly programs: readonly Program[];
  readonly runs: number;
  /** After which a run is ended, and its program has no other. */
  readonly limitSeconds: number;
  /** The most orders for which the slow settings run. */
  readonly slowUpTo: number;
  readonly progress: (line: string) => void;
}

/** Has each program fill an empty warehouse from the same source, in turns. */
export async function compare(comparing: Comparing, orders: number): Promise<Comparison> {
  const { databases, programs, runs, slowUpTo, progress } = comparing;
  progress(`${count(orders)} orders: generating`);
  const source = await databases.fresh('totesys');
  const rows = await generate({ url: source, orders, seed: 1 });
  await onDatabase(source, (client) => client.query('VACUUM ANALYZE'));
  const all = programs.map((program) => ({
    program,
    outcomes: orders > slowUpTo && program.slow === true ? [tooSlow(slowUpTo)] : ([] as Outcome[]),
    left: undefined as Left | undefined,
  }));
  for (let run = 1; run <= runs; run++) {
    for (const each of all) {
      if (each.outcomes.some(({ kind }) => kind !== 'done')) continue;
      progress(`${count(orders)} orders: run ${run} of ${runs}, ${title(each.program)}`);
      const { outcome, ...seen } = await once(comparing, each.program, source, rows);
      each.outcomes.push(outcome);
      each.left = seen.left ?? each.left;
      if ('why' in outcome) progress(`${title(each.program)} ${outcome.kind}: ${outcome.why}`);
    }
  }
  return { orders, rows: Object.values(rows).reduce((sum, n) => sum + n, 0), programs: all };
}

const tooSlow = (orders: number): Outcome => ({ kind: 'skipped', why: `slow, runs up to ${count(orders)} orders` });

async function once(
  { databases, folder: parent, python, limitSeconds }: Comparing,
  program: Program,
  source: string,
  rows: Awaited<ReturnType<typeof generate>>,
): Promise<{ outcome: Outcome; left?: Left }> {
  const folder = await mkdtemp(join(parent, 'work-'));
  const target = await databases.fresh('warehouse');
  try {
    const command = program.command({ source, target, folder, python, tables: tableNames });
    const outcome = await measured(command, { folder, python, limitSeconds });
    if (outcome.kind !== 'done') return { outcome };
    return await onDatabase(target, async (client) => {
      const found = await differences(client, rows, program.star);
      return found.length > 0
        ? { outcome: { kind: 'failed', why: `it copied other rows: ${found.join('; ')}` } }
        : { outcome, left: await left(client) };
    });
  } finally {
    await rm(folder, { recursive: true, force: true });
    await databases.drop('warehouse');
  }
}
