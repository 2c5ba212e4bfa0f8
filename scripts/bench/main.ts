import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { startPostgres } from '../../packages/cli/src/local/postgresServer.ts';
import { measureBundles, type Bundled } from './bundles.ts';
import { Databases } from './databases.ts';
import { buildFunctions } from './functionProcess.ts';
import { thisMachine, type Machine } from './machine.ts';
import { markdown } from './markdown.ts';
import { measureSize, requestsOfRuns, type RequestsOfRuns } from './measure.ts';
import { stages, type Size } from './results.ts';
import { promises } from './verdict.ts';

const usage = `usage: scripts/pnpm bench [--orders <n,n,…>] [--runs <n>] [--limit-up-to <orders>] [--write]

Moves generated data of each size through the pipeline, whole and change by change, beside what psql needs for it. Takes
half an hour with its defaults: --orders 10000,1000000,10000000 --runs 3 --limit-up-to 1000000. A size of more than two
million orders runs once. --write puts the figures into docs/benchmarks.md. Ends with 1 where a promise is not kept.`;

const { values } = parseArgs({
  options: {
    orders: { type: 'string', default: '10000,1000000,10000000' },
    runs: { type: 'string', default: '3' },
    'limit-up-to': { type: 'string', default: '1000000' },
    write: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});
const [mostRuns, limitUpTo] = [Number(values.runs), Number(values['limit-up-to'])];
const allOrders = values.orders.split(',').map(Number);
if (values.help || ![mostRuns, limitUpTo, ...allOrders].every((value) => Number.isInteger(value) && value > 0)) {
  console.error(usage);
  process.exit(values.help ? 0 : 2);
}

const root = join(import.meta.dirname, '../..');
const folder = await mkdtemp(join(tmpdir(), 'totes-bench-'));
await chmod(folder, 0o755);
const modules = await buildFunctions(stages, join(folder, 'functions'));
const server = await startPostgres({ directory: join(folder, 'postgres'), settings: { max_wal_size: '4GB' } });
const databases = new Databases(server);
const progress = (line: string): void => {
  console.error(`${new Date().toISOString().slice(11, 19)} ${line}`);
};
const bench = { databases, folder, modules, progress };
const sizes: Size[] = [];
let requests: RequestsOfRuns;
let machine: Machine;
let bundles: Bundled[];
try {
  for (const orders of allOrders) sizes.push(await measureSize(bench, orders, { mostRuns, limitUpTo }));
  requests = await requestsOfRuns(bench);
  machine = await thisMachine(databases);
  bundles = await measureBundles();
} finally {
  await server.stop();
  await rm(folder, { recursive: true, force: true });
}
const promised = promises(sizes, requests.nothing, bundles);
const page = markdown(machine, { sizes, requests, bundles, promised });
console.log(page);
if (values.write) await writeFile(join(root, 'docs/benchmarks.md'), page);
if (promised.some(({ kept }) => !kept)) process.exitCode = 1;
