import pg from 'pg';
import { startPostgres, type PostgresServer } from '../../packages/cli/src/local/postgresServer.ts';

declare global {
  var totesPostgres: PostgresServer | undefined;
}

/** What tests rely on, also of a server that is given. */
const needed = {
  max_connections: '200',
  max_prepared_transactions: '10',
  // A vacuum at the wrong moment would hold a snapshot back, and with it what a test about snapshots expects.
  autovacuum: 'off',
};

/**
 * One real PostgreSQL server for the whole run; each test file makes databases of its own on it. It is started here, unless
 * TOTES_TEST_POSTGRES gives the URL of one, as its superuser.
 * @throws Error where the server has other settings than the tests need
 */
export default async function start(): Promise<void> {
  if (process.env.TOTES_TEST_POSTGRES === undefined) {
    globalThis.totesPostgres = await startPostgres({ settings: { ...needed, fsync: 'off' } });
    process.env.TOTES_TEST_POSTGRES = globalThis.totesPostgres.url('postgres');
  }
  const settings = await readSettings(process.env.TOTES_TEST_POSTGRES);
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
