import { fork } from 'node:child_process';
import { parseArgs } from 'node:util';
import fc from 'fast-check';
import { startPostgres } from '../../packages/cli/src/local/postgresServer.ts';
import { formatNumber } from '../../packages/cli/src/output.ts';
import { history } from '../../packages/cli/test/history/arbitrary.ts';
import { play } from '../../packages/cli/test/history/play.ts';
import type { History } from '../../packages/cli/test/history/step.ts';
import { openShop } from '../../packages/cli/test/history/shop.ts';
import { messageOf } from '../../packages/core/src/index.ts';

/**
 * Plays random histories, each against the whole pipeline: packages/cli/test/history says what happens in one and what
 * must hold. Every worker is a process with databases of its own. A history that fails is shrunk and printed, and the
 * exit code is 1; it then belongs into packages/cli/test/history/kept.ts. `--seed` and `--path`, as they are printed with it,
 * play it again.
 */
const { values } = parseArgs({
  options: {
    count: { type: 'string', default: '10000' },
    workers: { type: 'string', default: '2' },
    seed: { type: 'string', default: '1' },
    path: { type: 'string' },
    worker: { type: 'boolean', default: false },
  },
});
const [count, workers, seed] = [Number(values.count), Number(values.workers), Number(values.seed)];

/** What a worker tells: what it played since it told last, that a history failed, and to what that comes when it is small. */
interface Report {
  readonly histories: number;
  readonly operations: number;
  readonly versions: number;
  readonly facts: number;
  readonly failing?: string;
  readonly failure?: string;
}
const nothing: Report = { histories: 0, operations: 0, versions: 0, facts: 0 };
const add = (a: Report, b: Report): Report => ({
  histories: a.histories + b.histories,
  operations: a.operations + b.operations,
  versions: a.versions + b.versions,
  facts: a.facts + b.facts,
});

/** Catalogs and tables grow with each history, as nothing else removes what it leaves behind. */
const historiesPerVacuum = 50;

/** What a session remembers of tables that are gone makes it slower with each: after thousands, several times. */
const historiesPerShop = 250;

const historiesPerReport = 50;

/** A worker's whole life: plays its share, telling its parent of it now and then. */
async function work(): Promise<void> {
  let shop = await openShop();
  let report = nothing;
  let begun = 0;
  let isFailing = false;
  const tell = (last: Partial<Report> = {}): void => {
    process.send!({ ...report, ...last });
    report = nothing;
  };
  const property = fc.asyncProperty(history, async (each) => {
    begun++;
    if (begun % historiesPerShop === 0) {
      await shop.close();
      shop = await openShop();
    } else if (begun % historiesPerVacuum === 0) await shop.vacuum();
    try {
      const played = await play(shop, each);
      if (!isFailing) report = add(report, { histories: 1, ...played });
    } catch (error) {
      if (!isFailing) tell({ failing: messageOf(error) });
      isFailing = true;
      throw error;
    }
    if (report.histories === historiesPerReport) tell();
  });
  const { path } = values;
  const run = await fc.check(property, { numRuns: count, seed, ...(path === undefined ? {} : { path }) });
  tell(run.failed ? { failure: describe(run) } : {});
  await shop.close();
  process.disconnect();
}

function describe(run: fc.RunDetails<[History]>): string {
  const again = `--workers 1 --seed ${run.seed} --path ${String(run.counterexamplePath)}`;
  return `${messageOf(run.errorInstance)}\n\n${JSON.stringify(run.counterexample?.[0])}\n\nAgain: scripts/attacks/histories.ts ${again}`;
}

/** Starts the workers, each with a share of the histories and a seed of its own, and adds up what they tell. */
async function direct(): Promise<void> {
  const began = performance.now();
  const seconds = (): number => Math.round((performance.now() - began) / 1000);
  // Nothing here has to outlive a crash of the machine.
  const settings = { fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off', autovacuum: 'off', jit: 'off' };
  const server = await startPostgres({ settings: { ...settings, max_prepared_transactions: '10' } });
  const env = { ...process.env, TOTES_TEST_POSTGRES: server.url('postgres') };
  let total = nothing;
  const failures: string[] = [];
  const share = (number: number): number => Math.floor((count + number) / workers);
  const one = (number: number): Promise<void> =>
    new Promise((resolve) => {
      const path = values.path === undefined ? [] : ['--path', values.path];
      const options = ['--worker', '--count', `${share(number)}`, '--seed', `${seed + number}`, ...path];
      const child = fork(import.meta.filename, options, { env });
      child.on('message', (report: Report) => {
        total = add(total, report);
        if (report.failure !== undefined) failures.push(report.failure);
        const failing = report.failing === undefined ? '' : `; one failed, and is made small now: ${report.failing}`;
        console.error(`${formatNumber(total.histories)} histories, ${formatNumber(seconds())} s${failing}`);
      });
      child.on('exit', (code) => {
        if (code !== 0) failures.push(`worker ${number} exited with ${String(code)}; what it printed is above`);
        resolve();
      });
    });
  try {
    await Promise.all(Array.from({ length: workers }, (_, number) => one(number)));
  } finally {
    await server.stop();
  }
  for (const failure of failures) console.log(`FAILED ${failure}\n`);
  const counts = (['operations', 'versions', 'facts'] as const).map((name) => `${formatNumber(total[name])} ${name}`);
  console.log(
    `${formatNumber(total.histories)} histories, seed ${seed}: ${counts.join(', ')}, ${formatNumber(seconds())} s, ` +
      `${failures.length} failed`,
  );
  process.exitCode = failures.length === 0 ? 0 : 1;
}

await (values.worker ? work() : direct());
