import { appendFile, chmod, chown, mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { openLake, type RawManifest } from '@totes/core';
import pg from 'pg';
import { runningPid, startDetached, stopDetached } from '../../src/local/detachedServer.ts';
import { startPostgres } from '../../src/local/postgresServer.ts';
import { generate } from '../../src/sampleData/generate.ts';
import { differences } from '../compare.ts';
import { totes, type Outcome } from '../pipelineTest.ts';
import { expectWhole, failureOf } from './wholeness.ts';

/** A server of these tests' own, which they stop, kill and start while the pipeline is at work. */
let directory: string;
let port: number;
let source: Database;
let warehouse: Database;
let lake: string;
let round = 0;

/** A database that is connected to anew for each query: connections do not outlive a restart. */
class Database {
  readonly url: string;
  constructor(url: string) {
    this.url = url;
  }
  async query<Row extends pg.QueryResultRow>(sql: string, values?: unknown[]): Promise<Row[]> {
    const client = await this.connect();
    try {
      return (await client.query<Row>(sql, values)).rows;
    } finally {
      await client.end();
    }
  }
  async connect(): Promise<pg.Client> {
    const client = new pg.Client(this.url);
    client.on('error', () => undefined);
    await client.connect();
    return client;
  }
}

beforeAll(async () => {
  directory = join(await mkdtemp(join(tmpdir(), 'totes-restart-')), 'data');
  await chmod(dirname(directory), 0o755);
  const server = await startPostgres({ directory });
  for (const name of ['totesys', 'warehouse']) await server.createDatabase(name);
  [source, warehouse] = [new Database(server.url('totesys')), new Database(server.url('warehouse'))];
  port = Number(new URL(source.url).port);
  await server.detach();
  lake = join(dirname(directory), 'lake');
  await generate({ url: source.url, orders: 20, seed: 7 });
  expect(failureOf(await run())).toBeUndefined();
}, 120_000);
afterAll(async () => {
  await stopDetached(directory);
  await rm(dirname(directory), { recursive: true });
});

const run = (): Promise<Outcome> =>
  totes('run', '--source', source.url, '--warehouse', warehouse.url, '--lake', lake, '--json');

async function newestLook(): Promise<RawManifest> {
  const { raw } = await openLake(lake);
  return raw.log.read(await raw.log.head());
}

async function change(): Promise<void> {
  round++;
  await source.query('UPDATE sales_order SET units_sold = $1 + sales_order_id', [round * 1000]);
  await source.query('UPDATE staff SET last_name = $1 WHERE staff_id < 5', [`Name ${round}`]);
}

/** Stops the server as `pg_ctl stop` does in mode fast (SIGINT), or lets it crash (SIGQUIT: no checkpoint). */
async function stop(signal: 'SIGINT' | 'SIGQUIT'): Promise<void> {
  process.kill((await runningPid(directory))!, signal);
  while ((await runningPid(directory)) !== undefined) await setTimeout(20);
}

/** Waits until the pipeline waits for a lock. */
async function untilItWaits(database: Database): Promise<void> {
  const waiting = `SELECT 1 FROM pg_stat_activity WHERE application_name LIKE 'totes %' AND wait_event_type = 'Lock'`;
  while ((await database.query(waiting)).length === 0) await setTimeout(20);
}

test.each([
  ['amid the reading of the source', 'SIGINT', 'source', 'LOCK TABLE sales_order IN ACCESS EXCLUSIVE MODE'],
  ['amid the reading of the source', 'SIGQUIT', 'source', 'LOCK TABLE sales_order IN ACCESS EXCLUSIVE MODE'],
  ['amid the load, with a dimension to come', 'SIGINT', 'warehouse', 'LOCK TABLE dim_staff IN SHARE MODE'],
  ['amid the load, with a fact to come', 'SIGQUIT', 'warehouse', 'LOCK TABLE fact_sales_order IN SHARE MODE'],
  ['amid the load, with the ledger to come', 'SIGQUIT', 'warehouse', 'LOCK TABLE etl.load_log IN SHARE MODE'],
] as const)('a server that is restarted %s, by %s', async (_, signal, side, lock) => {
  await change();
  const database = side === 'source' ? source : warehouse;
  const blocker = await database.connect();
  await blocker.query(`BEGIN; ${lock}`);
  const running = run();
  await untilItWaits(database);
  await stop(signal);
  expect(failureOf(await running)).toBe(side === 'source' ? 'SourceUnavailable' : 'WarehouseUnavailable');
  expect(failureOf(await run())).toBe('WarehouseUnavailable');
  await startDetached(directory, port);
  expect(failureOf(await run())).toBeUndefined();
  expect(await differences(source, warehouse)).toEqual([]);
});

test('a server that is not ready yet, and then runs on a new timeline', async () => {
  const before = await newestLook();
  await change();
  await stop('SIGQUIT');
  // Recovery from an archive, which takes its time and ends with a promotion, as a failover does.
  const { uid, gid } = await stat(directory);
  await appendFile(join(directory, 'postgresql.auto.conf'), `restore_command = 'sleep 1; false'\n`);
  await writeFile(join(directory, 'recovery.signal'), '');
  await chown(join(directory, 'recovery.signal'), uid, gid);
  const started = startDetached(directory, port);
  const told: string[] = [];
  let outcome = await run();
  for (; outcome.code !== 0; outcome = await run()) {
    expect(failureOf(outcome)).toBe('WarehouseUnavailable');
    told.push(...outcome.error);
    await setTimeout(100);
  }
  await started;
  expect(told.join('\n')).toMatch(/the database system is (starting up|not yet accepting connections)/);
  // The server answers questions before it takes changes: what was read then is of the timeline before.
  expect(failureOf(await run())).toBeUndefined();
  expect((await newestLook()).source.timeline).toBeGreaterThan(before.source.timeline);
  expect(await differences(source, warehouse)).toEqual([]);
});

test('after all of these every version is there once', () => expectWhole({ source, warehouse, lake } as never));
