import { chmod, mkdir, rm } from 'node:fs/promises';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { ratesTable, starTables } from '@totes/core';
import { writeDashboard } from './dashboard.ts';
import { runningPid, stopDetached } from './local/detachedServer.ts';
import { startPostgres, type PostgresServer } from './local/postgresServer.ts';
import { formatNumber, formatSeconds, table, type Terminal } from './output.ts';
import { runPipeline, using, type RunResult } from './pipeline.ts';
import { generate } from './sampleData/generate.ts';
import { activityCounts, simulate, type Activity } from './sampleData/simulate.ts';

export interface DemoResult {
  readonly generated: Readonly<Record<string, number>>;
  readonly firstRun: RunResult;
  readonly activity: Activity;
  readonly secondRun: RunResult;
  /** What SQL counts in the warehouse at the end. */
  readonly warehouseRows: Readonly<Record<string, number>>;
  readonly source: string;
  readonly warehouse: string;
  readonly lake: string;
  /** The business report: a web page. */
  readonly dashboard: string;
  /** The server's process, where it was left running. */
  readonly serverPid: number | null;
  readonly folder: string;
}

/** The same for every demo of a person, so that the next one finds and removes what the last one kept. */
const demoFolder = (): string => join(tmpdir(), `totes-demo-${userInfo().username}`);

/** Days of business between the two runs. */
const days = 5;

/**
 * Shows the pipeline at work on a PostgreSQL server of its own: totesys and a warehouse, sample data, a full run, some
 * business activity, a run of what changed, the business report. What an earlier demo left is stopped and removed first. With `keep`, the
 * server and the lake stay.
 */
export async function runDemo(
  { orders, keep, folder = demoFolder() }: { orders: number; keep: boolean; folder?: string },
  terminal: Terminal,
): Promise<DemoResult> {
  const [data, lake, dashboard] = [join(folder, 'postgres'), join(folder, 'lake'), join(folder, 'dashboard')];
  await stopDetached(data);
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder);
  // The account that runs PostgreSQL for root must be able to pass through.
  await chmod(folder, 0o755);
  terminal.progress('starting PostgreSQL');
  const server = await startPostgres({ directory: data });
  try {
    // Before there is anything in it: after a restart of the source, the next run reads all of it.
    if (keep) await server.detach();
    const result = await showPipeline(server, { lake, dashboard }, orders, terminal);
    return { ...result, folder, serverPid: keep ? ((await runningPid(data)) ?? null) : null };
  } catch (error) {
    if (keep) await stopDetached(data);
    throw error;
  } finally {
    await server.stop();
    if (!keep) await rm(folder, { recursive: true, force: true });
  }
}

async function showPipeline(
  server: PostgresServer,
  { lake, dashboard }: { lake: string; dashboard: string },
  orders: number,
  terminal: Terminal,
): Promise<Omit<DemoResult, 'folder' | 'serverPid'>> {
  const [source, warehouse] = [server.url('totesys'), server.url('warehouse')];
  await server.createDatabase('totesys');
  await server.createDatabase('warehouse');
  const generated = await generate({
    url: source,
    orders,
    seed: 1,
    onProgress: (at) => {
      terminal.progress(`generate  ${at.table} ${formatNumber(at.rows)}`);
    },
  });
  const run = (): Promise<RunResult> =>
    runPipeline(
      { source, warehouse, lake, rawFormat: 'csv', sourceSchema: 'public', schema: 'public', capture: {} },
      (stage, name, rows) => {
        terminal.progress(`${stage.padEnd(9)} ${name} ${formatNumber(rows)}`);
      },
    );
  const firstRun = await run();
  terminal.progress('simulate  business activity');
  const activity = await simulate({ url: source, days });
  const secondRun = await run();
  terminal.progress('dashboard the business report');
  const { path } = await writeDashboard({ warehouse, schema: 'public', out: dashboard });
  return {
    generated,
    firstRun,
    activity,
    secondRun,
    warehouseRows: await countRows(warehouse),
    source,
    warehouse,
    lake,
    dashboard: path,
  };
}

async function countRows(warehouse: string): Promise<Record<string, number>> {
  const counts = starTables.map(({ name }) => `SELECT '${name}' AS name, count(*)::int AS rows FROM ${name}`);
  return using('warehouse', warehouse, async (client) => {
    const { rows } = await client.query<{ name: string; rows: number }>(counts.join(' UNION ALL '));
    return Object.fromEntries(rows.map(({ name, rows: count }) => [name, count]));
  });
}

/** The demo's summary for people. */
export function demoLines(result: DemoResult): string[] {
  const { generated, firstRun, secondRun, warehouseRows } = result;
  const cell = (rows: Readonly<Record<string, number>>, name: string): number => rows[name] ?? 0;
  const sources = Object.keys(firstRun.read).sort();
  return [
    'totesys, the source',
    ...table(
      ['  table', 'generated', 'first run read', 'second run read'],
      sources.map((name) => [
        `  ${name}`,
        cell(generated, name),
        cell(firstRun.read, name),
        cell(secondRun.read, name),
      ]),
    ),
    '',
    `${days} days of business in between: ${activityText(result.activity)}`,
    '',
    'warehouse',
    ...table(
      ['  table', 'first run loaded', 'second run loaded', 'rows by SQL'],
      // The demo asks nothing of the network, so it has no exchange rates.
      starTables
        .filter(({ name }) => name !== ratesTable)
        .map(({ name }) => [
          `  ${name}`,
          cell(firstRun.loaded, name),
          cell(secondRun.loaded, name),
          cell(warehouseRows, name),
        ]),
    ),
    '',
    `First run: version ${firstRun.version}, ${formatSeconds(firstRun.seconds)}. ` +
      `Second run: version ${secondRun.version}, ${formatSeconds(secondRun.seconds)}. ` +
      `${formatNumber(firstRun.quarantined + secondRun.quarantined)} rows in quarantine.`,
    ...(result.serverPid === null
      ? ['The demo’s server and lake are removed; --keep leaves them.']
      : lookFurther(result)),
  ];
}

/** `payments paid 155, sales orders 101, …` */
const activityText = (activity: Activity): string =>
  Object.entries(activityCounts(activity))
    .filter(([, count]) => count > 0)
    .map(([kind, count]) => `${kind} ${formatNumber(count)}`)
    .join(', ');

const lookFurther = (result: DemoResult): string[] => [
  '',
  `lake       ${result.lake}`,
  `source     ${result.source}`,
  `warehouse  ${result.warehouse}`,
  `dashboard  ${result.dashboard}`,
  '',
  'Look further (any PostgreSQL client takes these URLs):',
  `  psql '${result.warehouse}' -c 'select * from current_sales_order limit 5'`,
  `  scripts/pnpm --silent totes simulate --database '${result.source}' --days 1`,
  `  scripts/pnpm --silent totes run --source '${result.source}' --warehouse '${result.warehouse}' --lake ${result.lake}`,
  `  scripts/pnpm --silent totes status --source '${result.source}' --warehouse '${result.warehouse}' --lake ${result.lake}`,
  `Stop and remove: kill ${result.serverPid!} && rm -r ${result.folder}`,
];
