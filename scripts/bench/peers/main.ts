import { execFile } from 'node:child_process';
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs, promisify } from 'node:util';
import { startPostgres } from '../../../packages/cli/src/local/postgresServer.ts';
import { Databases } from '../databases.ts';
import { thisMachine, type Machine } from '../machine.ts';
import { compare, type Comparison } from './compare.ts';
import { page } from './page.ts';
import { programs } from './programs.ts';

const usage = `usage: scripts/pnpm bench:peers [--orders <n,n,…>] [--runs <n>] [--limit-seconds <n>] [--slow-up-to <orders>]
       [--only <name,name,…>] [--write]

Has Sling, DuckDB, dlt and pandas fill a warehouse beside totes, in turns, from the same generated data. Installs them, at
pinned versions, into a Python environment in the user's cache. Defaults: --orders 10000,1000000 --runs 3 --limit-seconds 600
--slow-up-to 100000. A run that takes longer than the limit is ended. dlt and pandas run in two settings, the slow one only up to
so many orders. --only takes the programs whose names begin so. --write puts the figures into docs/benchmarks-peers.md. With
--runs 1 it takes ten minutes. Ends with 1 where a program fails or moves other rows than the source has.`;

const { values } = parseArgs({
  options: {
    orders: { type: 'string', default: '10000,1000000' },
    runs: { type: 'string', default: '3' },
    'limit-seconds': { type: 'string', default: '600' },
    'slow-up-to': { type: 'string', default: '100000' },
    only: { type: 'string', default: '' },
    write: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});
const [runs, limitSeconds] = [Number(values.runs), Number(values['limit-seconds'])];
const slowUpTo = Number(values['slow-up-to']);
const sizes = values.orders.split(',').map(Number);
const wanted = values.only.toLowerCase().split(',');
const chosen = programs.filter(({ name }) => wanted.some((each) => name.toLowerCase().startsWith(each)));
const wellFormed = [runs, limitSeconds, slowUpTo, ...sizes].every((value) => Number.isInteger(value) && value > 0);
if (values.help || !wellFormed || chosen.length === 0) {
  console.error(usage);
  process.exit(values.help ? 0 : 2);
}

const root = join(import.meta.dirname, '../../..');
const run = promisify(execFile);
const progress = (line: string): void => {
  console.error(`${new Date().toISOString().slice(11, 19)} ${line}`);
};

progress('installing, where it was not done before');
const python = await run(join(root, 'scripts/python-tool'), [join(import.meta.dirname, 'requirements.txt')]).then(
  ({ stdout }) => stdout.trim(),
  (error: unknown) => {
    console.error(`bench:peers: ${(error as { stderr?: string }).stderr ?? String(error)}`);
    process.exit(1);
  },
);
const listed = await run(join(python, 'pip'), ['--disable-pip-version-check', 'list', '--format=json']);
const versions = Object.fromEntries(
  (JSON.parse(listed.stdout) as { name: string; version: string }[]).map(({ name, version }) => [
    name.replaceAll('_', '-'),
    version,
  ]),
);

const folder = await mkdtemp(join(tmpdir(), 'totes-peers-'));
await chmod(folder, 0o755);
const server = await startPostgres({ directory: join(folder, 'postgres'), settings: { max_wal_size: '4GB' } });
const databases = new Databases(server);
const comparisons: Comparison[] = [];
let machine: Machine;
try {
  for (const orders of sizes) {
    comparisons.push(
      await compare({ databases, folder, python, programs: chosen, runs, limitSeconds, slowUpTo, progress }, orders),
    );
  }
  machine = await thisMachine(databases);
} finally {
  await server.stop();
  await rm(folder, { recursive: true, force: true });
}
const text = page(machine, versions, comparisons);
console.log(text);
if (values.write) await writeFile(join(root, 'docs/benchmarks-peers.md'), text);
const failed = comparisons
  .flatMap((each) => each.programs)
  .some(({ outcomes }) => outcomes.some(({ kind }) => kind === 'failed'));
if (failed) process.exitCode = 1;
