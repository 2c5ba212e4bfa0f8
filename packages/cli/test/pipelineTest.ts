import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createDatabase, type TestDatabase } from '../../../scripts/jest/database.ts';
import type { RunResult } from '../src/pipeline.ts';
import { main } from '../src/program.ts';
import { generate } from '../src/sampleData/generate.ts';

/** What a command line did. */
export interface Outcome {
  readonly code: number;
  readonly out: string[];
  readonly error: string[];
}

/** Runs a command line in this process. */
export async function totes(...args: readonly string[]): Promise<Outcome> {
  const outcome = { out: [] as string[], error: [] as string[] };
  const code = await main(args, {
    out: (line) => outcome.out.push(...line.split('\n')),
    error: (line) => outcome.error.push(...line.split('\n')),
    progress: () => undefined,
  });
  return { code, ...outcome };
}

/** A source with sample data, an empty warehouse and an empty lake. */
export interface Bench {
  readonly source: TestDatabase;
  readonly warehouse: TestDatabase;
  readonly lake: string;
  /** Runs the pipeline; throws where that fails. */
  run(...options: readonly string[]): Promise<RunResult>;
  close(): Promise<void>;
}

export async function openBench(orders = 60): Promise<Bench> {
  const [source, warehouse] = await Promise.all([createDatabase(), createDatabase()]);
  const folder = await mkdtemp(join(tmpdir(), 'totes-test-'));
  const lake = join(folder, 'lake');
  await generate({ url: source.url, orders, seed: 7 });
  return {
    source,
    warehouse,
    lake,
    async run(...options) {
      const args = ['run', '--source', source.url, '--warehouse', warehouse.url, '--lake', lake, '--json', ...options];
      const { code, out, error } = await totes(...args);
      if (code !== 0) throw new Error(`totes run failed: ${error.join('\n')}`);
      return JSON.parse(out.at(-1)!) as RunResult;
    },
    async close() {
      await Promise.all([source.drop(), warehouse.drop()]);
      await rm(folder, { recursive: true });
    },
  };
}
