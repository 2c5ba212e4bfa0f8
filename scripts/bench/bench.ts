import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { startPostgres } from '../../packages/cli/src/local/postgresServer.ts';
import { formatNumber, table } from '../../packages/cli/src/output.ts';
import { generate } from '../../packages/cli/src/sampleData/generate.ts';
import { simulate } from '../../packages/cli/src/sampleData/simulate.ts';

/**
 * Moves generated data through the pipeline, each stage in a process of its own, and prints what each took: first the
 * whole of it, then a day of business. `--limit-mb` makes a stage that needs more memory an error.
 */
const { values } = parseArgs({
  options: { orders: { type: 'string', default: '1000000' }, 'limit-mb': { type: 'string', default: '600' } },
});
const orders = Number(values.orders);
const limit = Number(values['limit-mb']);

interface Measured {
  readonly seconds: number;
  readonly peakMegabytes: number;
  readonly cpuSeconds: number;
}

const root = join(import.meta.dirname, '../..');
const folder = await mkdtemp(join(tmpdir(), 'totes-bench-'));
await chmod(folder, 0o755);
const lake = join(folder, 'lake');
const usageFile = join(folder, 'usage.json');

async function measure(...args: readonly string[]): Promise<Measured> {
  const started = performance.now();
  const child = spawn(
    process.execPath,
    [
      '--disable-warning=ExperimentalWarning',
      ...['--import', join(root, 'scripts/bench/reportUsage.mjs')],
      join(root, 'packages/cli/src/main.ts'),
      ...args,
    ],
    { stdio: ['ignore', 'ignore', 'inherit'], env: { ...process.env, BENCH_USAGE_FILE: usageFile } },
  );
  const [code] = (await once(child, 'exit')) as [number | null];
  if (code !== 0) throw new Error(`totes ${args[0] ?? ''} exited ${code ?? 'by a signal'}`);
  const usage = JSON.parse(await readFile(usageFile, 'utf8')) as Omit<Measured, 'seconds'>;
  return { seconds: (performance.now() - started) / 1000, ...usage };
}

async function bytesIn(directory: string): Promise<number> {
  const names = await readdir(directory, { recursive: true, withFileTypes: true });
  const sizes = names.filter((name) => name.isFile()).map((name) => stat(join(name.parentPath, name.name)));
  return (await Promise.all(sizes)).reduce((sum, { size }) => sum + size, 0);
}

const server = await startPostgres({ directory: join(folder, 'postgres'), settings: { max_wal_size: '4GB' } });
let over = false;
try {
  await server.createDatabase('totesys');
  await server.createDatabase('warehouse');
  const [source, warehouse] = [server.url('totesys'), server.url('warehouse')];
  const rows = Object.values(await generate({ url: source, orders, seed: 1 })).reduce((sum, count) => sum + count, 0);
  console.log(
    `${formatNumber(orders)} sales orders, ${formatNumber(rows)} rows; Node ${process.version}, ${cpus().length} × ${cpus()[0]?.model ?? ''}`,
  );
  for (const round of ['everything', 'a day of business']) {
    const stages = [
      ['ingest', await measure('ingest', '--source', source, '--lake', lake)],
      ['transform', await measure('transform', '--lake', lake)],
      ['load', await measure('load', '--lake', lake, '--warehouse', warehouse)],
      ['verify', await measure('verify', '--source', source, '--warehouse', warehouse, '--lake', lake)],
    ] as const;
    console.log(`\n${round}`);
    const lines = stages.map(([stage, { seconds, cpuSeconds, peakMegabytes }]) => [
      stage,
      seconds.toFixed(2),
      cpuSeconds.toFixed(2),
      Math.round(peakMegabytes),
      ...(round === 'everything' ? [formatNumber(Math.round(rows / seconds))] : []),
    ]);
    console.log(
      table(['stage', 'seconds', 'CPU seconds', 'peak MB', ...(round === 'everything' ? ['rows/s'] : [])], lines).join(
        '\n',
      ),
    );
    over ||= stages.some(([, { peakMegabytes }]) => peakMegabytes > limit);
    if (round === 'everything') await simulate({ url: source, days: 1 });
  }
  const [raw, processed] = await Promise.all([bytesIn(join(lake, 'ingestion')), bytesIn(join(lake, 'processed'))]);
  console.log(
    `\nlake: ${formatNumber(Math.round(raw / 1e6))} MB raw, ${formatNumber(Math.round(processed / 1e6))} MB processed`,
  );
} finally {
  await server.stop();
  await rm(folder, { recursive: true, force: true });
}
if (over) {
  console.error(`a stage needed more than ${limit} MB`);
  process.exitCode = 1;
}
