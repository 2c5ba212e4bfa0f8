import { readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { generate } from '../../packages/cli/src/sampleData/generate.ts';
import { FakeS3 } from '../../packages/core/test/fakeS3.ts';
import { countRequests, type Requests } from './cost.ts';
import { onDatabase, type Databases } from './databases.ts';
import { copyByPsql, type Keys } from './limit.ts';
import { Pipeline } from './pipeline.ts';
import type { Run, Size, StageName } from './results.ts';
import { count } from './verdict.ts';

/** Above this a run takes many minutes, and its figures hardly differ from one to the next. */
const mostOrdersRepeated = 2_000_000;

/** How often each small change is made. */
const deltaRuns = 5;

/** What measurements need. */
export interface Bench {
  readonly databases: Databases;
  /** For lakes; of this benchmark alone. */
  readonly folder: string;
  /** The functions, as `buildFunctions` gives them. */
  readonly modules: Readonly<Record<StageName, string>>;
  readonly progress: (line: string) => void;
}

export interface Repeats {
  /** How often a first load is made, where it does not take many minutes. */
  readonly mostRuns: number;
  /** The most orders of which psql makes a copy. */
  readonly limitUpTo: number;
}

/** Requests of a run before which nothing had changed, or a hundred rows. */
export type RequestsOfRuns = Readonly<Record<'nothing' | 'hundred', Requests>>;

/** Moves a generated source of so many orders, `runs` times from the start and then change by change. */
export async function measureSize(bench: Bench, orders: number, { mostRuns, limitUpTo }: Repeats): Promise<Size> {
  const { databases, folder, modules } = bench;
  const lake = join(folder, 'lake');
  bench.progress(`${count(orders)} orders: generating`);
  const source = await databases.fresh('totesys');
  const generated = await generate({ url: source, orders, seed: 1 });
  const rows = Object.values(generated).reduce((sum, each) => sum + each, 0);
  await onDatabase(source, (client) => client.query('VACUUM ANALYZE'));
  const runs = orders > mostOrdersRepeated ? 1 : mostRuns;
  const first: Run[] = [];
  const limits: { kept: number; afterwards: number }[] = [];
  for (let run = 1; run <= runs; run++) {
    bench.progress(`${count(orders)} orders: run ${run} of ${runs}`);
    if (orders <= limitUpTo) {
      limits.push({
        kept: await limit(databases, source, 'kept'),
        afterwards: await limit(databases, source, 'made afterwards'),
      });
    }
    await rm(lake, { recursive: true, force: true });
    const warehouse = await databases.fresh('warehouse');
    const pipeline = await Pipeline.start(modules, { source, warehouse, lake });
    first.push(await pipeline.run());
    await pipeline.stop();
  }
  const bytes = {
    raw: await bytesIn(join(lake, 'raw')),
    processed: await bytesIn(join(lake, 'processed')),
    warehouse: await bytesOf(databases.url('warehouse')),
  };
  bench.progress(`${count(orders)} orders: small changes`);
  return { orders, rows, first, limits, bytes, deltas: await measureDeltas(bench, source, lake) };
}

/** What changes before each run, given the number of the run. */
const changes: Readonly<Record<string, (run: number) => string | undefined>> = {
  nothing: () => undefined,
  two: (run) => `UPDATE payment SET paid = NOT paid, last_updated = now() WHERE payment_id IN (${run}, ${run + 1000})`,
  hundred: (run) => `
    UPDATE sales_order SET units_sold = units_sold + 1, last_updated = now()
    WHERE sales_order_id BETWEEN ${run * 100 + 1} AND ${run * 100 + 100}`,
};

/** The pipeline goes on from the last first load, its functions warmed up by a run that is not counted. */
async function measureDeltas({ databases, modules }: Bench, source: string, lake: string): Promise<Size['deltas']> {
  const pipeline = await Pipeline.start(modules, { source, warehouse: databases.url('warehouse'), lake });
  const deltas: Record<string, Run[]> = Object.fromEntries(Object.keys(changes).map((name) => [name, []]));
  for (let run = 0; run <= deltaRuns; run++) {
    for (const [name, change] of Object.entries(changes)) {
      const sql = change(run);
      if (sql !== undefined) await onDatabase(source, (client) => client.query(sql));
      const measured = await pipeline.run();
      if (run > 0) deltas[name]!.push(measured);
    }
  }
  await pipeline.stop();
  return deltas;
}

/** The requests that runs make of an object store, counted by one that stands in for S3: by what changed before. */
export async function requestsOfRuns({ databases, modules }: Bench): Promise<RequestsOfRuns> {
  const s3 = new FakeS3();
  const env = {
    AWS_ENDPOINT_URL_S3: await s3.start(),
    AWS_REGION: 'eu-west-2',
    AWS_ACCESS_KEY_ID: 'test',
    AWS_SECRET_ACCESS_KEY: 'test',
  };
  const [source, warehouse] = [await databases.fresh('totesys'), await databases.fresh('warehouse')];
  await generate({ url: source, orders: 100, seed: 1 });
  const pipeline = await Pipeline.start(modules, { source, warehouse, lake: `s3://${s3.bucket}` }, env);
  await pipeline.run();
  const ofRun = async (change: string | undefined): Promise<Requests> => {
    if (change !== undefined) await onDatabase(source, (client) => client.query(change));
    const before = s3.requests.length;
    await pipeline.run();
    return countRequests(s3.requests.slice(before));
  };
  const requests = { nothing: await ofRun(undefined), hundred: await ofRun(changes.hundred!(0)) };
  await pipeline.stop();
  await s3.stop();
  return requests;
}

async function limit(databases: Databases, source: string, keys: Keys): Promise<number> {
  const seconds = await copyByPsql(source, await databases.fresh('copied'), keys);
  await databases.drop('copied');
  return seconds;
}

const bytesOf = (database: string): Promise<number> =>
  onDatabase(database, async (client) => {
    const { rows } = await client.query<{ bytes: string }>('SELECT pg_database_size(current_database()) AS bytes');
    return Number(rows[0]!.bytes);
  });

async function bytesIn(directory: string): Promise<number> {
  const names = await readdir(directory, { recursive: true, withFileTypes: true });
  const found = names.filter((name) => name.isFile()).map((name) => stat(join(name.parentPath, name.name)));
  return (await Promise.all(found)).reduce((sum, { size }) => sum + size, 0);
}
