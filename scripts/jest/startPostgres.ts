import pg from 'pg';
import { startPostgres, type PostgresServer } from '../../packages/cli/src/local/postgresServer.ts';

declare global {
  var totesPostgres: readonly PostgresServer[];
}

/** What tests rely on, also of a server that is given. */
const needed = {
  max_connections: '200',
  max_prepared_transactions: '10',
  // A vacuum at the wrong moment would hold a snapshot back, and with it what a test about snapshots expects.
  autovacuum: 'off',
};

/**
 * A real PostgreSQL server for each worker, on which its test files make databases of their own: a transaction of another
 * worker's test would hold a snapshot back. They are started here, unless TOTES_TEST_POSTGRES gives the URL of one, as its
 * superuser; it serves one worker.
 * @throws Error where the server has other settings than the tests need, or shall serve several workers
 */
export default async function start({ maxWorkers }: { readonly maxWorkers: number }): Promise<void> {
  const given = process.env.TOTES_TEST_POSTGRES;
  if (given !== undefined && maxWorkers > 1) {
    throw new Error(`The server of TOTES_TEST_POSTGRES serves one worker, not ${maxWorkers}: add --runInBand`);
  }
  globalThis.totesPostgres = given === undefined ? await startServers(maxWorkers) : [];
  const urls = given === undefined ? globalThis.totesPostgres.map((server) => server.url('postgres')) : [given];
  process.env.TOTES_TEST_POSTGRES = urls.join(' ');
  const settings = await readSettings(urls[0]!);
  const missing = Object.entries(needed).filter(([name, value]) => settings.get(name) !== value);
  if (missing.length > 0) {
    const options = missing.map(([name, value]) => `-c ${name}=${value}`).join(' ');
    throw new Error(
      `The server of TOTES_TEST_POSTGRES has other settings than the tests need: start it with ${options}`,
    );
  }
  process.env.TOTES_TEST_RELEASE = settings.get('server_version');
  console.log(`\nPostgreSQL ${process.env.TOTES_TEST_RELEASE}`);
}

async function startServers(count: number): Promise<PostgresServer[]> {
  const one = (): Promise<PostgresServer> => startPostgres({ settings: { ...needed, fsync: 'off' } });
  // The first makes the account that all run as, where one is needed.
  const first = await one();
  return [first, ...(await Promise.all(Array.from({ length: count - 1 }, one)))];
}

async function readSettings(url: string): Promise<Map<string, string>> {
  const client = new pg.Client(url);
  await client.connect();
  try {
    const { rows } = await client.query<{ name: string; setting: string }>('SELECT name, setting FROM pg_settings');
    return new Map(rows.map(({ name, setting }) => [name, setting]));
  } finally {
    await client.end();
  }
}
