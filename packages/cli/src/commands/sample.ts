import type { Command, Json } from '../command.ts';
import { database, days, keep, orders, seed } from '../options.ts';
import { rowLines } from '../output.ts';

const demo: Command = {
  name: 'demo',
  description: 'a source, a warehouse and sample data of its own: a full run, some business activity, a second run',
  options: [orders(), keep()],
  examples: ['totes demo', 'totes demo --orders 1000 --keep'],
  async run(options: Json & { orders: number; keep?: true }, { print, terminal }) {
    const { runDemo, demoLines } = await import('../demo.ts');
    const result = await runDemo({ orders: options.orders, keep: options.keep === true }, terminal);
    print(options, result, () => demoLines(result));
    return true;
  },
};

const generate: Command = {
  name: 'generate',
  description: 'make totesys in an empty database and fill it with sample data, the same for the same seed',
  options: [database(), orders(), seed('which data')],
  examples: [
    'totes generate --database postgres://me@localhost/totesys',
    'totes generate --database postgres://me@localhost/totesys --orders 1000000 --seed 2',
  ],
  async run(options: Json & { database: string; orders: number; seed: number }, { print, progress }) {
    const { generate } = await import('../sampleData/generate.ts');
    const { database: url, orders, seed } = options;
    const rows = await generate({
      url,
      orders,
      seed,
      onProgress: (at) => {
        progress('generate', at.table, at.rows);
      },
    });
    print(options, { rows }, () => rowLines(rows, 'rows'));
    return true;
  },
};

const simulate: Command = {
  name: 'simulate',
  description: 'some days of business on a totesys database: orders, payments, renames',
  options: [database(), days(), seed('which business')],
  examples: [
    'totes simulate --database postgres://me@localhost/totesys',
    'totes simulate --database postgres://me@localhost/totesys --days 5',
  ],
  async run(options: Json & { database: string; days: number; seed: number }, { print }) {
    const { activityCounts, simulate } = await import('../sampleData/simulate.ts');
    const { database: url, days, seed } = options;
    const activity = await simulate({ url, days, seed });
    print(options, activity, () => rowLines(activityCounts(activity), 'count'));
    return true;
  },
};

export const demoCommand = demo;
export const sampleCommands = [generate, simulate];
