import { readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { zstdCompressSync, zstdDecompressSync } from 'node:zlib';
import type { Bench, Command } from './bench.ts';
import { survive } from './crash.ts';
import { race } from './races.ts';
import { tried } from './outcome.ts';
import { clean, isClean, type Verdict } from './verdict.ts';

/** A short attack that a sound pipeline survives; what a defect must not. */
export interface Probe {
  readonly name: string;
  readonly attack: (bench: Bench) => Promise<Verdict>;
}

const problem = (text: string): Verdict => ({ ...clean(), problems: [text] });

/** Runs one after the other, with business in between. */
export const runs: Probe = {
  name: 'runs',
  attack: (bench) =>
    tried(async () => {
      await bench.prepare('next');
      let verdict = clean();
      for (let run = 0; run < 3 && isClean(verdict); run++) {
        await bench.change();
        await bench.run('run');
        verdict = await bench.judge(true);
      }
      return verdict;
    }),
};

/** A whole run that is killed at a point. */
export const killedAt = (label: string): Probe => ({
  name: `killed at ${label}`,
  attack: async (bench) => {
    const { verdict, killed } = await survive(bench, { scenario: 'next', command: 'run', where: { label, nth: 1 } }, 0);
    return killed ? verdict : { ...verdict, problems: [...verdict.problems, `exit: it never came to ${label}`] };
  },
});

/** A command that sleeps at a point while another and a further run pass it by. */
export const asleepAt = (command: Command, stallAt: string): Probe => ({
  name: `${command} asleep at ${stallAt}`,
  attack: async (bench) => (await race(bench, { scenario: 'next', command, stallAt, nth: 1 })).verdict,
});

/** Business goes on between the reading of one table and the next. */
export const readMeanwhile: Probe = {
  name: 'the source changes while it is read',
  attack: (bench) =>
    tried(async () => {
      await bench.prepare('next');
      await bench.change();
      const reader = bench.start('ingest', {
        at: { act: 'stall', label: 'putIfAbsent ingestion/raw, before', nth: 4 },
      });
      try {
        if (!(await reader.stalled)) return problem('exit: ingest did not come to its fourth table');
        await bench.changeUnseen();
      } finally {
        reader.resume();
      }
      const { code, errors } = await reader.ended;
      if (code !== 0) return problem(`exit: ${errors}`);
      for (const stage of ['transform', 'load'] as const) await bench.run(stage);
      const without = await bench.judge(false);
      if (!isClean(without)) return without;
      await bench.observe();
      await bench.run('run');
      return bench.judge(true);
    }),
};

/** The warehouse refuses a row: the run has to say so, and to leave nothing behind. */
export const refused: Probe = {
  name: 'a row that the warehouse refuses',
  attack: (bench) =>
    tried(async () => {
      await bench.prepare('next');
      await bench.change();
      await bench.warehouse.query('ALTER TABLE fact_payment ADD CONSTRAINT refuse CHECK (payment_id < 0) NOT VALID');
      const { code } = await bench.start('run').ended;
      await bench.warehouse.query('ALTER TABLE fact_payment DROP CONSTRAINT refuse');
      if (code === 0) return problem('exit: the run ended with 0, though the warehouse refused its rows');
      const half = await bench.judge(false);
      if (!isClean(half)) return half;
      await bench.run('run');
      return bench.judge(true);
    }),
};

/** Somebody alters a price in an object of the lake, in a file that is sound in itself. */
export const tampered: Probe = {
  name: 'an altered object of the lake',
  attack: (bench) =>
    tried(async () => {
      await bench.prepare('next');
      await bench.change();
      await bench.run('ingest');
      await bench.settle();
      const object = join(bench.lake, 'ingestion', await newestObject(bench, 'purchase_order'));
      const rows = zstdDecompressSync(await readFile(object)).toString('utf8');
      await rename(object, `${object}.kept`);
      await writeFile(object, zstdCompressSync(rows.replace('90071992547409', '90071992547408')));
      const { code, result } = await bench.start('transform').ended;
      await rename(`${object}.kept`, object);
      if (code === 0) return problem('refusal: transform took an object that is not what its manifest says');
      if (result?.error?.name !== 'LakeCorrupt') return problem(`refusal: it said ${result?.error?.name ?? 'nothing'}`);
      await bench.run('run');
      return bench.judge(true);
    }),
};

async function newestObject({ lake, version }: Bench, table: string): Promise<string> {
  const path = join(lake, 'ingestion/log', `${String(version).padStart(20, '0')}.json`);
  const { tables } = JSON.parse(await readFile(path, 'utf8')) as {
    readonly tables: Readonly<Record<string, { readonly objects: readonly { readonly key: string }[] }>>;
  };
  return tables[table]!.objects[0]!.key;
}
