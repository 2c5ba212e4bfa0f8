import { execFile } from 'node:child_process';
import { appendFile, chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { startDetached, stopDetached } from '../../packages/cli/src/local/detachedServer.ts';
import { freePort, startPostgres } from '../../packages/cli/src/local/postgresServer.ts';

const run = promisify(execFile);

/** A PostgreSQL server of a test's own, which may be stopped, copied as its files stand, and started again. */
export interface Cluster {
  /** Its data directory. */
  readonly directory: string;
  /** The URL of a database on it, as the superuser. */
  url(database: string): string;
  start(): Promise<void>;
  /** Ends it in order, as an administrator does: it has nothing to recover from when it starts. */
  stop(): Promise<void>;
  /** A server with a copy of the files, stopped, at a port of its own. Call it while this one is stopped. */
  copy(): Promise<Cluster>;
  /** Stops it and removes its files. */
  drop(): Promise<void>;
}

/** Makes a cluster with one empty database, and starts it. Call `drop` when done. */
export async function createCluster(database: string): Promise<Cluster> {
  const parent = await newParent();
  const directory = join(parent, 'data');
  const server = await startPostgres({ directory, settings: { fsync: 'off' } });
  await server.createDatabase(database);
  await server.stop();
  // Small, so that several fit beside the server of the test run.
  await appendFile(join(directory, 'postgresql.conf'), '\nfsync = off\nshared_buffers = 16MB\nmax_connections = 20\n');
  const cluster = await at(parent);
  await cluster.start();
  return cluster;
}

async function at(parent: string): Promise<Cluster> {
  const directory = join(parent, 'data');
  const port = await freePort();
  return {
    directory,
    url: (database) => `postgres://postgres:totes@127.0.0.1:${port}/${database}`,
    start: () => startDetached(directory, port),
    stop: () => stopDetached(directory),
    async copy() {
      const beside = await newParent();
      // Owner and rights have to stay, which Node's own copy does not see to.
      await run('cp', ['-Rp', directory, join(beside, 'data')]);
      return at(beside);
    },
    async drop() {
      await stopDetached(directory);
      await rm(parent, { recursive: true, force: true });
    },
  };
}

async function newParent(): Promise<string> {
  const parent = await mkdtemp(join(tmpdir(), 'totes-cluster-'));
  // The account that runs PostgreSQL must be able to pass through.
  await chmod(parent, 0o755);
  return parent;
}
