import { startPostgres, type PostgresServer } from '../../packages/cli/src/local/postgresServer.ts';

declare global {
  var totesPostgres: PostgresServer | undefined;
}

/** One real PostgreSQL server for the whole run; each test file makes databases of its own on it. */
export default async function start(): Promise<void> {
  globalThis.totesPostgres = await startPostgres({
    settings: {
      fsync: 'off',
      max_connections: '200',
      max_prepared_transactions: '10',
      // A vacuum at the wrong moment would hold a snapshot back, and with it what a test about snapshots expects.
      autovacuum: 'off',
    },
  });
  process.env.TOTES_TEST_POSTGRES = globalThis.totesPostgres.url('postgres');
}
